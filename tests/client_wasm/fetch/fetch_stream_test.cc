// What a FetchStream makes of answers, bytes and ends, over a browser that the test drives.
#include "tidings/client_wasm/fetch/fetch_stream.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/tests/client_wasm/fake_browser.h"
#include "tidings/tests/client_wasm/fetch/fake_streams.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Reason = EventSource::Reason;
using State = EventSource::State;
using States = std::vector<State>;
using Seen = std::vector<std::string>;

class FetchStreamTest : public testing::Test {
 protected:
  FetchStream make(const FetchRequest& request = {}, const Reopening& options = {}) {
    FetchStream stream("/channels/a", request, options);
    stream.on_state([this](State state) { states_.push_back(state); });
    stream.on_message([this](const MessageView& message) { note(message); });
    return stream;
  }
  void note(const MessageView& message) {
    seen_.push_back(std::string(message.data) + '|' + std::string(message.last_event_id));
  }

  FakeBrowser browser_;
  FakeStreams streams_;
  States states_;
  Seen seen_;
};

TEST_F(FetchStreamTest, AsksForWhatItIsTold) {
  const FetchStream stream = make({.method = "POST", .fields = {{"Authorization", "Bearer x"}}, .body = "a question"},
                                  {.credentials = EventSource::Credentials::kInclude, .last_event_id = "E-7"});
  const FakeRequest& request = streams_.last().request;
  EXPECT_EQ(request.url, "/channels/a");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(streams_.field("Authorization"), "Bearer x");
  EXPECT_EQ(streams_.field("Last-Event-ID"), "E-7");
  EXPECT_EQ(request.body, "a question");
  EXPECT_TRUE(request.with_credentials);
  EXPECT_EQ(stream.state(), State::kConnecting);
}

TEST_F(FetchStreamTest, GivesEventsHoweverTheyAreCut) {
  const std::string_view bytes =
      ":\nretry: 50\nevent: begin\ndata: {}\nid: E-0\n\ndata: a\nid: E-1\n\ndata: \xF0\x9F\x93\xB0\n\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    seen_.clear();
    FetchStream stream = make();
    stream.on_event("begin", [this](const MessageView& message) { note(message); });
    stream.on_message([this](const MessageView& message) { seen_.emplace_back(message.origin); });
    streams_.answer();
    EXPECT_TRUE(streams_.feed(bytes.substr(0, cut)));
    EXPECT_TRUE(streams_.feed(bytes.substr(cut)));
    EXPECT_EQ(seen_, (Seen{"{}|E-0", "a|E-1", "https://example.org", "\xF0\x9F\x93\xB0|E-1", "https://example.org"}));
  }
}

