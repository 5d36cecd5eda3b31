// Channels with a history behind them: one that the test lets keep, refuse and answer when it likes.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tidings/protocol/parser.h"
#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/channel_cursor.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/server/channels/fake_history.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Found = ChannelCursor::Found;
using Outcome = History::Outcome;

// Whoever follows the channel, on a loop that the test turns. Notes the data of what comes, and `gap` where it is told
// of one.
class Reader final : private Channel::Listener {
 public:
  Reader(std::shared_ptr<Channel> channel, Loop& loop, std::optional<std::string> last_event_id)
      : loop_(loop), id_(std::move(last_event_id)), cursor_(std::move(channel)) {
    cursor_.channel().listen(*this, loop_);
    on_published();
  }
  ~Reader() { cursor_.channel().stop_listening(*this, loop_); }

  // Takes what there is, about so many bytes at a time.
  void take(std::size_t max_bytes) {
    if (!is_placed_ && cursor_.channel().is_open()) {
      cursor_.place(id_);
      is_placed_ = true;
    }
    for (EventLog::Run run; is_placed_;) {
      switch (cursor_.advance(max_bytes, run)) {
        case Found::kEvents: take(run); break;
        case Found::kGap:
          gaps.emplace_back(cursor_.gap().data());
          seen.push_back("gap");
          break;
        default: return;
      }
    }
  }
  std::string id() const { return cursor_.id(); }
  bool is_placed() const { return is_placed_; }

  std::vector<std::string> seen, gaps;
  bool is_asleep = false;  // then it takes nothing when it is told

 private:
  void on_published() override {
    if (!is_asleep) take(100);
  }
  void take(const EventLog::Run& run) {
    Parser parser;
    std::string_view rest = run.chunks;
    while (!rest.empty()) {
      const std::size_t size = std::stoul(std::string(rest.substr(0, 16)), nullptr, 16);
      rest.remove_prefix(rest.find("\r\n") + 2);
      parser.feed(rest.substr(0, size), [&](const ParsedEvent& event) { seen.emplace_back(event.data); });
      rest.remove_prefix(size + 2);
    }
  }

  Loop& loop_;
  const std::optional<std::string> id_;
  ChannelCursor cursor_;
  bool is_placed_ = false;
};

class ChannelHistoryTest : public testing::Test {
 protected:
  // Only the newest three events are in memory.
  static Hub::Options options() {
    Hub::Options options;
    options.channel.history.max_events = 3;
    return options;
  }
  void turn() {
    for (const auto& work : std::exchange(posted_, {})) work();
  }
  void settle() {
    while (history_->step() || history_->step_reader() || !posted_.empty()) turn();
  }
  void publish(const std::string& data) {
    channel_->publish(Event(data), std::nullopt, [](const auto&) {});
  }

  std::shared_ptr<FakeHistory> history_ = std::make_shared<FakeHistory>();
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(Clock::WallTime(100s));
  std::vector<std::function<void()>> posted_;
  Loop loop_{*clock_, [this](std::function<void()> work) { posted_.push_back(std::move(work)); }};
  std::unique_ptr<Hub> hub_ = std::make_unique<Hub>(options(), clock_, 1, history_);
  std::shared_ptr<Channel> channel_ = hub_->channel("a");
};

using Seen = std::vector<std::string>;

TEST_F(ChannelHistoryTest, NobodySeesAnEventBeforeItIsKept) {
  settle();
  Reader reader(channel_, loop_, std::nullopt);
  std::optional<Channel::Published> published;
  channel_->publish(Event("one"), std::nullopt, [&](const auto& each) { published = each; });
  turn();
  EXPECT_EQ(reader.seen, Seen{});
  EXPECT_FALSE(published);
  settle();
  EXPECT_EQ(reader.seen, Seen{"one"});
  ASSERT_TRUE(published);
  EXPECT_EQ(published->id, reader.id());
}

TEST_F(ChannelHistoryTest, WhoCameBeforeTheChannelWasOpenGetsWhatWasPublishedSince) {
  ChannelCursor early(channel_), late(channel_), known(channel_);
  early.come();
  known.come();
  publish("one");
  settle();
  early.place(std::nullopt);
  late.place(std::nullopt);
  known.place(channel_->id_of(channel_->next() - 1));
  EventLog::Run run;
  EXPECT_EQ(late.advance(1000, run), Found::kNothing);
  EXPECT_EQ(known.advance(1000, run), Found::kNothing) << "its client says that it has had it";
  EXPECT_EQ(early.advance(1000, run), Found::kEvents);
  EXPECT_EQ(early.id(), late.id());
}

