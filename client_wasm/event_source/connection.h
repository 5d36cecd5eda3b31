// A MessageSource whose messages come from the browser's own EventSource, which it opens and closes. Not for pages. The
// page has one thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "tidings/client_wasm/base/text.h"
#include "tidings/client_wasm/event_source/message_source.h"

namespace tidings {

class Connection : public MessageSource {
 public:
  Connection(std::string_view url, EventSource::Credentials credentials, std::string_view last_event_id = {})
      : url_(url), last_event_id_(last_event_id), credentials_(credentials) {}

  // Opens it for the first time; before anybody listens.
  void begin();

  // The browser's readyState after its `open` and its `error`: 0 connecting, 1 open, 2 closed.
  virtual void take_ready_state(int ready_state);
  virtual void take_event(const Type& type, std::string_view data);
  // An event comes while an earlier one is being delivered still: a callback of it has a dialog open, under which
  // Firefox goes on.
  void take_nested();
  // The origin of the events that follow.
  void take_origin(Text origin) { origin_ = std::move(origin); }
  // The id of the latest event.
  void take_id(Text id);

  // The id of the last event, after which a new connection has to begin.
  std::string_view last_event_id();

 protected:
  // The browser's object is there, or something else in its place. False where it can't be opened; the console says
  // why. Returns what it is given.
  bool take_opened(bool is_open);
  void close_browsers();
  std::string_view url() const { return url_; }
  bool has_credentials() const { return credentials_ == EventSource::Credentials::kInclude; }

  void listen(const Type& type) override;
  void unlisten(const Type& type) override;
  void shut() override { close_browsers(); }

 private:
  class Delivery;

  Text url_;
  Text origin_;
  Text last_event_id_;
  EventSource::Credentials credentials_;
  bool is_browser_open_ = false;
  Delivery* delivery_ = nullptr;  // the innermost
  bool has_own_id_ = false;       // an event had one since this was last opened
  bool is_id_current_ = true;     // false: the browser has the latest event's id, which nobody has asked for yet
};

}  // namespace tidings
