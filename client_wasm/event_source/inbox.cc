#include "tidings/client_wasm/event_source/inbox.h"

#include <cstdint>
#include <utility>

#include "tidings/client_wasm/base/text.h"

namespace tidings {
namespace {

constexpr std::size_t kFewestChains = 16;

// FNV-1a. Whoever chooses keys that meet makes a put look at all that wait, of which there is a limit.
std::size_t hash_of(std::string_view key) {
  std::uint32_t hash = 2166136261;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
  return hash;
}

}  // namespace

struct Inbox::Entry {
  Entry* before = nullptr;
  Entry* next = nullptr;
  Entry* next_in_chain = nullptr;
  std::size_t hash = 0;
  std::size_t key_size = 0, type_size = 0, data_size = 0, id_size = 0, size = 0;
  Text bytes;  // the key, the type, the data, the id and the origin, one after the other

  std::string_view key() const { return std::string_view(bytes).substr(0, key_size); }
};

Inbox::~Inbox() {
  while (first_ != nullptr) delete std::exchange(first_, first_->next);
}

// Where the entry with this key hangs, or would hang: at the end of its chain. There is one at least.
Inbox::Entry** Inbox::find(std::string_view key, std::size_t hash) {
  Entry** place = &chains_[hash & (chain_count_ - 1)];
  while (*place != nullptr && ((*place)->hash != hash || (*place)->key() != key)) place = &(*place)->next_in_chain;
  return place;
}

void Inbox::append(Entry* entry) {
  entry->before = last_;
  (last_ != nullptr ? last_->next : first_) = entry;
  last_ = entry;
  ++counts_.waiting;
}

// Makes so many chains of what hangs on those that there are.
void Inbox::spread(std::size_t chains) {
  chains_.reset(new Entry*[chains]());
  chain_count_ = chains;
  for (Entry* entry = first_; entry != nullptr; entry = entry->next) {
    if (entry->key_size == 0) continue;
    Entry*& chain = chains_[entry->hash & (chains - 1)];
    entry->next_in_chain = std::exchange(chain, entry);
  }
}

void Inbox::drop_oldest_but(const Entry* spared) {
  Entry* const entry = first_ == spared ? first_->next : first_;
  if (entry->key_size != 0) *find(entry->key(), entry->hash) = entry->next_in_chain;
  (entry->before != nullptr ? entry->before->next : first_) = entry->next;
  (entry->next != nullptr ? entry->next->before : last_) = entry->before;
  bytes_ -= entry->size;
  --counts_.waiting;
  ++counts_.dropped;
  delete entry;
}

void Inbox::put(std::string_view key, const MessageView& message) {
  const std::string_view id = message.last_event_id;
  const std::size_t size = key.size() + message.type.size() + message.data.size() + id.size() + message.origin.size();
  if (size > limits_.bytes || limits_.messages == 0) {
    ++counts_.dropped;
    return;
  }
  if (counts_.waiting >= chain_count_) spread(chain_count_ == 0 ? kFewestChains : 2 * chain_count_);
  const std::size_t hash = hash_of(key);
  Entry** const place = key.empty() ? nullptr : find(key, hash);
  Entry* entry = place != nullptr ? *place : nullptr;
  if (entry != nullptr) {
    ++counts_.coalesced;
    bytes_ -= entry->size;
  } else {
    entry = new Entry;
    entry->hash = hash;
    if (place != nullptr) *place = entry;
    append(entry);
  }
  entry->key_size = key.size();
  entry->type_size = message.type.size();
  entry->data_size = message.data.size();
  entry->id_size = id.size();
  entry->size = size;
  entry->bytes = Text({key, message.type, message.data, id, message.origin});
  bytes_ += size;
  while (counts_.waiting > limits_.messages || bytes_ > limits_.bytes) drop_oldest_but(entry);
}

void Inbox::take(const OnTaken& callback) {
  Entry* entry = std::exchange(first_, nullptr);
  last_ = nullptr;
  chains_.reset();
  chain_count_ = 0;
  counts_.waiting = 0;
  bytes_ = 0;
  while (entry != nullptr) {
    std::string_view rest = entry->bytes;
    const auto cut = [&rest](std::size_t size) {
      const std::string_view part = rest.substr(0, size);
      rest.remove_prefix(size);
      return part;
    };
    const std::string_view key = cut(entry->key_size);
    MessageView message;
    message.type = cut(entry->type_size);
    message.data = cut(entry->data_size);
    message.last_event_id = cut(entry->id_size);
    message.origin = rest;
    callback(key, message);
    delete std::exchange(entry, entry->next);
  }
}

}  // namespace tidings