TEST_F(ChannelHistoryTest, WhatIsNotKeptIsNeverSeenAndSaysWhy) {
  settle();
  Reader reader(channel_, loop_, std::nullopt);
  history_->fails = true;
  Channel::Published failed, busy;
  channel_->publish(Event("one"), std::nullopt, [&](const auto& each) { failed = each; });
  settle();
  history_->is_full = true;
  channel_->publish(Event("two"), std::nullopt, [&](const auto& each) { busy = each; });
  EXPECT_EQ(failed.outcome, Outcome::kFailed);
  EXPECT_EQ(failed.why, "The disk is full.");
  EXPECT_EQ(busy.outcome, Outcome::kBusy);
  EXPECT_EQ(reader.seen, Seen{});
  EXPECT_THROW(channel_->publish(Event("three")), std::runtime_error);
}

TEST_F(ChannelHistoryTest, WaitingToBeKeptHasAnEnd) {
  EXPECT_THROW(channel_->publish(Event("one"), 1ms), std::runtime_error);
}

TEST_F(ChannelHistoryTest, ARestartIsNoGap) {
  settle();
  for (const char* data : {"1", "2", "3", "4", "5"}) publish(data);
  settle();
  const std::string id = channel_->id_of(2);
  channel_ = nullptr;
  hub_ = std::make_unique<Hub>(options(), clock_, 2, history_);
  channel_ = hub_->channel("a");
  Reader reader(channel_, loop_, id);  // before the history has said what it keeps
  EXPECT_FALSE(reader.is_placed());
  publish("6");
  settle();
  EXPECT_EQ(reader.seen, (Seen{"3", "4", "5", "6"}));
  EXPECT_EQ(reader.id(), channel_->id_of(6));
}

TEST_F(ChannelHistoryTest, FiguresAreOfAllThatIsKeptAndOfWhatThisServerHasPublished) {
  settle();
  for (const char* data : {"1", "2", "3", "4", "5"}) publish(data);
  settle();
  EXPECT_EQ(channel_->figures().published, 5u);
  EXPECT_EQ(channel_->figures().kept, 5u);
  history_->drop("a", 3);
  EXPECT_EQ(channel_->figures().kept, 3u);
  channel_ = nullptr;
  hub_ = std::make_unique<Hub>(options(), clock_, 2, history_);
  channel_ = hub_->channel("a");
  settle();
  EXPECT_EQ(channel_->figures().published, 0u);
  EXPECT_EQ(channel_->figures().kept, 3u);
  publish("6");
  settle();
  history_->begin_epoch("a", 0);
  EXPECT_EQ(channel_->figures().published, 1u);
  EXPECT_EQ(channel_->figures().kept, 4u);
}

TEST_F(ChannelHistoryTest, WhereTooManyWaitToBeOpenedAReaderIsRefusedAndTheNextOneOpens) {
  history_->opens_nothing = true;
  EXPECT_EQ(hub_->channel_to_follow("b"), nullptr);
  const std::shared_ptr<Channel> channel = hub_->channel("b");
  settle();
  EXPECT_FALSE(channel->is_open());
  Reader reader(channel, loop_, std::nullopt);
  history_->opens_nothing = false;
  EXPECT_EQ(hub_->channel_to_follow("b"), channel);
  settle();
  EXPECT_TRUE(channel->is_open());
  channel->publish(Event("one"), std::nullopt, [](const auto&) {});
  settle();
  EXPECT_EQ(reader.seen, Seen{"one"});
}

TEST_F(ChannelHistoryTest, WhoIsFarBehindGetsWhatMemoryNoLongerHas) {
  settle();
  Reader reader(channel_, loop_, std::nullopt);
  reader.is_asleep = true;
  for (int i = 1; i <= 100; ++i) publish(std::to_string(i));
  settle();
  reader.is_asleep = false;
  reader.take(1);
  EXPECT_EQ(reader.seen, Seen{});
  settle();
  ASSERT_EQ(reader.seen.size(), 100u);
  EXPECT_EQ(reader.seen.back(), "100");
}

