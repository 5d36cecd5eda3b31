#include "tidings/server/loop/outbox.h"

#include <chrono>
#include <utility>

#include "tidings/server/loop/event_loop.h"

namespace tidings {
namespace {

constexpr std::size_t kMostEntries = 1024;
constexpr std::size_t kMostBytes = 256 * 1024;
constexpr std::chrono::milliseconds kTimePerTurn{2};
constexpr int kRoundsPerTurn = 64;

}  // namespace

bool Outbox::add(Sender& sender, int socket, std::string_view bytes) {
  if (filling_.entries.size() == kMostEntries || filling_.bytes.size() + bytes.size() > kMostBytes) return false;
  if (filling_.entries.empty() && !is_in_rounds_) loop_.post([this] { leave(); });
  filling_.entries.push_back({&sender, socket, bytes.size()});
  filling_.bytes += bytes;
  return true;
}

void Outbox::forget(const Sender& sender) {
  for (Load* load : {&filling_, &leaving_}) {
    for (Entry& entry : load->entries) {
      if (entry.sender == &sender) entry.sender = nullptr;
    }
  }
}

void Outbox::leave() {
  const Clock::Time end = loop_.now() + kTimePerTurn;
  is_in_rounds_ = true;
  int rounds = 0;
  do send();
  while (!filling_.entries.empty() && ++rounds < kRoundsPerTurn && loop_.now() < end);
  is_in_rounds_ = false;
  const bool is_behind = !filling_.entries.empty();
  loop_.sockets().hold_back(is_behind);
  if (is_behind) loop_.post([this] { leave(); });
}

void Outbox::send() {
  std::swap(filling_, leaving_);
  std::string_view bytes = leaving_.bytes;
  std::erase_if(leaving_.entries, [&](const Entry& entry) {
    if (entry.sender) sends_.push_back({entry.socket, bytes.substr(0, entry.size)});
    bytes.remove_prefix(entry.size);
    return !entry.sender;
  });
  loop_.batch_sender().send(sends_);
  for (std::size_t i = 0; i < sends_.size(); ++i) {
    if (Sender* const sender = leaving_.entries[i].sender) sender->on_sent(sends_[i]);
  }
  sends_.clear();
  leaving_.entries.clear();
  leaving_.bytes.clear();
}

}  // namespace tidings
