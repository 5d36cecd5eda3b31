// Any bytes in any chunks as a header of the PROXY protocol: the same whatever the cuts, within its bounds, and what
// was taken is the same header when it is read again. An input is bytes and, after its last FF, chunk sizes (fuzz.h).
#include <cstdint>
#include <string>
#include <string_view>

#include "tidings/server/gateway/proxy_header.h"
#include "tidings/tests/fuzz/fuzz.h"

namespace tidings::fuzz {
namespace {

using State = ProxyHeader::State;

struct Outcome {
  State state;
  std::optional<Peer> source;
  std::size_t taken;
  bool operator==(const Outcome&) const = default;
};

class Subject {
 public:
  void feed(std::string_view bytes) {
    const bool has_ended = header_.state() != State::kPartial;
    const std::size_t taken = header_.feed(bytes);
    expect(taken <= bytes.size(), "it takes no more than it is given");
    expect(!has_ended || taken == 0, "it takes nothing once it has ended");
    expect(header_.state() != State::kPartial || taken == bytes.size(), "it takes all until it has ended");
    taken_ += taken;
    expect(taken_ <= ProxyHeader::kMostBytes, "it keeps its bound");
  }

  Outcome outcome() const {
    expect(header_.state() == State::kWhole || !header_.source(), "what is no header names nobody");
    return {header_.state(), header_.source(), taken_};
  }

 private:
  ProxyHeader header_;
  std::size_t taken_ = 0;
};

Outcome outcome_of(std::string_view bytes) {
  Subject subject;
  subject.feed(bytes);
  return subject.outcome();
}

void check(const Chunked& input) {
  const Outcome outcome = outcome_of(input.bytes());
  Subject chunked;
  input.for_each([&](std::string_view chunk) { chunked.feed(chunk); });
  expect(outcome == chunked.outcome(), "any cuts give the same");
  if (outcome.state != State::kWhole) return;
  const std::string_view header = input.bytes().substr(0, outcome.taken);
  expect(outcome == outcome_of(header), "it is the same header without what follows");
  for (std::size_t size = 0; size < header.size(); ++size) {
    expect(outcome_of(header.substr(0, size)).state == State::kPartial, "no part of it is another header");
  }
  if (outcome.source) expect(outcome.source->address.has_value(), "whoever is named has an address");
}

}  // namespace
}  // namespace tidings::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tidings::fuzz::check(tidings::fuzz::Chunked(tidings::fuzz::as_text(data, size)));
  return 0;
}
