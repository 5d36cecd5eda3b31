// Any header fields of a trusted proxy's request: they name a client or are refused with a sentence; what a client has
// put before a proxy's own part changes nothing; and the host that was asked for leaves the request a request. An input
// is lines, each a field.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tidings/server/gateway/forwarded.h"
#include "tidings/server/gateway/trusted_proxies.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/http/request_reader.h"
#include "tidings/tests/fuzz/fuzz.h"

namespace tidings::fuzz {
namespace {

const TrustedProxies& trusted() {
  static const TrustedProxies proxies({"10.0.0.0/8", "::1"});
  return proxies;
}

// As the reader passes it on; empty where it refuses it.
std::optional<std::string> head_of(std::string_view fields) {
  std::string request = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (const char c : fields) request += c == '\n' ? std::string("\r\n") : std::string(1, c);
  RequestReader reader({});
  reader.feed(request + "\r\n\r\n");
  if (reader.state() != RequestReader::State::kWhole) return std::nullopt;
  return reader.head();
}

std::optional<Forwarded> read(std::string_view head) {
  try {
    return read_forwarded(head, trusted());
  } catch (const Refusal& refusal) {
    expect(refusal.status() == 400, "a word that can't be read is a 400");
    expect(std::string_view(refusal.what()).ends_with('.'), "a refusal has a sentence");
    return std::nullopt;
  }
}

bool has_line(std::string_view head, std::string_view begin) { return head.find(begin) != std::string_view::npos; }

// A client that reaches the proxies can write what it likes before they add what they know.
void check_forged(const std::string& head, const Forwarded& said) {
  for (const std::string_view forged : {"192.0.2.99", "for=192.0.2.99", "\"", ",", "for=\"", "\\"}) {
    std::string other = head;
    const std::size_t fields = other.find("\r\n") + 2;
    // In the names' own case, so that a field is made nowhere that is not there.
    for (const std::string_view name : {"X-Forwarded-For", "Forwarded"}) {
      if (!has_line(head, "\r\n" + std::string(name) + ": ")) continue;
      other.insert(fields, std::string(name) + ": " + std::string(forged) + "\r\n");
    }
    const std::optional<Forwarded> again = read(other);
    expect(again == said, "what stands before a proxy's own part changes nothing");
  }
}

void check(std::string_view fields) {
  const std::optional<std::string> head = head_of(fields);
  if (!head) return;
  const std::optional<Forwarded> said = read(*head);
  if (!said) return;
  if (said->client && !trusted().contains(*said->client)) check_forged(*head, *said);
  if (said->host.empty()) return;
  std::string changed = *head;
  set_host(changed, said->host);
  RequestReader reader({});
  reader.feed(changed);
  expect(reader.state() == RequestReader::State::kWhole && reader.head() == changed, "with its host it is a request");
}

}  // namespace
}  // namespace tidings::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tidings::fuzz::check(tidings::fuzz::as_text(data, size));
  return 0;
}
