#include "tidings/client_wasm/event_source/inbox.h"

#include <string>
#include <utility>

namespace tidings {

struct Inbox::Entry {
  Entry* next = nullptr;
  std::size_t key_size = 0, type_size = 0, data_size = 0, id_size = 0;
  std::string bytes;  // the key, the type, the data, the id and the origin, one after the other

  std::string_view key() const { return std::string_view(bytes).substr(0, key_size); }
  void set(std::string_view key, const MessageView& message) {
    key_size = key.size();
    type_size = message.type.size();
    data_size = message.data.size();
    const std::string_view id = message.last_event_id;
    id_size = id.size();
    std::string all;
    all.reserve(key_size + type_size + data_size + id_size + message.origin.size());
    for (const std::string_view part : {key, message.type, message.data, id, message.origin}) {
      all.append(part);
    }
    bytes = std::move(all);
  }
};

Inbox::~Inbox() {
  while (first_ != nullptr) delete std::exchange(first_, first_->next);
}

void Inbox::drop(Entry** at) {
  Entry* const entry = *at;
  *at = entry->next;
  bytes_ -= entry->bytes.size();
  --counts_.waiting;
  delete entry;
}

void Inbox::put(std::string_view key, const MessageView& message) {
  Entry** place = &first_;
  while (*place != nullptr && (key.empty() || (*place)->key() != key)) place = &(*place)->next;
  const bool is_new = *place == nullptr;
  if (is_new) {
    *place = new Entry;
    ++counts_.waiting;
  } else {
    ++counts_.coalesced;
  }
  Entry* const entry = *place;
  bytes_ -= entry->bytes.size();
  entry->set(key, message);
  bytes_ += entry->bytes.size();
  while (counts_.waiting > limits_.messages || bytes_ > limits_.bytes) {
    ++counts_.dropped;
    drop(&first_);
  }
}

void Inbox::take(const OnTaken& callback) {
  Entry* entry = std::exchange(first_, nullptr);
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
