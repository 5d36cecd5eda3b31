// The browser's EventSource for C++: an object that is connected for as long as it lives.
// Source: WHATWG HTML, "Server-sent events", section "The EventSource interface". The browser parses the stream and
// reconnects by itself; this wraps it and adds nothing to what goes over the wire. The page has one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tidings {

class EventSource {
 public:
  enum class State {
    kConnecting,    // has not been open yet
    kOpen,          // the server's answer has come; events may follow
    kReconnecting,  // the connection was lost, the browser tries again by itself
    kClosed,        // for good: by close(), or by the browser since the answer was no event stream
  };

  // Valid during the call. Data may hold anything, NUL too.
  struct Message {
    std::string_view type, data, last_event_id;
  };

  using OnMessage = std::function<void(const Message&)>;
  using OnState = std::function<void(State)>;

  // Starts to connect. Nothing is called before control is back in the browser's event loop.
  explicit EventSource(std::string_view url);
  EventSource(EventSource&&) noexcept;
  EventSource& operator=(EventSource&&) noexcept;
  // Closes it: no callback is called afterwards, and none is kept.
  ~EventSource();

  // Events without a type of their own, which is `message`.
  void on_message(OnMessage callback);
  // Events of this type; a second callback for a type replaces the first.
  void on_event(std::string_view type, OnMessage callback);
  // Changes of state. Not called for close().
  void on_state(OnState callback);

  State state() const;

  // Safe within a callback, as is destroying the object there.
  void close();

  class Connection;  // what JavaScript calls back into

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace tidings
