// Messages that wait for a page that looks less often than they come: once a frame, or not at all while it is hidden.
//   source.on_message([&](const MessageView& message) { inbox.put(message.data.substr(0, 4), message); });
//   … once a frame: inbox.take([&](std::string_view key, const MessageView& message) { … });
// Of those with the same key the latest wins, in the place of the first, and what it replaced is counted. Bounded in
// count and bytes: where a message has no room, the oldest others go and are counted too. Messages with an empty key
// never replace each other. How many wait makes no message cost more. It knows nothing of frames or sources. The page
// has one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "tidings/client_wasm/base/callback.h"
#include "tidings/client_wasm/event_source/event_source.h"

namespace tidings {

class Inbox {
 public:
  struct Limits {
    std::size_t messages = 1000;
    std::size_t bytes = 1 << 20;  // of keys, types, data, ids and origins
  };
  struct Counts {
    std::size_t waiting = 0;
    std::size_t coalesced = 0;  // replaced by a later one of their key
    std::size_t dropped = 0;    // for want of room
  };
  using OnTaken = Callback<void(std::string_view key, const MessageView& message)>;

  Inbox() = default;
  explicit Inbox(Limits limits) : limits_(limits) {}
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox();

  // Copies it. One that has more bytes by itself than the limit is dropped, and nothing else, not even an earlier one
  // of its key.
  void put(std::string_view key, const MessageView& message);

  // Calls back with each message that waits, the oldest first. What is put in meanwhile waits for the next time.
  void take(const OnTaken& callback);

  Counts counts() const { return counts_; }

 private:
  struct Entry;

  Entry** find(std::string_view key, std::size_t hash);
  void append(Entry* entry);
  void spread(std::size_t chains);
  void drop_oldest_but(const Entry* spared);

  Limits limits_;
  Counts counts_;
  std::size_t bytes_ = 0;
  Entry* first_ = nullptr;  // in their order
  Entry* last_ = nullptr;
  std::unique_ptr<Entry*[]> chains_;  // those with a key, by its hash
  std::size_t chain_count_ = 0;       // a power of two, or none yet
};

}  // namespace tidings
