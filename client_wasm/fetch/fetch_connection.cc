#include "tidings/client_wasm/fetch/fetch_connection.h"

#include <string>
#include <utility>

extern "C" {
// fetch_stream.js
bool tidings_fetch_stream_make(tidings::FetchConnection* connection, const char* url, std::size_t url_length,
                               const char* method, std::size_t method_length, const char* fields,
                               std::size_t fields_length, const char* body, std::size_t body_length,
                               bool with_credentials);
void tidings_fetch_stream_set(tidings::FetchConnection* connection, const char* name, std::size_t name_length,
                              const char* value, std::size_t value_length);
void tidings_fetch_stream_open(tidings::FetchConnection* connection, const char* id, std::size_t id_length);
void tidings_fetch_stream_read(tidings::FetchConnection* connection);
void tidings_fetch_stream_drop(tidings::FetchConnection* connection);
void tidings_fetch_stream_close(tidings::FetchConnection* connection);
}

namespace tidings {
namespace {

// A request that may not be repeated has no attempt after the first.
Reopening options_for(const FetchRequest& request, Reopening options) {
  if (!request.may_repeat.value_or(request.method == "GET")) options.most_attempts = 0;
  return options;
}

}  // namespace

FetchConnection::FetchConnection(const FetchRequest& request, const Reopening& options)
    : Reopener(*this, options_for(request, options)), last_event_id_(options.last_event_id), limits_(request.limits) {}

void FetchConnection::begin(std::string_view url, const FetchRequest& request, const Reopening& options) {
  const std::string_view fields = request.fields.text();
  if (tidings_fetch_stream_make(this, url.data(), url.size(), request.method.data(), request.method.size(),
                                fields.data(), fields.size(), request.body.data(), request.body.size(),
                                options.credentials == EventSource::Credentials::kInclude)) {
    Reopener::begin();
  } else {
    begin_as(State::kClosed, Reason::kUnavailable);
  }
}

void FetchConnection::set_field(std::string_view name, std::string_view value) {
  if (!is_ended()) tidings_fetch_stream_set(this, name.data(), name.size(), value.data(), value.size());
}

bool FetchConnection::open() {
  status_ = 0;
  retry_after_ = 0;
  problem_ = {};
  const std::string_view id = last_event_id_;
  parser_.reset(new Parser(limits_, std::string(id)));
  is_connected_ = true;
  tidings_fetch_stream_open(this, id.data(), id.size());
  return true;
}

// Leaves the chunk, which a callback that closes this may still look at.
void FetchConnection::drop() {
  if (!is_connected_) return;
  last_event_id_ = Text(parser_->last_event_id());
  if (const auto time = parser_->reconnection_time()) retry_ = double(time->count());
  is_connected_ = is_reading_ = false;
  rest_ = {};
  tidings_fetch_stream_drop(this);
}

void FetchConnection::shut() {
  stop();
  drop();
  tidings_fetch_stream_close(this);
}

void FetchConnection::pause() {
  is_paused_ = true;
  if (state() == State::kOpen) listen_for_signs(false);
}

void FetchConnection::resume() {
  is_paused_ = false;
  if (state() == State::kOpen) listen_for_signs(true);
  go_on();
}

void FetchConnection::take_answer(Text origin) {
  const Call call(*this);
  status_ = 200;
  origin_ = std::move(origin);
  take_open();
  if (is_paused_) listen_for_signs(false);
  become(State::kOpen);
  go_on();
}

void FetchConnection::take_refusal(int status, double retry_after, Text problem) {
  status_ = status;
  retry_after_ = retry_after;
  problem_ = std::move(problem);
  if (status == 204) {
    become(State::kClosed, Reason::kRefused);
  } else {
    take_loss(Reason::kRefused, retry_after);
  }
}

void FetchConnection::take_bytes(char* bytes, std::size_t length) {
  is_reading_ = false;
  chunk_.reset(bytes);
  rest_ = {bytes, length};
  take_sign();
  go_on();
}

void FetchConnection::take_end(bool is_whole) {
  drop();
  take_loss(is_whole ? Reason::kEnded : Reason::kLost, retry_);
}

// Gives out what has come until it is paused or closed, then asks for more.
void FetchConnection::go_on() {
  if (is_giving_out_ || !is_connected_ || state() != State::kOpen) return;
  const Call call(*this);
  is_giving_out_ = true;
  while (!is_paused_ && !rest_.empty()) {
    const auto event = parser_->take(rest_);
    if (!event) break;
    const Type* const type = find(event->type);
    if (type != nullptr) deliver(*type, {event->type, event->data, event->last_event_id, origin_});
  }
  is_giving_out_ = false;
  if (parser_->status() != Parser::Status::kOk) {
    become(State::kClosed, Reason::kTooLong);
  } else if (is_connected_ && !is_paused_ && !is_reading_) {
    is_reading_ = true;
    tidings_fetch_stream_read(this);
  }
}

FetchStream::FetchStream(std::string_view url, const FetchRequest& request, const Reopening& reopening)
    : EventSource(new FetchConnection(request, reopening)) {
  connection()->begin(url, request, reopening);
}

FetchConnection* FetchStream::connection() const { return static_cast<FetchConnection*>(source_); }

FetchStream::Refusal FetchStream::refusal() const { return source_ != nullptr ? connection()->refusal() : Refusal(); }

void FetchStream::set_field(std::string_view name, std::string_view value) {
  if (source_ != nullptr) connection()->set_field(name, value);
}
void FetchStream::pause() {
  if (source_ != nullptr) connection()->pause();
}
void FetchStream::resume() {
  if (source_ != nullptr) connection()->resume();
}

}  // namespace tidings

extern "C" {

TIDINGS_CALLED_BY_JS void tidings_fetch_stream_answer(tidings::FetchConnection* connection, char* origin,
                                                      std::size_t length) {
  connection->take_answer(tidings::Text(origin, length));
}

TIDINGS_CALLED_BY_JS void tidings_fetch_stream_refusal(tidings::FetchConnection* connection, int status,
                                                       double retry_after, char* problem, std::size_t length) {
  connection->take_refusal(status, retry_after, tidings::Text(problem, length));
}

TIDINGS_CALLED_BY_JS void tidings_fetch_stream_bytes(tidings::FetchConnection* connection, char* bytes,
                                                     std::size_t length) {
  connection->take_bytes(bytes, length);
}

TIDINGS_CALLED_BY_JS void tidings_fetch_stream_end(tidings::FetchConnection* connection, bool is_whole) {
  connection->take_end(is_whole);
}
}