TEST_F(FetchStreamTest, ALossIsMadeGoodBehindTheLastIdAfterTheServersTime) {
  FetchStream stream = make();
  for (const bool is_whole : {true, false}) {
    streams_.answer();
    streams_.feed("retry: 5000\ndata: a\nid: E-7\n\ndata: cut off\nid: E-8\n");
    streams_.end(is_whole);
    EXPECT_EQ(stream.state(), State::kWaiting);
    EXPECT_EQ(stream.reason(), is_whole ? Reason::kEnded : Reason::kLost);
    browser_.advance(4'999);
    EXPECT_TRUE(streams_.all.empty());
    browser_.advance(1'001);
    EXPECT_EQ(stream.state(), State::kReconnecting);
    EXPECT_EQ(streams_.field("Last-Event-ID"), "E-7");
  }
}

TEST_F(FetchStreamTest, AnIdWithoutAnEventIsAPlaceTooAndAnEmptyOneNone) {
  FetchStream stream = make();
  streams_.answer();
  streams_.feed("id: E-9\n\n");
  streams_.end();
  browser_.advance_to_next_timer();
  EXPECT_EQ(streams_.field("Last-Event-ID"), "E-9");
  streams_.answer();
  streams_.feed("data\nid\n\n");
  streams_.end();
  browser_.advance_to_next_timer();
  EXPECT_EQ(streams_.field("Last-Event-ID"), "");
}

TEST_F(FetchStreamTest, ARefusalIsKnown) {
  FetchStream stream = make();
  streams_.refuse(403, 0, "This channel needs a token.");
  EXPECT_EQ(stream.state(), State::kClosed);
  EXPECT_EQ(stream.reason(), Reason::kRefused);
  EXPECT_EQ(stream.refusal().status, 403);
  EXPECT_EQ(stream.refusal().problem, "This channel needs a token.");
  EXPECT_EQ(browser_.timers(), 0u);
}

TEST_F(FetchStreamTest, RetryAfterIsKeptAlsoWhenThePageWakesUp) {
  FetchStream stream = make({}, {.after_refusal = true});
  streams_.refuse(503, 20'000, "Later.");
  EXPECT_EQ(stream.refusal().retry_after, 20s);
  browser_.wake();
  browser_.advance(19'999);
  EXPECT_EQ(streams_.opened, 1);
  browser_.advance(1'001);
  EXPECT_EQ(streams_.opened, 2);
  EXPECT_EQ(stream.refusal().status, 0);
  streams_.refuse(503, 20'000);
  browser_.advance(20'000);
  browser_.wake();
  EXPECT_EQ(streams_.opened, 3);
}

TEST_F(FetchStreamTest, AServerCanAskForAnHourAtMost) {
  FetchStream stream = make({}, {.after_refusal = true});
  streams_.refuse(503, 1e15);
  browser_.advance(3'601'000);
  EXPECT_EQ(streams_.opened, 2);
  streams_.answer();
  streams_.feed("retry: 99999999999999999999\n");
  streams_.end();
  browser_.advance(3'601'000);
  EXPECT_EQ(streams_.opened, 3);
}

TEST_F(FetchStreamTest, NoContentIsForGood) {
  FetchStream stream = make({}, {.after_refusal = true});
  streams_.refuse(204);
  EXPECT_EQ(stream.state(), State::kClosed);
  EXPECT_TRUE(streams_.all.empty());
}

TEST_F(FetchStreamTest, ANewTokenGoesWithTheNextAttempt) {
  FetchStream stream = make({.fields = {{"Authorization", "old"}, {"X-Other", "1"}}}, {.after_refusal = true});
  stream.on_state([&](State) {
    if (stream.refusal().status == 401) stream.set_field("Authorization", "new");
  });
  streams_.refuse(401);
  browser_.advance_to_next_timer();
  EXPECT_EQ(streams_.field("X-Other"), "1");
  EXPECT_EQ(streams_.field("Authorization"), "new");
}

TEST_F(FetchStreamTest, WhatMayNotBeRepeatedIsAskedOnce) {
  using End = void (*)(FakeBrowser&, FakeStreams&);
  const std::pair<End, Reason> kEnds[] = {
      {[](FakeBrowser&, FakeStreams& streams) { streams.end(); }, Reason::kEnded},
      {[](FakeBrowser&, FakeStreams& streams) { streams.end(false); }, Reason::kLost},
      {[](FakeBrowser& browser, FakeStreams&) { browser.advance(40'000); }, Reason::kSilent},
      {[](FakeBrowser& browser, FakeStreams&) {
         browser.now += 60'000;
         browser.wake();
         browser.advance(250);
       },
       Reason::kSilent},
      {[](FakeBrowser&, FakeStreams& streams) { streams.refuse(503); }, Reason::kRefused},
  };
  for (const auto& [end, reason] : kEnds) {
    const FetchStream stream = make({.method = "POST"}, {.after_refusal = true, .silent_after = 40s});
    if (reason != Reason::kRefused) streams_.answer();
    end(browser_, streams_);
    EXPECT_EQ(stream.state(), State::kClosed);
    EXPECT_EQ(stream.reason(), reason);
    EXPECT_TRUE(streams_.all.empty());
    EXPECT_EQ(browser_.timers(), 0u);
  }
  const FetchStream stream = make({.method = "POST", .may_repeat = true});
  streams_.end(false);
  EXPECT_EQ(stream.state(), State::kWaiting);
}

TEST_F(FetchStreamTest, EveryAttemptHasALimit) {
  const FetchStream stream = make();
  browser_.advance(30'000);
  EXPECT_EQ(stream.state(), State::kWaiting);
  EXPECT_EQ(stream.reason(), Reason::kSilent);
  browser_.advance_to_next_timer();
  browser_.advance(30'000);
  EXPECT_EQ(streams_.opened, 2);
  EXPECT_TRUE(streams_.all.empty());
}

TEST_F(FetchStreamTest, AnyByteIsASignOfLife) {
  const FetchStream stream = make({}, {.silent_after = 40s});
  EXPECT_EQ(streams_.last().request.url, "/channels/a") << "no heartbeat events are needed";
  streams_.answer();
  for (int i = 0; i < 10; ++i) {
    browser_.advance(39'000);
    streams_.feed(":\n");
  }
  EXPECT_EQ(stream.state(), State::kOpen);
  browser_.advance(40'000);
  EXPECT_EQ(stream.reason(), Reason::kSilent);
}

TEST_F(FetchStreamTest, PausedItGivesOutNothingAndReadsNothing) {
  std::optional<FetchStream> stream(make({}, {.silent_after = 40s}));
  stream->on_message([&](const MessageView& message) {
    if (message.data == "2") stream->pause();
  });
  streams_.answer();
  EXPECT_TRUE(streams_.feed("data: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\nda"));
  EXPECT_EQ(seen_, (Seen{"1|", "2|"}));
  EXPECT_FALSE(streams_.feed("ta: 5\n\n")) << "what comes has to wait";
  browser_.advance(1e6);
  browser_.wake();
  EXPECT_EQ(stream->state(), State::kOpen) << "it hears nothing because it does not read";
  stream->resume();
  EXPECT_TRUE(streams_.feed("ta: 5\n\n"));
  EXPECT_EQ(seen_, (Seen{"1|", "2|", "3|", "4|", "5|"}));
  browser_.advance(40'000);
  EXPECT_EQ(stream->reason(), Reason::kSilent) << "it is watched again";
}

TEST_F(FetchStreamTest, PausedBeforeItIsOpenItDoesNotBeginToRead) {
  FetchStream stream = make();
  stream.pause();
  streams_.answer();
  EXPECT_FALSE(streams_.feed("data: 1\n\n"));
  stream.on_state([&](State) { stream.resume(); });
  stream.resume();
  stream.resume();
  EXPECT_TRUE(streams_.feed("data: 1\n\n"));
  EXPECT_EQ(seen_, Seen{"1|"});
}

TEST_F(FetchStreamTest, WhatWaitedForAPauseIsAskedForAgainBehindALoss) {
  FetchStream stream = make();
  stream.on_message([&](const MessageView&) { stream.pause(); });
  streams_.answer();
  streams_.feed("data: 1\nid: 1\n\ndata: 2\nid: 2\n\n");
  streams_.end(false);
  browser_.advance_to_next_timer();
  EXPECT_EQ(streams_.field("Last-Event-ID"), "1");
}

TEST_F(FetchStreamTest, AnEventBeyondTheLimitsIsForGood) {
  const FetchStream stream = make({.limits = {.max_line_bytes = 100, .max_data_bytes = 100}});
  streams_.answer();
  streams_.feed("data: 1\n\ndata: " + std::string(100, 'x'));
  EXPECT_EQ(seen_, Seen{"1|"});
  EXPECT_EQ(stream.state(), State::kClosed);
  EXPECT_EQ(stream.reason(), Reason::kTooLong);
  EXPECT_TRUE(streams_.all.empty());
}

TEST_F(FetchStreamTest, WhatTheBrowserCannotAskForIsClosedFromTheStart) {
  streams_.can_open = false;
  const FetchStream stream = make();
  EXPECT_EQ(stream.state(), State::kClosed);
  EXPECT_EQ(stream.reason(), Reason::kUnavailable);
  EXPECT_EQ(browser_.timers(), 0u);
}

TEST_F(FetchStreamTest, ACallbackMayCloseOrDestroyItAndLookAtItsEvent) {
  for (const bool destroys : {false, true}) {
    seen_.clear();
    std::optional<FetchStream> stream(std::in_place, "/");
    stream->on_message([&](const MessageView& message) {
      if (destroys) {
        stream.reset();
      } else {
        stream->close();
      }
      note(message);
    });
    streams_.answer();
    streams_.feed("data: 1\nid: E-1\n\ndata: 2\n\n");
    EXPECT_EQ(seen_, Seen{"1|E-1"});
    EXPECT_TRUE(streams_.all.empty());
    EXPECT_EQ(browser_.timers(), 0u);
  }
  EXPECT_TRUE(streams_.requests.empty());
  EXPECT_EQ(browser_.wake_watches, 0);
}

TEST_F(FetchStreamTest, MovedItIsTheSameStreamAndWhatItWasIsNone) {
  FetchStream first = make();
  FetchStream second = std::move(first);
  first.pause();
  first.resume();
  first.set_field("A", "b");
  EXPECT_EQ(first.refusal().status, 0);
  streams_.answer();
  EXPECT_EQ(second.refusal().status, 200);
  EXPECT_EQ(second.state(), State::kOpen);
}

}  // namespace
}  // namespace tidings
