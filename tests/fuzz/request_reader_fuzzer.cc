// Any bytes in any chunks through the request reader: the same whatever the cuts, within its bounds; and a request that
// it passes on can't be understood differently by whoever reads it next. An input is bytes and, after its last FF,
// chunk sizes (fuzz.h).
#include <cstdint>
#include <string>
#include <string_view>

#include "tidings/server/http/request_reader.h"
#include "tidings/tests/fuzz/fuzz.h"

namespace tidings::fuzz {
namespace {

using State = RequestReader::State;

constexpr RequestReader::Limits kLimits{.max_head_bytes = 192, .max_fields = 6, .max_body_bytes = 24};
// Of what is passed on: each field may have gained a space, and a length may have been added.
constexpr RequestReader::Limits kPassedOnLimits{.max_head_bytes = 192 + 6 + 24, .max_fields = 7, .max_body_bytes = 24};

struct Outcome {
  State state = State::kEmpty;
  int status = 0;
  std::string sentence, head, body;
  std::string_view rest;  // the next request's
  bool expects_continue = false, keep_alive = false, is_head_request = false;
  bool operator==(const Outcome&) const = default;
};

class Subject {
 public:
  explicit Subject(RequestReader::Limits limits) : reader_(limits) {}

  // Chunks of one input, in order.
  void feed(std::string_view bytes) {
    const bool has_ended = is_ended();
    const std::size_t taken = reader_.feed(bytes);
    expect(taken <= bytes.size(), "it takes no more than it is given");
    expect(!has_ended || taken == 0, "it takes nothing once it has ended");
    expect(is_ended() || taken == bytes.size(), "it takes all until it has ended");
    taken_ += taken;
  }

  Outcome outcome(std::string_view input) {
    Outcome outcome;
    outcome.state = reader_.state();
    if (outcome.state == State::kRefused) {
      outcome.status = reader_.refusal().status;
      outcome.sentence = reader_.refusal().sentence;
      expect(outcome.status >= 400 && outcome.status <= 599, "a refusal has an error's status");
      expect(outcome.sentence.ends_with('.'), "a refusal has a sentence");
      return outcome;
    }
    outcome.expects_continue = reader_.take_expectation();
    expect(!reader_.take_expectation(), "an expectation is taken once");
    if (outcome.state != State::kWhole) return outcome;
    outcome.head = reader_.head();
    outcome.body = reader_.body();
    outcome.rest = input.substr(taken_);
    outcome.keep_alive = reader_.keep_alive();
    outcome.is_head_request = reader_.is_head_request();
    return outcome;
  }

 private:
  bool is_ended() const { return reader_.state() == State::kWhole || reader_.state() == State::kRefused; }

  RequestReader reader_;
  std::size_t taken_ = 0;
};

void check_passed_on(const Outcome& first) {
  expect(first.body.size() <= kLimits.max_body_bytes, "a body keeps its bound");
  expect(first.head.find("\r\n\r\n") + 4 == first.head.size(), "a head ends with its only blank line");
  const std::string bytes = first.head + first.body;
  Subject reader(kPassedOnLimits);
  reader.feed(bytes);
  const Outcome again = reader.outcome(bytes);
  expect(again.state == State::kWhole, "what is passed on is a whole request");
  expect(again.head == first.head && again.body == first.body, "it is the same request when it is read again");
  expect(again.rest.empty(), "it has no second request in it");
  expect(!again.expects_continue, "it expects nothing any more");
  expect(again.is_head_request == first.is_head_request, "its method is the same");
}

void check(const Chunked& input) {
  Subject whole(kLimits), chunked(kLimits);
  whole.feed(input.bytes());
  input.for_each([&](std::string_view chunk) { chunked.feed(chunk); });
  const Outcome outcome = whole.outcome(input.bytes());
  expect(outcome == chunked.outcome(input.bytes()), "any cuts give the same");
  if (outcome.state == State::kWhole) check_passed_on(outcome);
}

}  // namespace
}  // namespace tidings::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tidings::fuzz::check(tidings::fuzz::Chunked(tidings::fuzz::as_text(data, size)));
  return 0;
}
