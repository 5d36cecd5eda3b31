// The newest events that a tab has seen of a shared stream, in the order in which leaders passed them on: for tabs that
// missed some, and to know again what another leader brings a second time. Bounded in count and in bytes of data; of an
// event beyond the bytes only the id is kept. The page has one thread.
#pragma once

#include <cstddef>
#include <string>

#include "client_wasm/share_message.h"

namespace tidings {

class ShareLog {
 public:
  struct Limits {
    std::size_t events = 512;
    std::size_t bytes = 256 * 1024;
  };
  struct Entry {
    Entry* next = nullptr;
    SharePosition position;
    bool is_whole = true;     // its data is still here
    bool may_return = false;  // a leader who has not seen it may bring it again
    std::string type, data, id;
  };

  ShareLog() = default;
  ShareLog(const ShareLog&) = delete;
  ShareLog& operator=(const ShareLog&) = delete;
  ~ShareLog() { clear(); }

  // Forgets everything; what is appended next follows `position`, where the last event's id was `id`.
  void begin_at(SharePosition position, std::string_view id);
  void append(SharePosition position, std::string_view type, std::string_view data, std::string_view id);

  struct Found {
    bool is_whole;       // all that follows is here
    const Entry* base;   // the newest that is not behind the position; null: that before the first
    const Entry* first;  // what follows the base; null: nothing yet
  };
  Found after(SharePosition position) const;
  SharePosition before() const { return before_; }
  std::string_view before_id() const { return before_id_; }
  // The newest that is not whole, or null: what follows it is whole.
  const Entry* newest_hollow() const;
  // The oldest from `entry` on that is not expected again: to others, those are still to come.
  static const Entry* passed_on(const Entry* entry);
  const Entry* first() const { return passed_on(first_); }

  // A new leader who has seen what came up to `position` will bring again what came after it. False where that is from
  // before this log.
  bool expect_after(SharePosition position);
  // The same of a leader who has seen what came up to the event of this id. False where that event is not known here.
  bool expect_after(std::string_view id);
  // Whether an event of this id was expected, which from now on is the one at `position`. It and what came before it
  // are not expected any more.
  bool take_again(std::string_view id, SharePosition position);
  bool expects() const { return expected_ != 0; }
  // Where some have come again, those that have not are out of their order and leave the log.
  void expect_none();

 private:
  void clear();
  void drop_first();

  Limits limits_;
  Entry* first_ = nullptr;
  Entry* last_ = nullptr;
  std::size_t count_ = 0, bytes_ = 0, expected_ = 0;
  bool has_returned_ = false;  // one that was expected
  SharePosition before_;       // the first
  std::string before_id_;
};

}  // namespace tidings
