// The newest events that a tab has seen of a shared stream, in the order in which leaders passed them on: for tabs that
// missed some, and to know again what another leader brings a second time. Bounded in count and in bytes of data, but
// for the newest. The page has one thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "tidings/client_wasm/share/share_message.h"

namespace tidings {

class ShareLog {
 public:
  static constexpr std::size_t kMostEvents = 512;
  static constexpr std::size_t kMostBytes = 256 * 1024;

  ShareLog() = default;
  ShareLog(const ShareLog&) = delete;
  ShareLog& operator=(const ShareLog&) = delete;
  ~ShareLog() { clear(); }

  // Forgets everything; what is appended next follows `position`, where the last event's id was `id`.
  void begin_at(SharePosition position, std::string_view id);
  // Copies it, before what is expected again.
  void append(const ShareMessage& message);

  // Where the log begins: its position and its id hold, its event is gone.
  ShareMessage* base() const { return base_; }
  // The next that is not expected again, or null: to others, those are still to come.
  static ShareMessage* after(const ShareMessage* message);

  // The position of the event of this id, as far as it is not expected again; 0: there is none.
  SharePosition find(std::string_view id) const;

  // A new leader who has seen what came up to `position` will bring again what came after it. False where that is from
  // before this log.
  bool expect_after(SharePosition position);
  // The same of a leader who has seen what came up to the event of this id. False where that event is not known here.
  bool expect_after(std::string_view id);
  // Whether one of its id was expected, whose place it takes: it may be a gap up to that one, which who knows that one
  // has no need of, but others have. It and what came before it are not expected any more.
  bool take_again(const ShareMessage& message);
  bool expects() const;
  // Where some have come again, those that have not are out of their order and leave the log.
  void expect_none();

 private:
  void clear();
  void expect_none_up_to(const ShareMessage* last);

  ShareMessage* base_ = nullptr;
  bool has_returned_ = false;  // one that was expected
};

}  // namespace tidings
