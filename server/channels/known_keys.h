// The idempotency keys of the events that a channel's log keeps, and their sequence numbers. A key is forgotten with
// its event. Source: the HTTP working group's draft "The Idempotency-Key HTTP Header Field". Not thread-safe: Channel
// locks.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace tidings {

class KnownKeys {
 public:
  // The event that came with this key, if the log still keeps it; `first` is the first that it keeps.
  std::optional<std::uint64_t> find(const std::string& key, std::uint64_t first) {
    for (; !order_.empty() && order_.front()->second < first; order_.pop_front()) sequences_.erase(order_.front());
    const auto known = sequences_.find(key);
    return known == sequences_.end() ? std::nullopt : std::optional(known->second);
  }

  // After find() has not found it. The events come in the order of their numbers.
  void add(const std::string& key, std::uint64_t sequence) {
    order_.push_back(sequences_.emplace(key, sequence).first);
  }

 private:
  using Sequences = std::map<std::string, std::uint64_t>;

  Sequences sequences_;
  std::deque<Sequences::iterator> order_;
};

}  // namespace tidings