TEST_F(ChannelHistoryTest, ACrowdAtTheSamePlaceIsReadForOnce) {
  settle();
  const std::string id = channel_->id_of(0);
  for (int i = 1; i <= 10; ++i) publish(std::to_string(i));
  settle();
  std::list<Reader> readers;
  for (int i = 0; i < 100; ++i) readers.emplace_back(channel_, loop_, id);
  settle();
  EXPECT_EQ(history_->reads, 1);
  for (const Reader& reader : readers) EXPECT_EQ(reader.seen.size(), 10u);
}

TEST_F(ChannelHistoryTest, WhoWasRefusedARunComesAgainInAMoment) {
  settle();
  const std::string id = channel_->id_of(0);
  for (int i = 1; i <= 10; ++i) publish(std::to_string(i));
  settle();
  history_->is_unreadable = true;
  Reader first(channel_, loop_, id), second(channel_, loop_, id);
  settle();
  EXPECT_EQ(history_->reads, 1);
  EXPECT_EQ(first.seen, Seen{});
  history_->is_unreadable = false;
  clock_->advance(1s);
  loop_.timers().run_due(100);
  settle();
  EXPECT_EQ(first.seen.size(), 10u);
  EXPECT_EQ(second.seen.size(), 10u);
}

TEST_F(ChannelHistoryTest, WhatTheHistoryNoLongerKeepsIsAGap) {
  settle();
  const std::string id = channel_->id_of(1);
  for (int i = 1; i <= 10; ++i) publish(std::to_string(i));
  settle();
  history_->drop("a", 5);
  Reader behind(channel_, loop_, id), just_there(channel_, loop_, channel_->id_of(4));
  settle();
  EXPECT_EQ(behind.seen, (Seen{"gap", "5", "6", "7", "8", "9", "10"}));
  EXPECT_EQ(just_there.seen, (Seen{"5", "6", "7", "8", "9", "10"}));
}

TEST_F(ChannelHistoryTest, AnotherEpochIsAGapForAllAndItsIdsAreOthers) {
  settle();
  Reader there(channel_, loop_, std::nullopt);
  for (int i = 1; i <= 3; ++i) publish(std::to_string(i));
  settle();
  const std::string before = channel_->id_of(3);
  history_->begin_epoch("a", 2);
  EXPECT_NE(channel_->id_of(3), before);
  Reader back(channel_, loop_, before);
  publish("another");
  settle();
  EXPECT_EQ(there.seen, (Seen{"1", "2", "3", "gap", "another"}));
  EXPECT_EQ(back.seen, (Seen{"gap", "another"}));
}

TEST_F(ChannelHistoryTest, AnIdThatIsNoneMakesNobodyReadAWholeHistory) {
  settle();
  for (int i = 1; i <= 100; ++i) publish(std::to_string(i));
  settle();
  Reader reader(channel_, loop_, "x");
  settle();
  EXPECT_EQ(reader.seen, (Seen{"gap", "98", "99", "100"}));
}

TEST_F(ChannelHistoryTest, TheIdOfWhoHasNotBeenToldOfAnEpochYetLeadsToAGap) {
  settle();
  for (int i = 1; i <= 5; ++i) publish(std::to_string(i));
  settle();
  Reader there(channel_, loop_, channel_->id_of(5));
  there.is_asleep = true;
  history_->begin_epoch("a", 3);
  for (int i = 6; i <= 9; ++i) publish(std::to_string(i));
  settle();
  Reader back(channel_, loop_, there.id());
  settle();
  EXPECT_EQ(back.seen.at(0), "gap");
}

