// The browser's EventSource for C++: an object that is connected for as long as it lives, and tells what comes and how
// it stands with the connection. Source: WHATWG HTML, "Server-sent events", section "The EventSource interface". The
// browser parses the stream and reconnects by itself; as constructed from a URL alone this adds nothing to what goes
// over the wire. What browsers leave out is an option: opening anew where they give up, and noticing a connection that
// has fallen silent (reopening.h). It is not the parser, which is the browser's, nor a queue: see inbox.h for a page
// that draws less often than events come. The page has one thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "tidings/client_wasm/base/callback.h"

namespace tidings {

class Connection;
class LateId;
class MessageSource;
struct Reopening;

// A std::string_view that comes out of the browser only when somebody looks at it: it costs a quarter of all else about
// an event, and most pages never look.
class LastEventId {
 public:
  LastEventId(std::string_view text = {}) : text_(text) {}
  explicit LastEventId(LateId& late) : late_(&late) {}
  operator std::string_view() const;

 private:
  std::string_view text_;
  LateId* late_ = nullptr;  // null: it is text_
};

// Valid during the call. Data may hold anything, NUL too.
struct MessageView {
  std::string_view type, data;
  LastEventId last_event_id;
  std::string_view origin;  // of the server, as https://example.org
};

class EventSource {
 public:
  enum class State {
    kConnecting,    // has not been open yet
    kOpen,          // the server's answer has come; events may follow
    kReconnecting,  // the connection was lost and is being made again, now or after the browser's own wait
    kWaiting,       // the browser gave up or the connection fell silent: there is a pause before the next attempt
    kClosed,        // for good
  };

  // Why it waits or is closed. Of an EventSource browsers do not tell pages more: not the status, not the type of what
  // was answered. The last three are for sources that know more.
  enum class Reason {
    kNone,         // it does neither
    kClosedHere,   // by close()
    kRefused,      // the browser gave up: the answer was refused (a status other than 200) or was no event stream
    kSilent,       // nothing has come for longer than the server leaves a stream silent, or no answer to an attempt
    kGaveUp,       // the last of the attempts that were allowed has failed
    kUnavailable,  // the browser can't open it: the URL is none, or there is no EventSource here
    kEnded,        // the server has ended the stream
    kLost,         // the connection broke, or none could be had
    kTooLong,      // an event is longer than the limits allow
  };

  enum class Credentials { kSameOrigin, kInclude };  // kInclude sends cookies to other origins too

  using Message = MessageView;
  using OnMessage = Callback<void(const MessageView&)>;
  using OnState = Callback<void(State)>;

  // What adding a callback gives and remove() takes. Never reused by the same object.
  enum class Listener : unsigned { kNone };

  // Starts to connect. Nothing is called before control is back in the browser's event loop. A URL that is none, or a
  // browser without EventSource, is kClosed from the start.
  explicit EventSource(std::string_view url, Credentials credentials = Credentials::kSameOrigin);
  // The same, opened anew as `reopening` says.
  EventSource(std::string_view url, const Reopening& reopening);
  // The same, with one connection for all tabs of this origin that ask for the URL so (docs/CLIENT.md).
  static EventSource shared(std::string_view url, const Reopening& reopening);
  EventSource(EventSource&& other) noexcept : source_(other.source_) { other.source_ = nullptr; }
  EventSource& operator=(EventSource&& other) noexcept;
  // Closes it: no callback is called afterwards, and none is kept. One that was moved from is closed and takes none.
  ~EventSource();

  // Events without a type of their own, which is `message`.
  Listener on_message(OnMessage callback) { return on_event("message", std::move(callback)); }
  // Events of this type. There may be several callbacks for one; they are called in the order in which they were added.
  // One that is added during a call hears from the next event on. Of a stream that tabs share, `*` stands for all types
  // that this object has no other callback for, and the message has the event's own; browsers have no such thing.
  Listener on_event(std::string_view type, OnMessage callback);
  // Events that are structs: typed.h.
  template <class T, class Function>
  Listener on(Function callback);
  // Changes of state. Not called for close().
  Listener on_state(OnState callback);
  // The callback is not called any more. Safe within any callback, its own too. Ignores a listener that it doesn't
  // know.
  void remove(Listener listener);

  State state() const;
  Reason reason() const;
  // While it is kWaiting: when the next attempt is made, in milliseconds since 1970, unless the page wakes up before.
  double next_attempt() const;

  // Safe within a callback, as is destroying the object there.
  void close();

 private:
  friend class FetchStream;
  explicit EventSource(MessageSource* source) : source_(source) {}

  // Puts an object of another place where the browser's own EventSource would be. It knows the id after which it is to
  // begin, and how long the stream and an attempt may be silent. False where that place is not to be had.
  using Elsewhere = bool (*)(Connection* connection, const char* url, std::size_t url_length, bool with_credentials,
                             double silent_after, double answer_within, const char* id, std::size_t id_length);
  EventSource(std::string_view url, const Reopening& reopening, Elsewhere elsewhere);

  MessageSource* source_;  // ours; null once moved from
};

}  // namespace tidings
