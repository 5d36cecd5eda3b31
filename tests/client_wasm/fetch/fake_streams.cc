#include "tidings/tests/client_wasm/fetch/fake_streams.h"

#include <algorithm>
#include <utility>

extern "C" {
// The client's entries.
char* tidings_text(std::size_t size);
void tidings_fetch_stream_answer(tidings::FetchConnection* connection, char* origin, std::size_t length);
void tidings_fetch_stream_refusal(tidings::FetchConnection* connection, int status, double retry_after, char* problem,
                                  std::size_t length);
void tidings_fetch_stream_bytes(tidings::FetchConnection* connection, char* bytes, std::size_t length);
void tidings_fetch_stream_end(tidings::FetchConnection* connection, bool is_whole);
}

namespace tidings {
namespace {

FakeStreams* streams = nullptr;

FakeStream& find(FetchConnection* connection) {
  return *std::find_if(streams->all.begin(), streams->all.end(),
                       [&](const FakeStream& stream) { return stream.connection == connection; });
}

char* put(std::string_view text) {
  char* const at = tidings_text(text.size());
  std::copy(text.begin(), text.end(), at);
  return at;
}

}  // namespace

FakeStreams::FakeStreams() { streams = this; }
FakeStreams::~FakeStreams() { streams = nullptr; }

void FakeStreams::answer() {
  constexpr std::string_view kOrigin = "https://example.org";
  tidings_fetch_stream_answer(last().connection, put(kOrigin), kOrigin.size());
}

void FakeStreams::refuse(int status, double retry_after, std::string_view problem) {
  tidings_fetch_stream_refusal(last().connection, status, retry_after, put(problem), problem.size());
}

bool FakeStreams::feed(std::string_view bytes) {
  if (!std::exchange(last().is_read, false)) return false;
  tidings_fetch_stream_bytes(last().connection, put(bytes), bytes.size());
  return true;
}

void FakeStreams::end(bool is_whole) { tidings_fetch_stream_end(last().connection, is_whole); }

}  // namespace tidings

using tidings::streams;

extern "C" {

bool tidings_fetch_stream_make(tidings::FetchConnection* connection, const char* url, std::size_t url_length,
                               const char* method, std::size_t method_length, const char* fields,
                               std::size_t fields_length, const char* body, std::size_t body_length,
                               bool with_credentials) {
  if (!streams->can_open) return false;
  tidings::FakeRequest& request = streams->requests[connection];
  request = {std::string(url, url_length),
             std::string(method, method_length),
             {},
             std::string(body, body_length),
             with_credentials};
  const std::string_view text(fields, fields_length);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t value = text.find('\0', at) + 1;
    const std::size_t end = text.find('\0', value);
    request.fields[std::string(text.substr(at, value - 1 - at))] = text.substr(value, end - value);
    at = end + 1;
  }
  return true;
}

void tidings_fetch_stream_set(tidings::FetchConnection* connection, const char* name, std::size_t name_length,
                              const char* value, std::size_t value_length) {
  streams->requests.at(connection).fields[std::string(name, name_length)] = std::string(value, value_length);
}

void tidings_fetch_stream_open(tidings::FetchConnection* connection, const char* id, std::size_t id_length) {
  tidings::FakeRequest request = streams->requests.at(connection);
  if (id_length > 0) request.fields["Last-Event-ID"] = std::string(id, id_length);
  streams->all.push_back({connection, request});
  ++streams->opened;
}

void tidings_fetch_stream_read(tidings::FetchConnection* connection) { tidings::find(connection).is_read = true; }

void tidings_fetch_stream_drop(tidings::FetchConnection* connection) {
  streams->all.remove_if([&](const tidings::FakeStream& stream) { return stream.connection == connection; });
}

void tidings_fetch_stream_close(tidings::FetchConnection* connection) { streams->requests.erase(connection); }
}
