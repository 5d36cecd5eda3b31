// What an EventSource does where the browser's gives up or falls silent, over a browser that the test drives.
#include "tidings/client_wasm/event_source/reopening.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tidings/tests/client_wasm/fake_browser.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Reason = EventSource::Reason;
using State = EventSource::State;
using States = std::vector<State>;

class ReopeningTest : public testing::Test {
 protected:
  EventSource make(const Reopening& options) {
    EventSource source("/events", options);
    source.on_state([this](State state) { states_.push_back(state); });
    source.on_message([this](const MessageView& message) {
      seen_.push_back(std::string(message.data) + '|' + std::string(message.last_event_id));
    });
    return source;
  }

  FakeBrowser browser_;
  States states_;
  std::vector<std::string> seen_;
};

TEST_F(ReopeningTest, ARefusalClosesWhereNothingElseIsAsked) {
  EventSource source = make({});
  browser_.fail(browser_.source());
  EXPECT_EQ(states_, States{State::kClosed});
  EXPECT_EQ(source.reason(), Reason::kRefused);
  EXPECT_TRUE(browser_.sources.empty());
  EXPECT_EQ(browser_.timers(), 0u);
}

TEST_F(ReopeningTest, ARefusalIsTriedAgainAfterAWait) {
  EventSource source = make({.after_refusal = true});
  browser_.fail(browser_.source());
  EXPECT_EQ(source.state(), State::kWaiting);
  EXPECT_EQ(source.reason(), Reason::kRefused);
  EXPECT_TRUE(browser_.sources.empty());
  const double next_attempt = source.next_attempt();
  EXPECT_GE(next_attempt, browser_.now);
  EXPECT_TRUE(browser_.advance_to_next_timer());
  EXPECT_EQ(next_attempt, browser_.now);
  EXPECT_EQ(source.state(), State::kConnecting) << "it has not been open yet";
  browser_.open(browser_.source());
  EXPECT_EQ(source.reason(), Reason::kNone);
  browser_.fail(browser_.source());
  browser_.advance_to_next_timer();
  EXPECT_EQ(states_,
            (States{State::kWaiting, State::kConnecting, State::kOpen, State::kWaiting, State::kReconnecting}));
}

TEST_F(ReopeningTest, TheLastEventsIdGoesAlongAsItIs) {
  EventSource source = make({.after_refusal = true});
  browser_.open(browser_.source());
  browser_.dispatch(browser_.source(), "message", "a", "7");
  browser_.dispatch(browser_.source(), "message", "b", "a:x-7,b&\xC3\xA9 #");
  browser_.fail(browser_.source());
  browser_.advance_to_next_timer();
  EXPECT_EQ(browser_.source().begins_after, "a:x-7,b&\xC3\xA9 #");
}

TEST_F(ReopeningTest, AnIdThatNobodyLooksAtGoesAlongAndOneThatIsTakenBackDoesNot) {
  EventSource source("/events", Reopening{.after_refusal = true});
  source.on_message([](const MessageView&) {});
  browser_.open(browser_.source());
  browser_.dispatch(browser_.source(), "message", "a", "7");
  browser_.dispatch(browser_.source(), "message", "b", "8");
  browser_.fail(browser_.source());
  browser_.advance_to_next_timer();
  EXPECT_EQ(browser_.source().begins_after, "8");
  browser_.open(browser_.source());
  browser_.dispatch(browser_.source(), "message", "c", "9");
  browser_.source().last_event_id.clear();
  browser_.dispatch(browser_.source(), "message", "d");
  browser_.fail(browser_.source());
  browser_.advance_to_next_timer();
  EXPECT_EQ(browser_.source().begins_after, "");
}

