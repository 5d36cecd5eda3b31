#include "tidings/client_wasm/event_source/connection.h"

#include <utility>

extern "C" {
// event_source.js
bool tidings_event_source_open(tidings::Connection* connection, const char* url, std::size_t url_length,
                               bool with_credentials);
void tidings_event_source_listen(tidings::Connection* connection, const tidings::MessageSource::Type* type,
                                 const char* name, std::size_t name_length);
void tidings_event_source_unlisten(tidings::Connection* connection, const tidings::MessageSource::Type* type,
                                   const char* name, std::size_t name_length);
void tidings_event_source_tell_id(tidings::Connection* connection);
void tidings_event_source_close(tidings::Connection* connection);
}

namespace tidings {

// An event while its callbacks run, which has its id to itself: another one may come within them (take_nested).
class Connection::Delivery final : public LateId {
 public:
  explicit Delivery(Connection& connection)
      : connection_(connection), outer_(std::exchange(connection.delivery_, this)) {}
  ~Delivery() { connection_.delivery_ = outer_; }

  std::string_view text() override {
    if (!std::exchange(is_known_, true)) id_ = Text(connection_.last_event_id());
    return id_;
  }

 private:
  Connection& connection_;
  Delivery* outer_;
  Text id_;
  bool is_known_ = false;
};

void Connection::begin() {
  if (!take_opened(tidings_event_source_open(this, url().data(), url().size(), has_credentials()))) {
    begin_as(State::kClosed, Reason::kUnavailable);
  }
}

bool Connection::take_opened(bool is_open) {
  has_own_id_ = false;
  is_browser_open_ = is_open;
  for (const Type* type = types(); type != nullptr; type = type->next) listen(*type);
  return is_browser_open_;
}

void Connection::close_browsers() {
  if (!is_browser_open_) return;
  last_event_id();
  tidings_event_source_close(this);
  is_browser_open_ = false;
}

void Connection::listen(const Type& type) {
  const std::string_view name = type.name;
  if (is_browser_open_) tidings_event_source_listen(this, &type, name.data(), name.size());
}
void Connection::unlisten(const Type& type) {
  const std::string_view name = type.name;
  if (is_browser_open_) tidings_event_source_unlisten(this, &type, name.data(), name.size());
}

void Connection::take_ready_state(int ready_state) {
  if (ready_state == 1) {
    become(State::kOpen);
  } else if (ready_state == 2) {
    become(State::kClosed, Reason::kRefused);
  } else if (state() != State::kConnecting) {  // that lasts until an attempt succeeds
    become(State::kReconnecting);
  }
}

// Until an event has an id, each event is asked for its id at once: before that an empty id means nothing, afterwards
// it clears the one before (take_id). From then on the browser is asked when somebody wants to know.
void Connection::take_event(const Type& type, std::string_view data) {
  const Call call(*this);
  Delivery delivery(*this);
  is_id_current_ = false;
  if (!has_own_id_) last_event_id();
  std::string_view name = type.name;
  if (name.size() == 1 && name[0] == '*') {  // shorter in a page than a comparison with "*"
    std::size_t end = 0;
    while (end < data.size() && data[end] != '\n') ++end;
    name = data.substr(0, end);
    data.remove_prefix(end == data.size() ? end : end + 1);
  }
  deliver(type, {name, data, LastEventId(delivery), origin_});
}

// The browser still has the earlier event's id, and will have this one's next.
void Connection::take_nested() {
  if (delivery_ != nullptr) delivery_->text();
}

// An EventSource of the browser's that has had no id gives an empty one: then the id that it was opened with still
// holds.
void Connection::take_id(Text id) {
  if (std::string_view(id).empty() && !has_own_id_) return;
  has_own_id_ = true;
  last_event_id_ = std::move(id);
}

std::string_view Connection::last_event_id() {
  if (!std::exchange(is_id_current_, true)) tidings_event_source_tell_id(this);
  return last_event_id_;
}

EventSource::EventSource(std::string_view url, Credentials credentials) {
  Connection* const connection = new Connection(url, credentials);
  source_ = connection;
  connection->begin();
}

}  // namespace tidings

extern "C" TIDINGS_CALLED_BY_JS void tidings_event_source_state(tidings::Connection* connection, int ready_state) {
  connection->take_ready_state(ready_state);
}

extern "C" TIDINGS_CALLED_BY_JS void tidings_event_source_origin(tidings::Connection* connection, char* origin,
                                                                 std::size_t length) {
  connection->take_origin(tidings::Text(origin, length));
}

extern "C" TIDINGS_CALLED_BY_JS void tidings_event_source_id(tidings::Connection* connection, char* id,
                                                             std::size_t length) {
  connection->take_id(tidings::Text(id, length));
}

extern "C" TIDINGS_CALLED_BY_JS void tidings_event_source_nested(tidings::Connection* connection) {
  connection->take_nested();
}

extern "C" TIDINGS_CALLED_BY_JS void tidings_event_source_event(tidings::Connection* connection,
                                                                const tidings::MessageSource::Type* type, char* data,
                                                                std::size_t length) {
  connection->take_event(*type, tidings::Text(data, length));
}
