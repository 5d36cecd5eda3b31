#include "client_wasm/event_source.h"

#include <emscripten/emscripten.h>

#include <cstddef>
#include <map>
#include <utility>

#include "client_wasm/text_buffer.h"

extern "C" {
// event_source.js
void tidings_event_source_open(int handle, const char* url, std::size_t url_length);
void tidings_event_source_listen(int handle, const char* type, std::size_t type_length);
void tidings_event_source_close(int handle);
}

namespace tidings {
namespace {

// Handles rather than addresses, so that a call that comes late finds nothing instead of something else.
std::map<int, EventSource::Connection*> connections;
int last_handle = 0;

}  // namespace

class EventSource::Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(std::string_view url) : handle_(++last_handle) {
    connections.emplace(handle_, this);
    tidings_event_source_open(handle_, url.data(), url.size());
  }
  ~Connection() { close(); }

  void listen(std::string_view type, OnMessage callback) {
    const bool is_new = callbacks_.insert_or_assign(std::string(type), std::move(callback)).second;
    if (is_new && state_ != State::kClosed) tidings_event_source_listen(handle_, type.data(), type.size());
  }

  void on_state(OnState callback) { on_state_ = std::move(callback); }
  State state() const { return state_; }

  void close() {
    state_ = State::kClosed;
    if (connections.erase(handle_)) tidings_event_source_close(handle_);
  }

  // The browser's readyState: 0 connecting, 1 open, 2 closed.
  void take_ready_state(int ready_state) {
    static constexpr State kStates[] = {State::kReconnecting, State::kOpen, State::kClosed};
    const State state = kStates[ready_state];
    // A first attempt that fails is still the first until one succeeds.
    if (state == state_ || (state == State::kReconnecting && state_ == State::kConnecting)) return;
    state_ = state;
    const auto keep = shared_from_this();
    const OnState callback = on_state_;  // a copy: it may replace itself
    if (callback) callback(state);
  }

  void take(const Message& message) {
    const auto found = callbacks_.find(message.type);
    if (found == callbacks_.end()) return;
    const auto keep = shared_from_this();
    const OnMessage callback = found->second;
    if (callback) callback(message);
  }

 private:
  int handle_;
  State state_ = State::kConnecting;
  std::map<std::string, OnMessage, std::less<>> callbacks_;
  OnState on_state_;
};

EventSource::EventSource(std::string_view url) : connection_(std::make_shared<Connection>(url)) {}
EventSource::EventSource(EventSource&&) noexcept = default;
EventSource& EventSource::operator=(EventSource&& other) noexcept {
  if (this != &other) {
    if (connection_) connection_->close();
    connection_ = std::move(other.connection_);
  }
  return *this;
}
EventSource::~EventSource() {
  if (connection_) connection_->close();
}

void EventSource::on_message(OnMessage callback) { on_event("message", std::move(callback)); }
void EventSource::on_event(std::string_view type, OnMessage callback) {
  connection_->listen(type, std::move(callback));
}
void EventSource::on_state(OnState callback) { connection_->on_state(std::move(callback)); }
EventSource::State EventSource::state() const { return connection_->state(); }
void EventSource::close() { connection_->close(); }

}  // namespace tidings

extern "C" EMSCRIPTEN_KEEPALIVE void tidings_event_source_state(int handle, int ready_state) {
  const auto found = tidings::connections.find(handle);
  if (found != tidings::connections.end()) found->second->take_ready_state(ready_state);
}

extern "C" EMSCRIPTEN_KEEPALIVE void tidings_event_source_event(int handle, std::size_t type_length,
                                                                std::size_t data_length, std::size_t id_length) {
  const auto found = tidings::connections.find(handle);
  if (found == tidings::connections.end()) return;
  tidings::TextBuffer text;
  tidings::EventSource::Message message;
  message.type = text.take(type_length);
  message.data = text.take(data_length);
  message.last_event_id = text.take(id_length);
  found->second->take(message);
}
