// The client for programs in JavaScript: a FetchStream for each of index.mjs's EventSources, which has its address.
#include <chrono>
#include <cstddef>
#include <string_view>

#include "tidings/client_wasm/base/text.h"
#include "tidings/client_wasm/fetch/fetch_stream.h"

using tidings::EventSource;
using tidings::FetchStream;
using tidings::MessageView;
using tidings::Text;

extern "C" {
// module.js
void tidings_module_begin();
void tidings_module_event(const FetchStream* stream, const char* type, std::size_t type_length, const char* data,
                          std::size_t data_length, const char* id, std::size_t id_length, const char* origin,
                          std::size_t origin_length);
void tidings_module_state(const FetchStream* stream, EventSource::State state, EventSource::Reason reason, int status,
                          const char* problem, std::size_t problem_length);
}

namespace {

std::chrono::milliseconds milliseconds(double count) {
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(count));
}

void tell_state(const FetchStream& stream) {
  const FetchStream::Refusal refusal = stream.refusal();
  tidings_module_state(&stream, stream.state(), stream.reason(), refusal.status, refusal.problem.data(),
                       refusal.problem.size());
}

}  // namespace

extern "C" {

// Times are in milliseconds; no silence is too long where `silent_after` is 0. Null where the browser can't ask for it.
TIDINGS_CALLED_BY_JS FetchStream* tidings_module_open(char* url, std::size_t url_length, char* method,
                                                      std::size_t method_length, char* fields,
                                                      std::size_t fields_length, char* body, std::size_t body_length,
                                                      char* id, std::size_t id_length, bool has_credentials,
                                                      bool after_refusal, double silent_after, double answer_within) {
  const Text url_text(url, url_length), method_text(method, method_length), fields_text(fields, fields_length),
      body_text(body, body_length), id_text(id, id_length);
  tidings::FetchRequest request;
  request.method = method_text;
  request.fields = tidings::Fields::from_text(fields_text);
  request.body = body_text;
  tidings::Reopening reopening;
  if (has_credentials) reopening.credentials = EventSource::Credentials::kInclude;
  reopening.last_event_id = id_text;
  reopening.after_refusal = after_refusal;
  if (silent_after > 0) reopening.silent_after = milliseconds(silent_after);
  reopening.answer_within = milliseconds(answer_within);
  FetchStream* const stream = new FetchStream(url_text, request, reopening);
  if (stream->state() == EventSource::State::kClosed) {
    delete stream;
    return nullptr;
  }
  stream->on_state([stream](EventSource::State) { tell_state(*stream); });
  return stream;
}

TIDINGS_CALLED_BY_JS void tidings_module_listen(FetchStream* stream, char* type, std::size_t length) {
  stream->on_event(Text(type, length), [stream](const MessageView& message) {
    const std::string_view id = message.last_event_id;
    tidings_module_event(stream, message.type.data(), message.type.size(), message.data.data(), message.data.size(),
                         id.data(), id.size(), message.origin.data(), message.origin.size());
  });
}

TIDINGS_CALLED_BY_JS void tidings_module_set_field(FetchStream* stream, char* name, std::size_t name_length,
                                                   char* value, std::size_t value_length) {
  stream->set_field(Text(name, name_length), Text(value, value_length));
}

TIDINGS_CALLED_BY_JS void tidings_module_pause(FetchStream* stream, bool is_on) {
  if (is_on) {
    stream->pause();
  } else {
    stream->resume();
  }
}

TIDINGS_CALLED_BY_JS void tidings_module_close(FetchStream* stream) { delete stream; }
}

int main() { tidings_module_begin(); }