TEST_F(ChannelHistoryTest, ARunOfAnEarlierEpochIsNotTakenForOneOfThis) {
  settle();
  for (int i = 1; i <= 10; ++i) publish(std::to_string(i));
  settle();
  Reader reader(channel_, loop_, channel_->id_of(2));  // it awaits the run from 3 on
  const auto held = history_->read_now("a", 3);
  history_->begin_epoch("a", 5);
  for (int i = 11; i <= 20; ++i) publish(std::to_string(i));
  while (history_->step()) turn();
  history_->answer_next_read_with(held);
  for (int i = 0; i < 3; ++i) {
    settle();
    clock_->advance(1s);
    loop_.timers().run_due(100);
  }
  settle();
  EXPECT_EQ(reader.seen, (Seen{"gap", "3", "4", "5", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20"}));
}

TEST_F(ChannelHistoryTest, WhatIsMissingFromTheHistoryIsAGapAndNobodyAsksForItAgain) {
  settle();
  const std::string id = channel_->id_of(1);
  for (int i = 1; i <= 10; ++i) publish(std::to_string(i));
  settle();
  history_->stored("a").missing = {3, 4};
  Reader reader(channel_, loop_, id), in_the_hole(channel_, loop_, channel_->id_of(3));
  settle();
  EXPECT_EQ(reader.seen, (Seen{"2", "gap", "5", "6", "7", "8", "9", "10"}));
  EXPECT_EQ(in_the_hole.seen, (Seen{"gap", "5", "6", "7", "8", "9", "10"}));
  ASSERT_EQ(reader.gaps.size(), 1u);
  EXPECT_NE(reader.gaps[0].find("\"asked\":\"" + channel_->id_of(2)), std::string::npos) << reader.gaps[0];
  EXPECT_NE(reader.gaps[0].find("\"first\":\"" + channel_->id_of(5)), std::string::npos) << reader.gaps[0];
  EXPECT_LE(history_->reads, 4);
}

TEST_F(ChannelHistoryTest, WhereAllIsMissingThatMemoryHasNotTheGapEndsAtWhatItHas) {
  settle();
  const std::string id = channel_->id_of(1);
  for (int i = 1; i <= 10; ++i) publish(std::to_string(i));
  settle();
  for (std::uint64_t sequence = 1; sequence <= 10; ++sequence) history_->stored("a").missing.insert(sequence);
  Reader reader(channel_, loop_, id);
  settle();
  publish("11");
  settle();
  EXPECT_EQ(reader.seen, (Seen{"gap", "8", "9", "10", "11"}));
}

TEST_F(ChannelHistoryTest, AHoleIsAGapAlsoWhereWhoFallsBehindIsDisconnected) {
  Hub::Options with = options();
  with.channel.fallen_behind = FallenBehind::kDisconnect;
  hub_ = std::make_unique<Hub>(with, clock_, 1, history_);
  channel_ = hub_->channel("b");
  settle();
  const std::string id = channel_->id_of(1);
  for (int i = 1; i <= 10; ++i) publish(std::to_string(i));
  settle();
  history_->stored("b").missing = {2, 3};
  Reader reader(channel_, loop_, id);
  settle();
  EXPECT_EQ(reader.seen, (Seen{"gap", "4", "5", "6", "7", "8", "9", "10"}));
}

TEST_F(ChannelHistoryTest, WhoDoesSomethingBadWithAnIdHarmsNobody) {
  settle();
  Reader reader(channel_, loop_, std::nullopt);
  channel_->publish(Event("one"), std::nullopt, [](const auto&) { throw std::runtime_error("as it should"); });
  settle();
  EXPECT_EQ(reader.seen, Seen{"one"});
}

TEST_F(ChannelHistoryTest, WhoHoldsAChannelForLongerThanTheServerIsToldSo) {
  settle();
  hub_ = nullptr;
  history_ = nullptr;
  std::string why;
  channel_->publish(Event("one"), std::nullopt, [&](const auto& each) { why = each.why; });
  EXPECT_EQ(why, "the server is gone");
}

TEST_F(ChannelHistoryTest, TheSameKeyIsTheSameEvent) {
  settle();
  Reader reader(channel_, loop_, std::nullopt);
  std::vector<std::string> ids;
  for (int i = 0; i < 2; ++i) {
    channel_->publish(Event("one"), "key", [&](const auto& each) { ids.push_back(each.id); });
  }
  settle();
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_EQ(reader.seen, Seen{"one"});
}

// With a history and without one.
TEST_F(ChannelHistoryTest, AKeyWithAnotherEventIsTakenAndAnEventIsItsTypeAndItsData) {
  Hub in_memory({}, clock_, 1);
  settle();
  for (const std::shared_ptr<Channel>& channel : {channel_, in_memory.channel("a")}) {
    const auto publish = [&](const Event& event) {
      std::optional<Channel::Published> published;
      channel->publish(event, "key", [&](const auto& each) { published = each; });
      settle();
      return published.value();
    };
    const std::string id = publish(Event("typed", "1\n2")).id;
    EXPECT_EQ(publish(Event("typed", "1\r\n2").with_id("x")).id, id);
    for (const Event& other : {Event("typed", "1"), Event("1\n2"), Event("another", "1\n2")}) {
      const Channel::Published published = publish(other);
      EXPECT_EQ(published.outcome, Outcome::kKeyTaken);
      EXPECT_EQ(published.id, "");
      EXPECT_EQ(published.why, History::kWhyKeyTaken);
    }
    EXPECT_EQ(channel->next(), 2u);
  }
}

// Of a channel with a history or without one: who follows it live, and who comes back, is told once.
class ClearedChannel : public ChannelHistoryTest, public testing::WithParamInterface<bool> {
 protected:
  ClearedChannel() { use(options()); }
  void use(const Hub::Options& options) {
    hub_ = std::make_unique<Hub>(options, clock_, 1, GetParam() ? history_ : nullptr);
    channel_ = hub_->channel("a");
    settle();
  }
  void settle() {
    ChannelHistoryTest::settle();
    turn();
  }
  History::Cleared clear(const std::string& name = "a") {
    std::optional<History::Cleared> cleared;
    hub_->clear(name, [&](History::Cleared answer, std::string_view) { cleared = answer; });
    settle();
    return cleared.value();
  }
  void publish(const std::string& data) {
    ChannelHistoryTest::publish(data);
    settle();
  }
};

INSTANTIATE_TEST_SUITE_P(InMemoryAndWithAHistory, ClearedChannel, testing::Bool());

TEST_P(ClearedChannel, WhoFollowsItIsToldOnceAndGoesOn) {
  Reader early(channel_, loop_, std::nullopt);
  publish("one");
  Reader late(channel_, loop_, std::nullopt);
  EXPECT_EQ(clear(), History::Cleared::kCleared);
  publish("two");
  publish("three");
  EXPECT_EQ(early.seen, (Seen{"one", "gap", "two", "three"}));
  EXPECT_EQ(late.seen, (Seen{"gap", "two", "three"}));
  EXPECT_NE(early.gaps.at(0).find("\"first\":\"" + channel_->id_of(3) + '"'), std::string::npos) << early.gaps.at(0);
  EXPECT_EQ(early.id(), channel_->id_of(4)) << "one number is left out";
}

TEST_F(ChannelHistoryTest, WhoWasFurtherAtAnotherServerWaitsUntilThisOneIsToldOfAsMuch) {
  history_->has_others = true;
  channel_ = hub_->channel("shared");
  settle();
  publish("one");
  settle();
  Reader ahead(channel_, loop_, channel_->id_of(3)), nowhere(channel_, loop_, channel_->id_of(1ULL << 40));
  const std::string id = ahead.id();
  EXPECT_EQ(id, channel_->id_of(3));
  EXPECT_EQ(nowhere.seen.front(), "gap");
  for (const char* data : {"two", "three", "four"}) publish(data);
  settle();
  EXPECT_EQ(ahead.seen, Seen{"four"}) << "it has had the others";
}

TEST_F(ChannelHistoryTest, WhoWasFurtherAtAnotherServerIsToldWhereThatIsLost) {
  history_->has_others = true;
  channel_ = hub_->channel("shared");
  settle();
  publish("one");
  settle();
  Reader ahead(channel_, loop_, channel_->id_of(3));
  history_->begin_epoch("shared", 0);
  turn();
  EXPECT_EQ(ahead.seen, Seen{"gap"});
  publish("two");
  settle();
  EXPECT_EQ(ahead.seen, (Seen{"gap", "two"}));
}

TEST_P(ClearedChannel, WhoComesBackIsToldOnceWhateverItHadAndWhoWasToldIsNotAgain) {
  publish("one");
  publish("two");
  Reader live(channel_, loop_, std::nullopt);
  const std::string old = channel_->id_of(1), newest = live.id();
  clear();
  const std::string told = live.id();
  for (const std::string& id : {old, newest}) {
    Reader back(channel_, loop_, id);
    EXPECT_EQ(back.seen, Seen{"gap"}) << id;
    Reader again(channel_, loop_, back.id());
    EXPECT_EQ(again.seen, Seen()) << id;
  }
  Reader again(channel_, loop_, told), stranger(channel_, loop_, std::nullopt);
  publish("three");
  EXPECT_EQ(again.seen, Seen{"three"});
  EXPECT_EQ(stranger.seen, Seen{"three"});
  EXPECT_EQ(live.seen, (Seen{"gap", "three"}));
}

TEST_P(ClearedChannel, WhatKeepsNothingHasNothingToClear) {
  EXPECT_EQ(clear(), History::Cleared::kNothing);
  EXPECT_EQ(clear("nobody"), History::Cleared::kNothing);
  publish("one");
  EXPECT_EQ(clear(), History::Cleared::kCleared);
  Reader reader(channel_, loop_, std::nullopt);
  EXPECT_EQ(clear(), History::Cleared::kNothing);
  EXPECT_EQ(reader.seen, Seen());
}

TEST_P(ClearedChannel, AKeyGoesWithItsEvent) {
  std::string id;
  const auto note = [&](const Channel::Published& published) { id = published.id; };
  channel_->publish(Event("one"), "key", note);
  settle();
  clear();
  channel_->publish(Event("another"), "key", note);
  settle();
  EXPECT_EQ(id, channel_->id_of(3)) << "it is published";
}

TEST_P(ClearedChannel, NobodyIsDisconnectedForItAndWhoSeesTheNewestAloneMissesNothingThatComes) {
  for (const FallenBehind policy : {FallenBehind::kDisconnect, FallenBehind::kLatest}) {
    Hub::Options with = options();
    with.channel.fallen_behind = policy;
    history_ = std::make_shared<FakeHistory>();
    use(with);
    publish("one");
    Reader reader(channel_, loop_, std::nullopt);
    reader.is_asleep = true;
    clear();
    publish("two");
    publish("three");
    reader.is_asleep = false;
    reader.take(100);
    EXPECT_EQ(reader.seen, (Seen{"gap", "two", "three"}));
  }
}

TEST_F(ChannelHistoryTest, WhatWasReadForWhoIsBehindIsNotSentOnceItIsCleared) {
  settle();
  for (int i = 1; i <= 10; ++i) publish(std::to_string(i));
  settle();
  Reader behind(channel_, loop_, channel_->id_of(1)), reading(channel_, loop_, channel_->id_of(2));
  behind.is_asleep = true;
  history_->step_reader();
  history_->answer_next_read_with(history_->read_now("a", 3));
  hub_->clear("a", [](History::Cleared, std::string_view) {});
  settle();
  behind.is_asleep = false;
  behind.take(100);
  EXPECT_EQ(behind.seen, Seen{"gap"});
  EXPECT_EQ(reading.seen, Seen{"gap"});
}

TEST_F(ChannelHistoryTest, TheListHasWhatTheHistoryHasAndWhoIsHeldInTheOrderOfTheNames) {
  settle();
  publish("one");
  for (const char* name : {"c", "e"}) history_->stored(name).events.push_back({"data: old\n", {}});
  const auto follow = [&](const char* name) {
    const std::shared_ptr<Channel> channel = hub_->channel_to_follow(name);
    channel->add_subscriber();
    return channel;
  };
  const auto b = follow("b"), c = follow("c"), d = follow("d");
  settle();
  const auto unopened = hub_->channel_to_follow("dd");
  const auto list = [&](const std::string& after, std::size_t most) {
    std::string text = "no answer";
    hub_->list(after, most, [&](const std::optional<Hub::List>& list) {
      text = list ? "" : "nothing";
      if (!list) return;
      for (const Hub::Listed& each : list->channels) {
        text += each.name + (each.first ? " has " : " ") + std::to_string(each.subscribers) + ", ";
      }
      if (list->is_more) text += "more";
    });
    while (history_->step_reader()) {
    }
    return text;
  };
  EXPECT_EQ(list("", 10), "a has 0, b 1, c has 1, d 1, e has 0, ");
  EXPECT_EQ(list("", 3), "a has 0, b 1, c has 1, more");
  EXPECT_EQ(list("c", 1), "d 1, more");
  EXPECT_EQ(list("d", 1), "e has 0, ");
  history_->is_unreadable = true;
  EXPECT_EQ(list("", 3), "nothing");
}

TEST(ChannelWithoutHistory, TheSameKeyIsTheSameEventForAsLongAsItIsKept) {
  const auto clock = std::make_shared<ManualClock>(Clock::WallTime(100s));
  Hub::Options options;
  options.channel.history.max_events = 3;
  Hub hub(options, clock, 1);
  const std::shared_ptr<Channel> channel = hub.channel("a");
  const auto publish = [&](std::optional<std::string> key) {
    std::string id;
    channel->publish(Event("x"), std::move(key), [&](const auto& each) { id = each.id; });
    return id;
  };
  const std::string first = publish("a"), second = publish("b");
  EXPECT_NE(first, second);
  EXPECT_EQ(publish("a"), first);
  EXPECT_EQ(publish("b"), second);
  publish(std::nullopt);
  publish(std::nullopt);
  EXPECT_EQ(publish("b"), second);
  EXPECT_NE(publish("a"), first) << "the event is gone, and the key with it";
  const std::string third = publish("c");
  clock->advance(2h);
  EXPECT_NE(publish("c"), third);
}

// Publishers, a history that answers late and out of time, readers that come, go and come back: whoever is told of no
// gap has every event that was kept since its place, once and in order.
TEST_F(ChannelHistoryTest, InAnyScheduleNothingIsLostOrDoubled) {
  for (std::uint32_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    history_ = std::make_shared<FakeHistory>();
    hub_ = std::make_unique<Hub>(options(), clock_, seed, history_);
    channel_ = hub_->channel("a");
    int published = 0, receipts = 0, lost_events = 0, clearings = 0;
    std::set<std::string> kept, ids;
    std::list<Reader> readers;
    for (int i = 0; i < 120; ++i) {
      switch (random() % 16) {
        case 0: readers.emplace_back(channel_, loop_, std::nullopt); break;
        case 1:
          if (!readers.empty() && readers.front().is_placed()) {  // it comes back with its id
            const std::string id = readers.front().id();
            const std::size_t had = readers.front().seen.size();
            Seen seen = readers.front().seen;
            readers.pop_front();
            readers.emplace_back(channel_, loop_, id);
            if (had > 0) readers.back().seen.insert(readers.back().seen.begin(), seen.begin(), seen.end());
          }
          break;
        case 2:
          if (!readers.empty()) readers.back().is_asleep = !readers.back().is_asleep;
          break;
        case 3:
          if (random() % 3 == 0) {
            history_->drop("a", history_->stored("a").first + random() % 3);
          } else if (random() % 3 == 0 && history_->is_opened("a")) {
            for (std::size_t lost = history_->begin_epoch("a", random() % 3); lost > 0; --lost) ++lost_events;
          } else if (random() % 3 == 0) {
            hub_->clear("a", [&](History::Cleared cleared, std::string_view) {
              if (cleared == History::Cleared::kCleared) ++clearings;
            });
          } else {
            history_->fails = random() % 4 == 0;
          }
          break;
        case 4: history_->is_full = random() % 4 == 0; break;
        case 5: history_->is_unreadable = random() % 3 == 0; break;
        case 6:
          clock_->advance(100ms);
          loop_.timers().run_due(100);
          break;
        case 7:
        case 8: turn(); break;
        case 9:
        case 10: history_->step_reader(); break;
        case 11:
        case 12: history_->step(); break;
        default: {
          const std::string data = std::to_string(++published);
          channel_->publish(Event(data), std::nullopt, [&, data](const Channel::Published& each) {
            ++receipts;
            if (each.outcome != Outcome::kKept) return;
            EXPECT_TRUE(kept.insert(data).second);
            EXPECT_TRUE(ids.insert(each.id).second) << each.id;
          });
        }
      }
    }
    history_->fails = history_->is_full = history_->is_unreadable = false;
    for (Reader& each : readers) {
      each.is_asleep = false;
      each.take(50);
    }
    for (int i = 0; i < 3; ++i) {
      settle();
      clock_->advance(1s);
      loop_.timers().run_due(100);
    }
    settle();
    EXPECT_EQ(receipts, published);
    Seen all;
    for (const auto& event : history_->stored("a").events) all.push_back(event.block.substr(6, event.block.size() - 7));
    EXPECT_EQ(all.size() + static_cast<std::size_t>(lost_events) + history_->stored("a").first - 1,
              kept.size() + static_cast<std::size_t>(clearings));
    for (const Reader& each : readers) {
      const auto gap = std::find(each.seen.rbegin(), each.seen.rend(), "gap").base();
      const Seen since(gap, each.seen.end());
      // Of those that it was told are gone later, it may have had some.
      const std::size_t there = std::min(since.size(), all.size());
      const Seen newest(all.end() - static_cast<std::ptrdiff_t>(there), all.end());
      ASSERT_EQ(Seen(since.end() - static_cast<std::ptrdiff_t>(there), since.end()), newest);
      ASSERT_EQ(std::set<std::string>(since.begin(), since.end()).size(), since.size());
    }
    readers.clear();
  }
}

}  // namespace
}  // namespace tidings
