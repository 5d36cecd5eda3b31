// One connection for all tabs of an origin that follow the same stream: EventSource::shared(url, reopening). Browsers
// allow six connections to a server over HTTP/1.1, all tabs together, so streams of a seventh tab would wait forever.
// The tab that holds the lock `tidings2:URL` (`tidings2+credentials:URL` with credentials) is the leader: it has the
// connection, and passes every event on over the BroadcastChannel of that name. When it is closed, frozen or kept for
// later, another one gets the lock and goes on after the last event that it has seen. So it is when the browser has
// ended the leader's script in the middle of an event, as Firefox does to a tab that it closes. A tab that has missed
// some asks the leader, who keeps the newest (share_log.h); one that is ahead of a new leader leaves out what it has
// had already. A tab that has had no event yet goes on from the server's `begin`, of which the leader tells those that
// come later too. A tab that names an event to begin after gets what came after it, where the leader has it. What can't
// be had is told by a `gap` event of the server's form, {"channel":"","asked":"ID","first":"ID"}, whose id is where it
// goes on. A stream that the server does not keep, such as the clock, goes on with what is new. Where the browser has
// no locks or channels, as in an insecure context, the tab has a connection of its own. Source: W3C Web Locks API;
// WHATWG HTML, "Broadcasting to other browsing contexts". It is no protection from other scripts of the origin: they
// can read what is passed on, and say anything of the right form. The page has one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tidings/client_wasm/base/timer.h"
#include "tidings/client_wasm/base/wake.h"
#include "tidings/client_wasm/event_source/message_source.h"
#include "tidings/client_wasm/event_source/reopening.h"
#include "tidings/client_wasm/share/share_log.h"
#include "tidings/client_wasm/share/share_message.h"

namespace tidings {

class SharedStream final : public MessageSource, private Wakeful {
 public:
  SharedStream(std::string_view url, const Reopening& options);
  static EventSource make(std::string_view url, const Reopening& options);

  void take(std::string_view bytes);  // for JavaScript: what another tab has said
  void take_lead();                   // for JavaScript: the lock is ours; the second time: it is ours no longer
  void wake() override;
  void sleep() override;

 private:
  enum class Role {
    kFollower,   // hears from a leader, and waits for the lock
    kCandidate,  // has the lock, and waits for what the last leader may still have said
    kLeader,     // has the lock and the connection
    kAlone,      // has a connection of its own, and nothing to do with other tabs
    kAsleep,     // does nothing: not begun, frozen, kept for later or closed
  };

  ~SharedStream() override;
  void listen(const Type& type) override;
  void unlisten(const Type&) override {}  // other tabs may want it
  void shut() override { leave(); }

  void join();
  void leave();
  void connect();
  void begin_term();
  void queue_again();
  void take_own(const MessageView& message);
  void take_own(State state);
  void follow_term(const ShareMessage& message);
  void take_event(const ShareMessage& message);
  void take_gap(const ShareMessage& message);
  void take_here(const ShareMessage& message);
  void answer(const ShareMessage& message);
  void ask();
  void pass_on(ShareMessage message);
  void hand(const ShareMessage& message);
  void give_gap(std::string_view first, std::string_view id);
  void take_answer();
  void mirror(const ShareMessage& message);
  ShareMessage make(ShareMessage::Kind kind, std::uint32_t to = 0) const;
  void post(const ShareMessage& message);
  void post_want(const Type& type, std::uint32_t to);
  void hear(const Type& type);
  static void take_due(void* owner);

  std::string url_;
  Reopening options_;
  Role role_ = Role::kAsleep;
  std::uint32_t self_;  // this tab, to the others
  SharePosition position_ = 0;
  std::uint64_t top_term_ = 0;  // the latest that any tab has spoken of
  std::string last_id_;         // of the last event that was delivered here
  std::string place_id_;        // of the event at position_: an earlier one, while a new leader brings events again
  bool is_asking_ = false;
  ShareLog log_;
  EventSource* own_ = nullptr;  // the connection, of a leader or one that is alone
  Timer timer_{take_due, this};
};

}  // namespace tidings
