// What a FetchStream asks of the browser's fetch and takes from it, over a fetch that the test answers.
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/client_wasm/fetch/fetch_stream.h"

extern "C" {
// fake_fetch.js
void fake_fetch_install();
int fake_fetch_count();
bool fake_fetch_is_aborted(int index);
bool fake_fetch_is(int index, const char* url, std::size_t url_length, const char* body, std::size_t body_length);
bool fake_fetch_has(int index, const char* name, std::size_t name_length, const char* value, std::size_t value_length);
void fake_fetch_head(int index, int status, const char* type, std::size_t type_length, const char* retry_after,
                     std::size_t retry_after_length);
int fake_fetch_reads(int index);
void fake_fetch_feed(int index, const char* bytes, std::size_t length);
void fake_fetch_end(int index);
void fake_fetch_cut(int index);
void fake_fetch_fail(int index);
}

namespace tidings {
namespace {

using Reason = EventSource::Reason;
using Seen = std::vector<std::string>;
using State = EventSource::State;

class FetchRequestTest : public testing::Test {
 protected:
  FetchRequestTest() { fake_fetch_install(); }

  void listen(FetchStream& stream) {
    stream.on_message([this](const MessageView& message) {
      seen_.push_back(std::string(message.data) + '|' + std::string(message.last_event_id) + '|' +
                      std::string(message.origin));
    });
  }
  static bool has(int index, std::string_view name, std::string_view value) {
    return fake_fetch_has(index, name.data(), name.size(), value.data(), value.size());
  }
  static void head(int index, int status, std::string_view type, std::string_view retry_after = {}) {
    fake_fetch_head(index, status, type.data(), type.size(), retry_after.data(), retry_after.size());
  }
  static void feed(int index, std::string_view bytes) { fake_fetch_feed(index, bytes.data(), bytes.size()); }

  Seen seen_;
};

TEST_F(FetchRequestTest, AsksWithItsFieldsAndItsBody) {
  const FetchStream stream("/answers", {.method = "POST", .fields = {{"Authorization", "Bearer x"}}, .body = "a?"});
  EXPECT_TRUE(has(0, "Accept", "text/event-stream"));
  EXPECT_TRUE(has(0, "Authorization", "Bearer x"));
}

TEST_F(FetchRequestTest, ReadsAChunkAtATime) {
  FetchStream stream("/stream");
  listen(stream);
  head(0, 200, "Text/Event-Stream; charset=utf-8");
  EXPECT_EQ(stream.state(), State::kOpen);
  EXPECT_EQ(fake_fetch_reads(0), 1);
  feed(0, "data: a\nid: 1\n\nda");
  feed(0, "ta: b\n\n");
  EXPECT_EQ(fake_fetch_reads(0), 3);
  EXPECT_EQ(seen_, (Seen{"a|1|https://example.org", "b|1|https://example.org"}));
  stream.pause();
  feed(0, "data: c\n\n");
  EXPECT_EQ(fake_fetch_reads(0), 3);
  stream.resume();
  EXPECT_EQ(fake_fetch_reads(0), 4);
  EXPECT_EQ(seen_.size(), 3u);
}

TEST_F(FetchRequestTest, WhatIsNoStreamIsARefusalWithItsSentence) {
  struct Case {
    int status;
    std::string_view type, retry_after, body, problem;
    double seconds;
  };
  const Case kCases[] = {
      {403, "application/problem+json", "", R"({"detail":"Not you."})", "Not you.", 0},
      {503, "text/html", "120", "<p>Later", "<p>Later", 120},
      {503, "text/html", "Sun, 06 Nov 1994 08:49:37 GMT", "", "", 0},
      {503, "text/html", "nonsense", "", "", 0},
      {503, "text/html", "-5", "", "", 0},
      {200, "text/html", "", "hello", "hello", 0},
      {200, "text/event-streams", "", "", "", 0},
  };
  int index = 0;
  for (const auto& [status, type, retry_after, body, problem, seconds] : kCases) {
    const FetchStream stream("/stream");
    head(index, status, type, retry_after);
    feed(index, body);
    fake_fetch_end(index);
    EXPECT_EQ(stream.state(), State::kClosed);
    EXPECT_EQ(stream.reason(), Reason::kRefused);
    EXPECT_EQ(stream.refusal().status, status);
    EXPECT_EQ(stream.refusal().problem, problem);
    EXPECT_EQ(double(stream.refusal().retry_after.count()), seconds * 1000) << retry_after;
    EXPECT_TRUE(fake_fetch_is_aborted(index));
    ++index;
  }
}

TEST_F(FetchRequestTest, NoContentHasNoBody) {
  const FetchStream stream("/stream");
  head(0, 204, "");
  EXPECT_EQ(stream.refusal().status, 204);
}

TEST_F(FetchRequestTest, ADateIsATimeToWait) {
  const FetchStream stream("/stream");
  head(0, 503, "text/plain", "Fri, 31 Dec 9999 23:59:59 GMT");
  fake_fetch_end(0);
  EXPECT_GT(stream.refusal().retry_after, std::chrono::hours(24 * 365 * 1000));
}

TEST_F(FetchRequestTest, TellsAnEndFromALossAndBothFromSilence) {
  using End = void (*)();
  const std::pair<End, Reason> kEnds[] = {
      {[] { fake_fetch_end(fake_fetch_count() - 1); }, Reason::kEnded},
      {[] { fake_fetch_cut(fake_fetch_count() - 1); }, Reason::kLost},
  };
  for (const auto& [end, reason] : kEnds) {
    const FetchStream stream("/stream");
    head(fake_fetch_count() - 1, 200, "text/event-stream");
    end();
    EXPECT_EQ(stream.state(), State::kWaiting);
    EXPECT_EQ(stream.reason(), reason);
  }
  const FetchStream stream("/stream");
  fake_fetch_fail(fake_fetch_count() - 1);
  EXPECT_EQ(stream.reason(), Reason::kLost) << "nobody answered";
}

TEST_F(FetchRequestTest, ClosedItCancelsAndHearsNothingMore) {
  std::optional<FetchStream> stream("/stream");
  listen(*stream);
  head(0, 200, "text/event-stream");
  stream.reset();
  EXPECT_TRUE(fake_fetch_is_aborted(0));
  feed(0, "data: late\n\n");
  EXPECT_EQ(seen_, Seen{});
}

TEST_F(FetchRequestTest, WhatCannotBeAskedForIsClosedFromTheStart) {
  const FetchStream url("no url");
  EXPECT_EQ(url.reason(), Reason::kUnavailable);
  const FetchStream field("/", {.fields = {{"no name", "x"}}});
  EXPECT_EQ(field.reason(), Reason::kUnavailable);
  const FetchStream value("/", {.fields = {{"A", "two\nlines"}}});
  EXPECT_EQ(value.reason(), Reason::kUnavailable);
  EXPECT_EQ(fake_fetch_count(), 0);
}

}  // namespace
}  // namespace tidings
