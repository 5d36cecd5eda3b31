// The newest events that a tab has seen of a shared stream, in the order in which leaders passed them on: for tabs that
// missed some, and to recognise what another leader brings a second time. Bounded in count and in bytes of data, though
// the newest event is always kept. The page has one thread.
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
  // Copies it, in front of the events that are expected again.
  void append(const ShareMessage& message);

  // Where the log begins: the position and the id of an event that is itself gone.
  ShareMessage* base() const { return base_; }
  // The next event that is not expected again, or null. Those that are, are left out: to other tabs they are still to
  // come.
  static ShareMessage* after(const ShareMessage* message);

  // The position of the event of this id, as far as it is not expected again; 0: there is none.
  SharePosition find(std::string_view id) const;

  // A new leader, who has seen what came up to `position`, will bring again what came after it: that is expected from
  // now on. False where `position` is from before this log.
  bool expect_after(SharePosition position);
  // The same for a leader who has seen what came up to the event of this id. False where that event is not known here.
  bool expect_after(std::string_view id);
  // Returns whether an event of this id was expected. Then the message takes its place in the log, and neither that nor
  // what came before it is expected any more. The message may also be a gap that reaches up to that event: this tab,
  // which knows the event, has no need of the gap, but others have.
  bool take_again(const ShareMessage& message);
  bool expects() const;
  // Nothing is expected any more. If some of what was expected has come again, the rest is out of its order now and
  // leaves the log.
  void expect_none();

 private:
  void clear();
  void expect_none_up_to(const ShareMessage* last);

  ShareMessage* base_ = nullptr;
  bool has_returned_ = false;  // some of what was expected has come again
};

}  // namespace tidings