// However the connection is lost before the first event, what was published meanwhile can be asked for.
TEST_F(ReopeningTest, TheServersBeginIsAPlaceToGoOnFromAndNoMessage) {
  using Loss = void (*)(FakeBrowser&);
  const Loss kLosses[] = {
      [](FakeBrowser& browser) {
        browser.fail(browser.source());
        browser.advance_to_next_timer();
      },
      [](FakeBrowser& browser) {
        browser.advance(40'000);
        browser.advance_to_next_timer();
      },
      [](FakeBrowser& browser) {
        browser.now += 60'000;  // asleep
        browser.wake();
        browser.advance(250);
      },
  };
  for (const std::string id : {"E-7", "a:E-7,b:F-9"}) {
    for (const Loss& lose : kLosses) {
      FakeBrowser browser;
      const EventSource source = make({.after_refusal = true, .silent_after = 40s});
      browser.open(browser.source());
      browser.dispatch(browser.source(), "begin", "{}", id);
      for (int times = 0; times < 2; ++times) {
        lose(browser);
        EXPECT_EQ(browser.source().begins_after, id) << &lose - kLosses;
        browser.open(browser.source());
      }
    }
  }
  EXPECT_TRUE(seen_.empty());
}

TEST_F(ReopeningTest, AGapsIdIsAPlaceToGoOnFrom) {
  const EventSource source = make({.after_refusal = true});
  browser_.open(browser_.source());
  browser_.dispatch(browser_.source(), "message", "a", "E-7");
  browser_.fail(browser_.source());
  browser_.advance_to_next_timer();
  browser_.open(browser_.source());
  browser_.dispatch(browser_.source(), "gap", R"({"channel":"a","asked":"E-7","first":"F-1"})", "F-0");
  browser_.fail(browser_.source());
  browser_.advance_to_next_timer();
  EXPECT_EQ(browser_.source().begins_after, "F-0") << "else the same gap would come again";
  EXPECT_EQ(seen_, std::vector<std::string>{"a|E-7"});
}

TEST_F(ReopeningTest, TheServersBeginIsForThoseWhoListenToIt) {
  EventSource source = make({});
  source.on_event("begin", [this](const MessageView& message) {
    seen_.push_back(std::string(message.type) + '|' + std::string(message.last_event_id));
  });
  browser_.open(browser_.source());
  browser_.dispatch(browser_.source(), "begin", "{}", "E-7");
  EXPECT_EQ(seen_, std::vector<std::string>{"begin|E-7"});
}

TEST_F(ReopeningTest, AnEventWithoutAnIdHasTheOneThatWasCarriedOver) {
  EventSource source = make({.after_refusal = true});
  browser_.open(browser_.source());
  browser_.dispatch(browser_.source(), "message", "a", "7");
  for (int i = 0; i < 2; ++i) {
    browser_.fail(browser_.source());
    browser_.advance_to_next_timer();
    EXPECT_EQ(browser_.source().begins_after, "7");
    browser_.open(browser_.source());
    browser_.dispatch(browser_.source(), "message", "b");
  }
  EXPECT_EQ(seen_, (std::vector<std::string>{"a|7", "b|7", "b|7"}));
}

TEST_F(ReopeningTest, TheTextsOfACallOutliveTheEndOfOtherSources) {
  EventSource source("/events");
  std::vector<EventSource> others;
  for (int i = 0; i < 3; ++i) {
    others.emplace_back("/others", Reopening{});
    others.back().on_message([](const MessageView&) {});
    browser_.dispatch(browser_.source(), "message", "x", "an id that is looked at");
    browser_.dispatch(browser_.source(), "message", "x", std::string(1000, 'i'));
  }
  for (int i = 0; i < 2; ++i) {
    source.on_message([&](const MessageView& message) {
      EXPECT_EQ(std::string_view(message.last_event_id), "7");
      others.clear();
      seen_.emplace_back(message.data);
    });
  }
  browser_.dispatch(browser_.sources.front(), "message", "news of the day", "7");
  EXPECT_EQ(seen_, std::vector<std::string>(2, "news of the day"));
}

TEST_F(ReopeningTest, EveryTypeIsListenedToAgain) {
  EventSource source = make({.after_refusal = true});
  source.on_event("tick", [this](const MessageView& message) { seen_.emplace_back(message.type); });
  const auto removed = source.on_event("gone", [](const MessageView&) { FAIL(); });
  browser_.fail(browser_.source());
  source.remove(removed);
  browser_.advance_to_next_timer();
  browser_.dispatch(browser_.source(), "tick", "");
  browser_.dispatch(browser_.source(), "gone", "");
  EXPECT_EQ(seen_, std::vector<std::string>{"tick"});
}

TEST_F(ReopeningTest, TheWaitsAreAnyTimeUpToABoundThatDoublesUpToTheLongest) {
  std::vector<double> most(8, 0);
  std::vector<double> least(8, 1e9);
  for (unsigned seed = 0; seed < 300; ++seed) {
    FakeBrowser browser(seed);
    EventSource source("/", Reopening{.after_refusal = true, .first_wait = 100ms, .longest_wait = 1500ms});
    for (std::size_t attempt = 0; attempt < most.size(); ++attempt) {
      browser.fail(browser.source());
      const double bound = std::min(100.0 * double(1 << attempt), 1500.0);
      const double wait = browser.waits.back() / bound;
      ASSERT_LT(wait, 1) << "seed " << seed << ", attempt " << attempt;
      most[attempt] = std::max(most[attempt], wait);
      least[attempt] = std::min(least[attempt], wait);
      browser.advance_to_next_timer();
    }
    browser.open(browser.source());
    browser.fail(browser.source());
    EXPECT_LT(browser.waits.back(), 100) << "success begins anew";
  }
  for (std::size_t attempt = 0; attempt < most.size(); ++attempt) {
    EXPECT_GT(most[attempt], 0.95) << attempt;
    EXPECT_LT(least[attempt], 0.05) << attempt;
  }
}

TEST_F(ReopeningTest, ItGivesUpAfterTheLastAttemptThatIsAllowed) {
  EventSource source = make({.after_refusal = true, .most_attempts = 2});
  for (int i = 0; i < 2; ++i) {
    browser_.fail(browser_.source());
    ASSERT_EQ(source.state(), State::kWaiting);
    browser_.advance_to_next_timer();
  }
  browser_.fail(browser_.source());
  EXPECT_EQ(source.state(), State::kClosed);
  EXPECT_EQ(source.reason(), Reason::kGaveUp);
  EXPECT_EQ(browser_.opened, 3);
  EXPECT_EQ(browser_.timers(), 0u);
}

TEST_F(ReopeningTest, WhatTheBrowserCannotOpenIsClosedFromTheStart) {
  browser_.can_open = false;
  const EventSource source = make({.after_refusal = true, .silent_after = 40s});
  EXPECT_EQ(source.state(), State::kClosed);
  EXPECT_EQ(source.reason(), Reason::kUnavailable);
  EXPECT_EQ(browser_.timers(), 0u);
}

TEST_F(ReopeningTest, HeartbeatsAreAskedForAndKeepItOpen) {
  EventSource source = make({.silent_after = 40s});
  EXPECT_EQ(browser_.source().url, "/events");
  EXPECT_TRUE(browser_.source().asks_for_heartbeats);
  browser_.open(browser_.source());
  for (int i = 0; i < 20; ++i) {
    browser_.advance(15'000);
    browser_.dispatch(browser_.source(), "heartbeat", "");
  }
  EXPECT_EQ(states_, States{State::kOpen});
  EXPECT_EQ(browser_.opened, 1);
  EXPECT_TRUE(seen_.empty());
}

TEST_F(ReopeningTest, AConnectionThatFallsSilentIsMadeAnewWithTheLastId) {
  EventSource source = make({.silent_after = 40s});
  browser_.open(browser_.source());
  browser_.advance(30'000);
  browser_.dispatch(browser_.source(), "message", "a", "7");
  browser_.advance(39'999);
  EXPECT_EQ(source.state(), State::kOpen);
  browser_.advance(1);
  EXPECT_EQ(source.state(), State::kWaiting);
  EXPECT_EQ(source.reason(), Reason::kSilent);
  EXPECT_TRUE(browser_.sources.empty());
  browser_.advance_to_next_timer();
  EXPECT_EQ(browser_.source().begins_after, "7");
  EXPECT_TRUE(browser_.source().asks_for_heartbeats);
  EXPECT_EQ(states_, (States{State::kOpen, State::kWaiting, State::kReconnecting}));
}

TEST_F(ReopeningTest, AnAttemptThatComesToNothingIsSilentToo) {
  EventSource source = make({.answer_within = 20s});
  browser_.advance(19'999);
  EXPECT_EQ(source.state(), State::kConnecting);
  browser_.advance(1);
  EXPECT_EQ(source.state(), State::kWaiting);
  EXPECT_EQ(source.reason(), Reason::kSilent);
  EXPECT_TRUE(browser_.sources.empty());
  browser_.advance_to_next_timer();
  browser_.advance(20'000);
  EXPECT_EQ(source.state(), State::kWaiting);
  EXPECT_EQ(browser_.opened, 2);
}

TEST_F(ReopeningTest, AReconnectionOfTheBrowsersThatHangsIsGivenUp) {
  EventSource source = make({});
  browser_.open(browser_.source());
  browser_.dispatch(browser_.source(), "message", "a", "7");
  EXPECT_EQ(browser_.timers(), 0u) << "nobody said how much silence is too much";
  for (int times = 0; times < 2; ++times) {
    browser_.drop(browser_.source());
    browser_.advance(29'999);
    EXPECT_EQ(source.state(), State::kReconnecting);
    browser_.advance(1);
    EXPECT_EQ(source.state(), State::kWaiting);
    browser_.advance_to_next_timer();
    EXPECT_EQ(browser_.source().begins_after, "7");
    browser_.open(browser_.source());
  }
  EXPECT_EQ(browser_.opened, 3);
  EXPECT_EQ(browser_.sources.size(), 1u);
}

TEST_F(ReopeningTest, AReconnectionOfTheBrowsersThatComesInTimeIsItsOwn) {
  EventSource source = make({.silent_after = 40s});
  browser_.open(browser_.source());
  browser_.drop(browser_.source());
  browser_.advance(29'999);
  browser_.open(browser_.source());
  browser_.advance(39'999);
  EXPECT_EQ(states_, (States{State::kOpen, State::kReconnecting, State::kOpen}));
  EXPECT_EQ(browser_.opened, 1);
  browser_.advance(1);
  EXPECT_EQ(source.state(), State::kWaiting) << "it is watched again";
}

// The clock may be set back, by an hour in autumn or by a man: then silence is noticed after twice the time at most.
TEST_F(ReopeningTest, AClockThatIsSetBackDoesNotHideSilence) {
  for (const bool wakes : {false, true}) {
    FakeBrowser browser;
    states_.clear();
    const EventSource source = make({.silent_after = 40s});
    browser.open(browser.source());
    browser.advance(39'000);
    browser.set_back(3'600'000);
    if (wakes) browser.wake();
    browser.advance(41'000);
    ASSERT_GE(states_.size(), 2u);
    EXPECT_EQ(states_[1], State::kWaiting);
  }
}

TEST_F(ReopeningTest, NothingIsMadeAnewWhileACallbackRuns) {
  EventSource source("/events", Reopening{.silent_after = 40s});
  source.on_message([&](const MessageView& message) {
    browser_.now += 1e6;  // a dialog is open
    browser_.wake();
    browser_.advance(40'000);
    EXPECT_EQ(browser_.opened, 1);
    seen_.push_back(std::string(message.data) + '|' + std::string(message.last_event_id));
  });
  browser_.open(browser_.source());
  browser_.dispatch(browser_.source(), "message", "a", "7");
  EXPECT_EQ(seen_, std::vector<std::string>{"a|7"});
  browser_.advance(500);
  EXPECT_EQ(browser_.opened, 2);
}

TEST_F(ReopeningTest, AWakeUpEndsTheWait) {
  EventSource source = make({.after_refusal = true});
  browser_.wake();
  EXPECT_EQ(browser_.opened, 1);
  browser_.fail(browser_.source());
  browser_.wake();
  EXPECT_EQ(source.state(), State::kConnecting);
  browser_.wake();
  browser_.advance(29'999);
  EXPECT_EQ(browser_.opened, 2) << "one attempt at a time";
}

TEST_F(ReopeningTest, AWakeUpLooksWhetherItIsSilent) {
  EventSource source = make({.silent_after = 40s});
  browser_.open(browser_.source());
  browser_.now += 39'000;  // no timer runs where the page is frozen
  browser_.wake();
  EXPECT_EQ(browser_.opened, 1);
  browser_.now += 1'000;
  browser_.wake();
  EXPECT_EQ(browser_.opened, 1);
  browser_.advance(249);
  browser_.wake();
  EXPECT_EQ(browser_.opened, 1);
  browser_.advance(1);
  EXPECT_EQ(browser_.opened, 2);
  EXPECT_EQ(browser_.sources.size(), 1u);
  EXPECT_EQ(source.state(), State::kReconnecting);
}

TEST_F(ReopeningTest, EventsThatWaitedForAFrozenPageKeepTheConnection) {
  for (const bool is_timer_first : {false, true}) {
    FakeBrowser browser;
    EventSource source("/events", Reopening{.silent_after = 40s});
    source.on_message([](const MessageView&) {});
    browser.open(browser.source());
    browser.now += 60'000;
    if (is_timer_first) {
      browser.advance(0);
    } else {
      browser.wake();
    }
    browser.dispatch(browser.source(), "message", "a", "1");
    browser.wake();
    browser.advance(39'999);
    EXPECT_EQ(browser.opened, 1);
    EXPECT_EQ(source.state(), State::kOpen);
    browser.advance(1);
    EXPECT_EQ(source.state(), State::kWaiting) << "it is watched as before";
  }
}

TEST_F(ReopeningTest, AFrozenPageWhoseTimerIsLateTriesAgainAtOnceWhereNothingComes) {
  EventSource source = make({.silent_after = 40s});
  browser_.open(browser_.source());
  browser_.now += 60'000;
  browser_.advance(250);
  EXPECT_EQ(browser_.opened, 2);
  EXPECT_EQ(browser_.sources.size(), 1u);
}

TEST_F(ReopeningTest, AWakeUpEndsAnAttemptThatHangs) {
  EventSource source = make({.answer_within = 30s});
  browser_.open(browser_.source());
  browser_.now += 1e9;
  browser_.wake();
  EXPECT_EQ(browser_.timers(), 0u) << "nobody said how much silence is too much";
  browser_.drop(browser_.source());
  browser_.now += 29'999;
  browser_.wake();
  EXPECT_EQ(browser_.opened, 1);
  browser_.now += 1;
  browser_.wake();
  browser_.advance(250);
  EXPECT_EQ(browser_.opened, 2);
  browser_.now += 30'000;
  browser_.wake();
  browser_.open(browser_.source());
  browser_.advance(1e6);
  EXPECT_EQ(browser_.opened, 2) << "it was open in time";
  EXPECT_EQ(source.state(), State::kOpen);
}

TEST_F(ReopeningTest, AWakeUpIsNothingWhereThatIsTurnedOff) {
  EventSource source = make({.after_refusal = true, .checks_on_wake = false});
  browser_.fail(browser_.source());
  browser_.wake();
  EXPECT_EQ(source.state(), State::kWaiting);
}

TEST_F(ReopeningTest, ClosedWhileItWaitsItStaysClosed) {
  std::optional<EventSource> source(make({.after_refusal = true}));
  browser_.fail(browser_.source());
  source->close();
  EXPECT_EQ(browser_.timers(), 0u);
  browser_.wake();
  EXPECT_EQ(source->state(), State::kClosed);
  EXPECT_EQ(source->reason(), Reason::kClosedHere);
  EXPECT_EQ(browser_.opened, 1);
  source.reset();
  EXPECT_EQ(browser_.wake_watches, 0);
}

TEST_F(ReopeningTest, ACallbackOfTheStateMayCloseOrDestroyIt) {
  for (const bool destroys : {false, true}) {
    std::optional<EventSource> source(std::in_place, "/", Reopening{.after_refusal = true, .silent_after = 40s});
    source->on_state([&](State) {
      if (destroys)
        source.reset();
      else
        source->close();
    });
    source->on_state([](State) { FAIL() << "nothing is called after close()"; });
    browser_.fail(browser_.source());
    EXPECT_TRUE(browser_.sources.empty());
    EXPECT_EQ(browser_.timers(), 0u);
  }
  EXPECT_EQ(browser_.wake_watches, 0);
}

}  // namespace
}  // namespace tidings
