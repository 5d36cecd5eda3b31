// Tabs that share one stream: what each of them sees. Their many orders are shared_stream_model_test.cc's.
#include "tidings/client_wasm/share/shared_stream.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/tests/client_wasm/fake_browser.h"
#include "tidings/tests/client_wasm/share/fake_tabs.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Reason = EventSource::Reason;
using State = EventSource::State;
using Seen = std::vector<std::string>;

struct Tab {
  explicit Tab(std::string_view last_event_id = {})
      : source(EventSource::shared("/events", Reopening{.last_event_id = last_event_id, .after_refusal = true})) {
    source->on_message([this](const MessageView& message) {
      seen.push_back(std::string(message.data) + '|' + std::string(message.last_event_id));
    });
    source->on_event("gap", [this](const MessageView& message) { seen.push_back("gap " + std::string(message.data)); });
  }
  std::optional<EventSource> source;
  Seen seen;
};

class SharedStreamTest : public testing::Test {
 protected:
  // Moves the clock past all pauses, with everything that is said.
  void settle() {
    for (int i = 0; i < 3; ++i) {
      fakes_.settle();
      browser_.advance(1100);
    }
    fakes_.settle();
  }
  void send(const std::string& data, const std::string& id, const std::string& type = "message") {
    browser_.dispatch(browser_.source(), type, data, id);
    fakes_.settle();
  }

  FakeBrowser browser_;
  FakeTabs fakes_;
};

TEST_F(SharedStreamTest, TheFirstConnectsAtOnceAndTheOthersNever) {
  Tab first;
  fakes_.settle();
  EXPECT_EQ(browser_.opened, 1);
  Tab second;
  Tab third;
  settle();
  browser_.open(browser_.source());
  send("a", "1");
  EXPECT_EQ(browser_.opened, 1);
  for (const Tab* tab : {&first, &second, &third}) {
    EXPECT_EQ(tab->seen, Seen{"a|1"});
    EXPECT_EQ(tab->source->state(), State::kOpen);
  }
}

TEST_F(SharedStreamTest, WhenTheLeaderIsClosedAnotherGoesOnFromItsLastEvent) {
  std::optional<Tab> first(std::in_place);
  fakes_.settle();
  Tab second;
  settle();
  browser_.open(browser_.source());
  send("a", "1");
  first.reset();
  settle();
  EXPECT_EQ(browser_.source().url, "/events?last_event_id=1");
  EXPECT_EQ(second.source->state(), State::kReconnecting);
  browser_.open(browser_.source());
  send("b", "2");
  EXPECT_EQ(second.seen, (Seen{"a|1", "b|2"}));
}

TEST_F(SharedStreamTest, ANewTabBeginsAfterTheEventThatItNames) {
  Tab first;
  fakes_.settle();
  browser_.open(browser_.source());
  for (const char* const id : {"5", "6", "7", "8"}) send("d", id);
  Tab second("6");
  settle();
  send("d", "9");
  EXPECT_EQ(second.seen, (Seen{"d|7", "d|8", "d|9"}));
  Tab third("9");
  settle();
  send("d", "10");
  EXPECT_EQ(third.seen, Seen{"d|10"});
}

TEST_F(SharedStreamTest, ANewTabIsToldWhereNobodyHasTheEventThatItNames) {
  Tab first;
  fakes_.settle();
  browser_.open(browser_.source());
  send("a", "5");
  Tab second("2");
  settle();
  send("b", "6");
  EXPECT_EQ(second.seen, (Seen{R"(gap {"channel":"","asked":"2","first":""})", "b|6"}));
  EXPECT_EQ(first.seen, (Seen{"a|5", "b|6"}));
}

TEST_F(SharedStreamTest, WhereTheLeaderIsClosedBeforeTheFirstEventAnotherGoesOnFromTheBegin) {
  for (const std::string id : {"E-7", "a:E-7,b:F-9"}) {
    const std::string escaped = id == "E-7" ? id : "a%3AE-7%2Cb%3AF-9";
    std::optional<Tab> first(std::in_place);
    fakes_.settle();
    std::optional<Tab> second(std::in_place);
    settle();
    browser_.open(browser_.source());
    send("{}", id, "begin");
    Tab third;  // which was not there when the stream began
    settle();
    for (auto* const leader : {&first, &second}) {
      leader->reset();
      settle();
      EXPECT_EQ(browser_.source().url, "/events?last_event_id=" + escaped);
      browser_.open(browser_.source());
    }
    send("meanwhile", "8");
    EXPECT_EQ(third.seen, Seen{"meanwhile|8"});
  }
}

