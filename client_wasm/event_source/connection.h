// A feed from the browser's own EventSource, which it opens and closes. Not for pages. The page has one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tidings/client_wasm/event_source/feed.h"

namespace tidings {

class Connection : public Feed {
 public:
  Connection(std::string_view url, EventSource::Credentials credentials, std::string_view last_event_id = {})
      : url_(url), last_event_id_(last_event_id), credentials_(credentials) {}

  // Of a connection that nobody has yet: opens it.
  void begin();

  // The browser's readyState after its `open` and its `error`: 0 connecting, 1 open, 2 closed.
  virtual void take_ready_state(int ready_state);
  virtual void take_event(const Type& type, std::string_view data);
  // Of the events that follow.
  void take_origin(std::string_view origin) { origin_ = origin; }
  // Of the latest event.
  void take_id(std::string_view id);

  // The id after which a new connection would have to begin.
  std::string_view last_event_id();

 protected:
  // False where the browser can't, of which the console says why.
  bool open(std::string_view url);
  void close_browsers();
  std::string_view url() const { return url_; }

  void listen(const Type& type) override;
  void unlisten(const Type& type) override;
  void shut() override { close_browsers(); }

 private:
  std::string url_;
  std::string origin_;
  std::string last_event_id_;
  EventSource::Credentials credentials_;
  bool is_browser_open_ = false;
  bool has_own_id_ = false;    // of this opening's events
  bool is_id_current_ = true;  // else the latest event has it
};

}  // namespace tidings
