#include "client_wasm/connection.h"

#include "client_wasm/text_buffer.h"

extern "C" {
// event_source.js
bool tidings_event_source_open(tidings::Connection* connection, const char* url, std::size_t url_length,
                               bool with_credentials);
void tidings_event_source_listen(tidings::Connection* connection, const tidings::Feed::Type* type, const char* name,
                                 std::size_t name_length);
void tidings_event_source_unlisten(tidings::Connection* connection, const tidings::Feed::Type* type, const char* name,
                                   std::size_t name_length);
void tidings_event_source_close(tidings::Connection* connection);
}

namespace tidings {

void Connection::begin() {
  if (!open(url_)) begin_as(State::kClosed, Reason::kUnavailable);
}

bool Connection::open(std::string_view url) {
  is_browser_open_ =
      tidings_event_source_open(this, url.data(), url.size(), credentials_ == EventSource::Credentials::kInclude);
  for (const Type* type = types(); type != nullptr; type = type->next) listen(*type);
  return is_browser_open_;
}

void Connection::close_browsers() {
  if (is_browser_open_) tidings_event_source_close(this);
  is_browser_open_ = false;
}

void Connection::listen(const Type& type) {
  if (is_browser_open_) tidings_event_source_listen(this, &type, type.name.data(), type.name.size());
}
void Connection::unlisten(const Type& type) {
  if (is_browser_open_) tidings_event_source_unlisten(this, &type, type.name.data(), type.name.size());
}

void Connection::take_ready_state(int ready_state) {
  if (ready_state == 1) {
    become(State::kOpen);
  } else if (ready_state == 2) {
    become(State::kClosed, Reason::kRefused);
  } else if (state() != State::kConnecting) {  // a first attempt that fails is still the first until one succeeds
    become(State::kReconnecting);
  }
}

void Connection::take_message(const Type& type, MessageView message) { deliver(type, message); }

}  // namespace tidings

extern "C" TIDINGS_CALLED_BY_JS void tidings_event_source_state(tidings::Connection* connection, int ready_state) {
  connection->take_ready_state(ready_state);
}

// Of the events that follow.
extern "C" TIDINGS_CALLED_BY_JS void tidings_event_source_origin(tidings::Connection* connection, std::size_t length) {
  tidings::TextBuffer text;
  connection->take_origin(text.take(length));
}

extern "C" TIDINGS_CALLED_BY_JS void tidings_event_source_event(tidings::Connection* connection,
                                                                const tidings::Feed::Type* type,
                                                                std::size_t data_length, std::size_t id_length) {
  tidings::TextBuffer text;
  tidings::MessageView message;
  message.type = type->name;
  message.data = text.take(data_length);
  message.last_event_id = text.take(id_length);
  message.origin = connection->origin();
  connection->take_message(*type, message);
}