TEST_F(SharedStreamTest, ATabSaysThatItIsOpenOnceItHasAPlace) {
  std::optional<Tab> first(std::in_place);
  fakes_.settle();
  Tab second;
  browser_.open(browser_.source());
  while (fakes_.deliverable() > 1) fakes_.deliver(1);  // what the first has said, which does not answer any more
  first.reset();
  EXPECT_EQ(second.source->state(), State::kConnecting) << "else it would promise what comes from now on";
}

TEST_F(SharedStreamTest, ATabThatIsBehindSaysThatItIsOpenOnceItHasCaughtUp) {
  Tab first;
  fakes_.settle();
  Tab second;
  SharedStream* const frozen = fakes_.newest();
  settle();
  frozen->sleep();
  frozen->wake();
  browser_.open(browser_.source());
  fakes_.deliver(fakes_.deliverable() - 1);  // the first's state, before it has been asked what the second has missed
  EXPECT_EQ(second.source->state(), State::kConnecting);
  fakes_.settle();
  EXPECT_EQ(second.source->state(), State::kOpen);
}

TEST_F(SharedStreamTest, ANewTabThatNamesTheBeginsIdMissesNothing) {
  Tab first;
  fakes_.settle();
  browser_.open(browser_.source());
  send("{}", "E-7", "begin");
  Tab second("E-7");
  settle();
  send("a", "E-8");
  Tab third("E-7");
  settle();
  send("b", "E-9");
  EXPECT_EQ(second.seen, (Seen{"a|E-8", "b|E-9"}));
  EXPECT_EQ(third.seen, second.seen);
}

TEST_F(SharedStreamTest, TheBeginIsForThoseWhoListenToIt) {
  Tab first;
  fakes_.settle();
  Tab second;
  settle();
  second.source->on_event("begin", [&](const MessageView& message) {
    second.seen.push_back("begin " + std::string(message.last_event_id));
  });
  browser_.open(browser_.source());
  send("{}", "E-7", "begin");
  EXPECT_EQ(first.seen, Seen{});
  EXPECT_EQ(second.seen, Seen{"begin E-7"});
}

TEST_F(SharedStreamTest, AGapIsToldOnceAndWhoeverLeadsGoesOnBehindIt) {
  std::optional<Tab> first(std::in_place);
  fakes_.settle();
  Tab second;
  settle();
  browser_.open(browser_.source());
  send("a", "E-7");
  browser_.drop(browser_.source());
  browser_.open(browser_.source());
  send("of the server's", "F-0", "gap");
  first.reset();
  settle();
  EXPECT_EQ(browser_.source().url, "/events?last_event_id=F-0");
  browser_.open(browser_.source());
  send("b", "F-1");
  EXPECT_EQ(second.seen, (Seen{"a|E-7", "gap of the server's", "b|F-1"}));
}

// The second has seen more than the first when that goes on, and the server has lost what the second has had.
TEST_F(SharedStreamTest, AGapOfWhatATabHasHadIsNoneToItButToThoseItTells) {
  std::optional<Tab> leader(std::in_place);
  fakes_.settle();
  std::optional<Tab> first(std::in_place);
  settle();
  Tab second;
  settle();
  Tab third;
  SharedStream* const frozen = fakes_.newest();
  settle();
  browser_.open(browser_.source());
  send("a", "1");
  frozen->sleep();
  for (const char* id : {"2", "3", "4", "5"}) browser_.dispatch(browser_.source(), "message", "b", id);
  while (fakes_.deliverable() == 2) fakes_.deliver(1);  // to the second alone
  leader.reset();
  fakes_.grant();
  browser_.advance(60);
  fakes_.settle();
  EXPECT_EQ(browser_.source().url, "/events?last_event_id=1");
  browser_.open(browser_.source());
  fakes_.settle();
  send("b", "2");
  send("of the server's", "4", "gap");
  send("b", "5");
  send("c", "6");
  EXPECT_EQ(first->seen, (Seen{"a|1", "b|2", "gap of the server's", "b|5", "c|6"}));
  EXPECT_EQ(second.seen, (Seen{"a|1", "b|2", "b|3", "b|4", "b|5", "c|6"}));
  first.reset();
  settle();
  frozen->wake();
  settle();
  EXPECT_EQ(third.seen, (Seen{"a|1", "b|2", "gap of the server's", "b|5", "c|6"}));
}

TEST_F(SharedStreamTest, AnIdThatIsTakenBackIsNotAskedFor) {
  std::optional<Tab> first(std::in_place);
  fakes_.settle();
  Tab second;
  settle();
  browser_.open(browser_.source());
  send("a", "9");
  browser_.source().last_event_id.clear();
  send("b", "");
  first.reset();
  settle();
  EXPECT_EQ(browser_.source().url, "/events");
  EXPECT_EQ(second.seen, (Seen{"a|9", "b|"}));
}

// The second has seen more than the first when that goes on, and knows again only what has an id.
TEST_F(SharedStreamTest, AnEventWithoutAnIdIsNotTakenForAnEarlierOne) {
  std::optional<Tab> leader(std::in_place);
  fakes_.settle();
  Tab first;
  settle();
  Tab second;
  settle();
  browser_.open(browser_.source());
  send("a", "1");
  browser_.dispatch(browser_.source(), "message", "b", "2");
  browser_.dispatch(browser_.source(), "message", "without, once");
  while (fakes_.deliverable() == 2) fakes_.deliver(1);  // to the second alone
  leader.reset();
  fakes_.grant();
  browser_.advance(60);
  fakes_.settle();
  EXPECT_EQ(browser_.source().url, "/events?last_event_id=1");
  browser_.open(browser_.source());
  fakes_.settle();
  send("b", "2");
  send("without, twice", "");
  send("c", "3");
  EXPECT_EQ(first.seen, (Seen{"a|1", "b|2", "without, twice|2", "c|3"}));
  EXPECT_EQ(second.seen, (Seen{"a|1", "b|2", "without, once|2", "without, twice|2", "c|3"}));
}

TEST_F(SharedStreamTest, ATypeThatAnyTabListensToComesToIt) {
  Tab first;
  fakes_.settle();
  Tab second;
  settle();
  second.source->on_event("tick", [&](const MessageView& message) { second.seen.emplace_back(message.data); });
  settle();
  browser_.open(browser_.source());
  send("t", "1", "tick");
  EXPECT_EQ(first.seen, Seen{});
  EXPECT_EQ(second.seen, Seen{"t"});
}

TEST_F(SharedStreamTest, AFrozenTabGivesTheStreamUpAndMissesNothingWhenItIsBack) {
  Tab first;
  fakes_.settle();
  SharedStream* const frozen = fakes_.newest();
  Tab second;
  settle();
  browser_.open(browser_.source());
  send("a", "1");
  frozen->sleep();
  settle();
  EXPECT_EQ(browser_.sources.size(), 1u);
  browser_.open(browser_.source());
  send("b", "2");
  send("c", "3");
  EXPECT_EQ(first.seen, Seen{"a|1"});
  frozen->wake();
  settle();
  EXPECT_EQ(first.seen, (Seen{"a|1", "b|2", "c|3"}));
  EXPECT_EQ(first.source->state(), State::kOpen);
  send("d", "4");
  EXPECT_EQ(first.seen, (Seen{"a|1", "b|2", "c|3", "d|4"}));
  EXPECT_EQ(second.seen, first.seen);
}

TEST_F(SharedStreamTest, ATabThatMissedMoreThanIsKeptIsToldOfAGap) {
  Tab first;
  fakes_.settle();
  Tab second;
  SharedStream* const frozen = fakes_.newest();
  settle();
  browser_.open(browser_.source());
  send("a", "1");
  frozen->sleep();
  const std::string large(200'000, 'x');
  for (const char* id : {"2", "3", "4"}) send(large, id);
  frozen->wake();
  settle();
  EXPECT_EQ(second.seen, (Seen{"a|1", R"(gap {"channel":"","asked":"1","first":"4"})", large + "|4"}));
}

TEST_F(SharedStreamTest, ALeaderWhoseLockIsStolenFollows) {
  Tab first;
  fakes_.settle();
  Tab second;
  settle();
  browser_.open(browser_.source());
  send("a", "1");
  SharedStream* const old = fakes_.holder();
  fakes_.steal();
  EXPECT_TRUE(browser_.sources.empty()) << "nobody leads without the lock";
  settle();
  EXPECT_NE(fakes_.holder(), old);
  ASSERT_EQ(browser_.sources.size(), 1u);
  browser_.open(browser_.source());
  send("b", "2");
  for (const Tab* tab : {&first, &second}) {
    EXPECT_EQ(tab->seen, (Seen{"a|1", "b|2"}));
    EXPECT_EQ(tab->source->state(), State::kOpen);
  }
}

// Firefox, when it closes the leader's tab, ends the script that takes one event and lets that of the next one run.
TEST_F(SharedStreamTest, ALeaderWhoseScriptWasEndedInAnEventPassesNoLaterOneOnAndFollows) {
  Tab first;
  fakes_.settle();
  Tab second;
  settle();
  browser_.open(browser_.source());
  send("a", "1");
  SharedStream* const old = fakes_.holder();
  browser_.tear(browser_.source(), "2");
  browser_.dispatch(browser_.source(), "message", "c", "3");
  EXPECT_TRUE(browser_.sources.empty()) << "it can't say that there is one before this";
  settle();
  EXPECT_NE(fakes_.holder(), old);
  ASSERT_EQ(browser_.sources.size(), 1u);
  EXPECT_EQ(browser_.source().url, "/events?last_event_id=1");
  browser_.open(browser_.source());
  send("b", "2");
  send("c", "3");
  for (const Tab* tab : {&first, &second}) EXPECT_EQ(tab->seen, (Seen{"a|1", "b|2", "c|3"}));
}

TEST_F(SharedStreamTest, ATabWhoseScriptWasEndedInAnEventGetsItAgainWhereItIsTheOnlyOne) {
  Tab tab;
  settle();
  browser_.open(browser_.source());
  send("a", "1");
  browser_.tear(browser_.source(), "2");
  send("c", "3");
  settle();
  ASSERT_EQ(browser_.sources.size(), 1u);
  EXPECT_EQ(browser_.source().url, "/events?last_event_id=1");
  browser_.open(browser_.source());
  send("b", "2");
  send("c", "3");
  EXPECT_EQ(tab.seen, (Seen{"a|1", "b|2", "c|3"}));
}

TEST_F(SharedStreamTest, WhereTabsCannotShareEachHasItsOwn) {
  fakes_.can_share = false;
  Tab first;
  Tab second;
  EXPECT_EQ(browser_.sources.size(), 2u);
  for (FakeSource& source : browser_.sources) {
    browser_.open(source);
    browser_.dispatch(source, "message", "a", "1");
  }
  EXPECT_EQ(first.seen, Seen{"a|1"});
  EXPECT_EQ(second.seen, Seen{"a|1"});
  EXPECT_EQ(fakes_.posted, 0);
}

TEST_F(SharedStreamTest, ARefusalThatIsFinalClosesAllWithItsReason) {
  EventSource first = EventSource::shared("/", {});
  fakes_.settle();
  EventSource second = EventSource::shared("/", {});
  settle();
  browser_.fail(browser_.source());
  fakes_.settle();
  for (const EventSource* source : {&first, &second}) {
    EXPECT_EQ(source->state(), State::kClosed);
    EXPECT_EQ(source->reason(), Reason::kRefused);
  }
  EXPECT_TRUE(browser_.sources.empty());
  EXPECT_TRUE(fakes_.tabs.empty());
}

TEST_F(SharedStreamTest, ACallbackMayEndItWhateverItIs) {
  std::vector<std::optional<EventSource>> tabs(3);
  for (auto& tab : tabs) {
    tab.emplace(EventSource::shared("/events", Reopening{}));
    tab->on_message([&tab](const MessageView&) { tab.reset(); });
    fakes_.settle();
  }
  settle();
  browser_.open(browser_.source());
  browser_.dispatch(browser_.source(), "message", "a", "1");
  fakes_.settle();
  for (const auto& tab : tabs) EXPECT_FALSE(tab.has_value());
  EXPECT_TRUE(browser_.sources.empty());
  EXPECT_TRUE(fakes_.tabs.empty());
}

TEST_F(SharedStreamTest, WhatOtherScriptsSayDoesNoHarm) {
  std::mt19937 random(7);
  const auto position = [](std::uint64_t term, std::uint64_t number) { return (term << kShareNumberBits) + number; };
  ShareMessage message;
  message.type = "message";
  message.data = "data";
  message.id = "id";
  Tab first;
  fakes_.settle();
  Tab second;
  settle();
  browser_.open(browser_.source());
  SharedStream* const tabs[] = {fakes_.tabs[0], fakes_.tabs[1]};
  for (int i = 0; i < 20'000; ++i) {
    message.kind = ShareMessage::Kind(random() % 7);
    message.state = State(random() % 4);  // an honest kClosed would end it
    message.from = std::uint32_t(random());
    message.position = position(random() % 3 == 0 ? random() : 1'000'000 + random() % 3, random() % 5);
    message.before = position(1'000'000 + random() % 3, random() % 5);
    const std::unique_ptr<const ShareMessage> copy(message.copy());
    std::string bytes(reinterpret_cast<const char*>(copy.get()), copy->size());
    for (int changes = int(random() % 4); changes > 0; --changes) bytes[random() % bytes.size()] = char(random());
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 9));
    if (bytes.size() > 16 && bytes[16] == char(State::kClosed)) continue;
    for (SharedStream* const tab : tabs) fakes_.post_to(tab, bytes);
  }
}

}  // namespace
}  // namespace tidings
