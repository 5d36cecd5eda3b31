// The hub's channels alone: who keeps events, what goes first, what is never given out twice.
#include "tidings/server/channels/hub.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/protocol/channel_rules.h"
#include "tidings/server/channels/channel_cursor.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/testing/manual_clock.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

class HubTest : public testing::Test {
 protected:
  static Hub::Options holding(std::size_t channels) {
    Hub::Options options;
    options.max_channels = channels;
    return options;
  }
  std::string publish(const char* name) { return hub_.channel(name)->publish(Event("x")); }
  bool keeps(const char* name) { return hub_.channel(name)->first() != hub_.channel(name)->next(); }

  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(Clock::WallTime());
  Hub hub_{holding(3), clock_, 1};
};

TEST_F(HubTest, TheChannelThatWasIdleLongestGoesFirst) {
  for (const char* name : {"a", "b", "c"}) {
    publish(name);
    clock_->advance(2s);
  }
  publish("a");
  publish("d");
  EXPECT_FALSE(keeps("b"));
  for (const char* name : {"a", "c", "d"}) EXPECT_TRUE(keeps(name)) << name;
  EXPECT_EQ(hub_.figures().channels, 3u);
  EXPECT_EQ(hub_.figures().published, 5u);
}

TEST_F(HubTest, ABusyChannelStaysHoweverManyOthersArePublishedToInASecond) {
  publish("bus");
  for (int i = 0; i < 20; ++i) {
    publish(("robot-" + std::to_string(i)).c_str());
    clock_->advance(1ms);
    publish("bus");
  }
  EXPECT_EQ(hub_.channel("bus")->first(), 1u);
}

TEST_F(HubTest, AChannelWhoseEventsAreTooOldGoesBeforeAnyThatHasSome) {
  publish("a");
  clock_->advance(50min);
  publish("b");
  publish("c");
  clock_->advance(20min);
  EXPECT_FALSE(hub_.expire());
  EXPECT_FALSE(keeps("a"));
  clock_->advance(10s);
  publish("d");
  EXPECT_EQ(hub_.figures().channels, 3u);
  for (const char* name : {"b", "c", "d"}) EXPECT_TRUE(keeps(name)) << name;
}

TEST_F(HubTest, AnEmptiedChannelThatIsPublishedToIsBusyAgain) {
  publish("a");
  clock_->advance(2h);
  hub_.expire();
  for (const char* name : {"a", "b", "c"}) publish(name);
  clock_->advance(2s);
  publish("a");
  publish("d");
  EXPECT_TRUE(keeps("a"));
  EXPECT_FALSE(keeps("b"));
}

TEST_F(HubTest, ManyThatAreTooOldGoSomeAtATime) {
  Hub hub(holding(1000), clock_, 1);
  for (int i = 0; i < 600; ++i) hub.channel(std::to_string(i))->publish(Event("x"));
  clock_->advance(2h);
  int calls = 1;
  while (hub.expire()) ++calls;
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(hub.channel("599")->first(), 2u);
}

TEST_F(HubTest, ReadersMakeNothing) {
  std::vector<std::shared_ptr<Channel>> held;
  for (int i = 0; i < 100; ++i) held.push_back(hub_.channel(std::to_string(i)));
  EXPECT_EQ(hub_.figures().channels, 0u);
  publish("a");
  EXPECT_TRUE(keeps("a"));
}

TEST_F(HubTest, ReadersMayAskForAnyNameButNotForMoreThanThereMayBe) {
  Hub hub({.max_channels = 3, .max_quiet = 2, .channel = {}}, clock_, 1);
  hub.channel("published")->publish(Event("x"));
  const std::shared_ptr<Channel> a = hub.channel_to_follow("a");
  std::shared_ptr<Channel> b = hub.channel_to_follow("b");
  EXPECT_EQ(hub.channel_to_follow("c"), nullptr);
  EXPECT_EQ(hub.channel_to_follow("a"), a);
  EXPECT_NE(hub.channel_to_follow("published"), nullptr);
  EXPECT_NE(hub.channel("c"), nullptr) << "the program itself is known";
  b = nullptr;
  EXPECT_NE(hub.channel_to_follow("c"), nullptr);
}

TEST_F(HubTest, AChannelThatIsHeldIsTheSameForAll) {
  const std::shared_ptr<Channel> held = hub_.channel("a");
  EXPECT_EQ(hub_.channel("a"), held);
  for (const char* name : {"b", "c", "d", "e"}) publish(name);
  held->publish(Event("x"));
  EXPECT_EQ(hub_.channel("a"), held);
  EXPECT_TRUE(keeps("a"));
}

TEST_F(HubTest, NoIdIsGivenOutTwice) {
  const std::string first = publish("a");
  for (const char* name : {"b", "c", "d"}) publish(name);  // a is let go and nobody holds it
  const std::string second = publish("a");
  EXPECT_EQ(second.substr(0, 8), first.substr(0, 8));
  EXPECT_NE(second, first);
  EXPECT_FALSE(ChannelCursor(hub_.channel("a"), first).has_missed()) << "the second comes next";
  for (const char* name : {"e", "f", "g"}) publish(name);
  publish("a");
  EXPECT_TRUE(ChannelCursor(hub_.channel("a"), first).has_missed()) << "the second is gone";
}

TEST_F(HubTest, WhoFollowsAChannelThatIsLetGoHearsOfWhatIsGone) {
  ChannelCursor cursor(hub_.channel("a"), std::nullopt);
  publish("a");
  for (const char* name : {"b", "c", "d"}) publish(name);
  EventLog::Run run;
  EXPECT_EQ(cursor.advance(1, run), ChannelCursor::Found::kGap);
}

TEST_F(HubTest, EachChannelOfEachRunHasAnEpochOfItsOwn) {
  Hub next(holding(3), clock_, 2);
  const auto epoch = [](Hub& hub, const char* name) { return hub.channel(name)->id_of(1).substr(0, 8); };
  EXPECT_EQ(epoch(hub_, "a"), epoch(hub_, "a"));
  EXPECT_NE(epoch(hub_, "a"), epoch(hub_, "b"));
  EXPECT_NE(epoch(hub_, "a"), epoch(next, "a"));
}

TEST_F(HubTest, WhatIsQuietForLongHasMissedNothing) {
  const std::string id = publish("a");
  clock_->advance(2h);
  hub_.expire();
  EXPECT_FALSE(ChannelCursor(hub_.channel("a"), id).has_missed());
  const std::string begin = ChannelCursor(hub_.channel("never"), std::nullopt).id();
  EXPECT_FALSE(ChannelCursor(hub_.channel("never"), begin).has_missed());
}

TEST(Hub, AChannelOutlivesIt) {
  std::shared_ptr<Channel> channel;
  {
    Hub hub({}, std::make_shared<ManualClock>(Clock::WallTime()), 1);
    channel = hub.channel("a");
    channel->publish(Event("x"));
    hub.channel("b")->publish(Event("x"));
  }
  channel->publish(Event("x"));
  EXPECT_EQ(channel->next(), 3u);
  EXPECT_EQ(channel->first(), 1u);
}

TEST_F(HubTest, RefusesWhatHttpRefuses) {
  for (const std::string& name : std::vector<std::string>{"", "a b", std::string(129, 'a'), "a\n"}) {
    EXPECT_THROW(hub_.channel(name), std::invalid_argument) << name;
  }
  const std::shared_ptr<Channel> channel = hub_.channel("a");
  EXPECT_THROW(channel->publish(Event("begin", "x")), std::invalid_argument);
  EXPECT_THROW(channel->publish(Event("gap", "x")), std::invalid_argument);
  EXPECT_THROW(channel->publish(Event("heartbeat", "x")), std::invalid_argument);
  EXPECT_THROW(channel->publish(Event("error", "x")), std::invalid_argument);
  EXPECT_THROW(channel->publish(Event("open", "x")), std::invalid_argument);
  EXPECT_THROW(channel->publish(Event("a b", "x")), std::invalid_argument);
  EXPECT_THROW(channel->publish(Event("\xFF")), std::invalid_argument);
  EXPECT_EQ(channel->next(), 1u);
}

TEST_F(HubTest, PublishersAndANearlyEmptyShelfAreSafe) {
  Hub::Options options = holding(1);
  options.max_measured = 1;
  Hub hub(options, clock_, 1);
  std::vector<std::thread> publishers;
  for (int p = 0; p < 4; ++p) {
    publishers.emplace_back([&hub, p] {
      std::uint64_t last = 0;
      for (int i = 0; i < 500; ++i) {
        const std::string id = hub.channel(std::to_string(p))->publish(Event("x"));
        const std::uint64_t sequence = std::stoull(id.substr(9));
        EXPECT_GT(sequence, last);
        last = sequence;
      }
    });
  }
  for (int i = 0; i < 500; ++i) EXPECT_LE(hub.channel_figures().size(), 1u);
  for (std::thread& publisher : publishers) publisher.join();
  EXPECT_EQ(hub.figures().channels, 1u);
  EXPECT_EQ(hub.figures().published, 2000u);
}

// A loop that the test turns: what is posted waits for it.
struct Turns {
  std::vector<std::function<void()>> posted;
  ManualClock clock{Clock::WallTime()};
  Loop loop{clock, [this](std::function<void()> work) { posted.push_back(std::move(work)); }};
  void turn() {
    for (const auto& work : std::exchange(posted, {})) work();
  }
};

struct Throws final : Channel::Listener {
  void on_published() override { throw std::runtime_error("as it should"); }
};

struct Counts final : Channel::Listener {
  explicit Counts(Channel& channel, Loop& loop) : channel(channel), loop(loop) { channel.listen(*this, loop); }
  ~Counts() { channel.stop_listening(*this, loop); }
  void on_published() override { ++count; }
  Channel& channel;
  Loop& loop;
  int count = 0;
};

TEST_F(HubTest, AListenerThatThrowsLeavesTheOthersToBeTold) {
  Turns turns;
  const std::shared_ptr<Channel> channel = hub_.channel("a");
  Counts first(*channel, turns.loop);
  Throws throws;
  channel->listen(throws, turns.loop);
  for (int i = 1; i <= 2; ++i) {
    channel->publish(Event("x"));
    EXPECT_THROW(turns.turn(), std::runtime_error);
    turns.turn();
    EXPECT_EQ(first.count, i);
  }
  channel->stop_listening(throws, turns.loop);
}

TEST_F(HubTest, APublisherRingsOnceALoopHoweverManyListenThere) {
  Turns turns;
  const std::shared_ptr<Channel> channel = hub_.channel("a");
  std::vector<std::unique_ptr<Counts>> listeners;
  for (int i = 0; i < 1000; ++i) listeners.push_back(std::make_unique<Counts>(*channel, turns.loop));
  channel->publish(Event("1"));
  channel->publish(Event("2"));
  EXPECT_EQ(turns.posted.size(), 1u);
  int turn = 0;
  for (; !turns.posted.empty(); ++turn) {
    turns.turn();
    if (turn == 2) channel->publish(Event("3"));            // while some have not been told
    if (turn == 4) listeners.erase(listeners.begin() + 3);  // nor has this one
  }
  EXPECT_GT(turn, 10) << "others have their turn in between";
  for (const auto& listener : listeners) EXPECT_GE(listener->count, 2);
  channel->publish(Event("4"));
  listeners.clear();
  turns.turn();
  EXPECT_TRUE(turns.posted.empty());
}

TEST_F(HubTest, AChannelTellsWhenItIsWatchedAndWhenNotAnyMore) {
  std::vector<bool> told;
  Hub::Options options;
  options.channel.on_watched = [](const std::string&, bool) { FAIL() << "that is for the others"; };
  options.named = {{"camera", {.on_watched = [&told](const std::string& name, bool is_watched) {
                      EXPECT_EQ(name, "camera");
                      told.push_back(is_watched);
                    }}}};
  Hub hub(options, clock_, 1);
  const std::shared_ptr<Channel> channel = hub.channel("camera");
  channel->add_subscriber();
  channel->add_subscriber();
  channel->remove_subscriber();
  EXPECT_EQ(told, std::vector<bool>{true});
  channel->remove_subscriber();
  channel->add_subscriber();
  EXPECT_EQ(told, (std::vector<bool>{true, false, true}));
}

TEST_F(HubTest, WhatAChannelTellsOfItsWatchersIsInTurnAndTrueAtTheEndWhoeverComesAndGoes) {
  std::vector<bool> told;
  Hub::Options options;
  options.channel.on_watched = [&told](const std::string&, bool is_watched) { told.push_back(is_watched); };
  Hub hub(options, clock_, 1);
  const std::shared_ptr<Channel> channel = hub.channel("camera");
  std::vector<std::thread> loops;
  for (int i = 0; i < 4; ++i) {
    loops.emplace_back([&channel] {
      for (int j = 0; j < 2000; ++j) {
        channel->add_subscriber();
        channel->remove_subscriber();
      }
    });
  }
  for (std::thread& loop : loops) loop.join();
  for (std::size_t i = 0; i < told.size(); ++i) ASSERT_EQ(told[i], i % 2 == 0) << i;
  EXPECT_FALSE(told.empty());
  EXPECT_FALSE(told.back());
}

TEST_F(HubTest, AChannelThatGathersTellsItsListenersOnceForAllThatCameWithinItsTime) {
  Hub::Options options;
  options.named = {{"slow", {.gather_time = 1h}}, {"slow", {.gather_time = 5ms}}};
  Hub hub(options, clock_, 1);
  Turns turns;
  const std::shared_ptr<Channel> slow_channel = hub.channel("slow"), fast_channel = hub.channel("fast");
  Counts slow(*slow_channel, turns.loop), fast(*fast_channel, turns.loop);
  const auto pass = [&](std::chrono::milliseconds time) {
    turns.turn();
    turns.clock.advance(time);
    turns.loop.timers().run_due(256);
  };
  for (int i = 1; i <= 2; ++i) {
    slow.channel.publish(Event("x"));
    fast.channel.publish(Event("x"));
    pass(4ms);
    EXPECT_EQ(fast.count, i);
    EXPECT_EQ(slow.count, i - 1);
    slow.channel.publish(Event("x"));
    pass(1ms);
    EXPECT_EQ(slow.count, i);
    pass(1h);
    EXPECT_EQ(slow.count, i);
  }
}

TEST_F(HubTest, ABellThatGathersIsAnsweredWhenTheEarlierOfItsTimesIsOver) {
  for (const bool is_soon_first : {true, false}) {
    Turns turns;
    const auto bell = std::make_shared<Bell>(turns.loop, 5ms);
    struct Hears final : Bell::Listener {
      void on_published() override { ++count; }
      int count = 0;
    } hears;
    bell->listeners().add(hears);
    if (is_soon_first) bell->ring_soon();
    bell->ring();
    if (!is_soon_first) bell->ring_soon();
    turns.turn();
    turns.clock.advance(5ms);
    turns.loop.timers().run_due(256);
    EXPECT_EQ(hears.count, 1);
    bell->listeners().remove(hears);
  }
}

std::vector<std::string> measured(const Hub& hub) {
  std::vector<std::string> names;
  for (const Hub::ChannelFigures& each : hub.channel_figures()) names.push_back(each.name);
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Hub, TellsOfTheFirstChannelsUntilTheyAreLetGo) {
  const auto clock = std::make_shared<ManualClock>(Clock::WallTime());
  Hub hub({.max_channels = 3, .max_measured = 2, .channel = {}}, clock, 1);
  const std::shared_ptr<Channel> asked_for = hub.channel_to_follow("asked-for");
  EXPECT_EQ(measured(hub), std::vector<std::string>{});
  for (const char* name : {"a", "b", "c", "b", "a"}) {
    hub.channel(name)->publish(Event("x"));
    clock->advance(2s);
  }
  EXPECT_EQ(measured(hub), (std::vector<std::string>{"a", "b"}));
  hub.channel("d")->publish(Event("x"));  // lets go of c
  EXPECT_EQ(measured(hub), (std::vector<std::string>{"a", "b"}));
  clock->advance(2s);
  hub.channel("e")->publish(Event("x"));  // lets go of b, and takes its place
  EXPECT_EQ(measured(hub), (std::vector<std::string>{"a", "e"}));
}

TEST(Hub, TellsWhatAChannelHas) {
  const auto clock = std::make_shared<ManualClock>(Clock::WallTime());
  Hub hub({.max_channels = 1, .max_measured = 1, .channel = {.history = {.max_events = 2, .max_age = 10s}}}, clock, 1);
  const std::shared_ptr<Channel> channel = hub.channel("news");
  for (int i = 0; i < 3; ++i) channel->publish(Event("x"));
  for (int i = 0; i < 3; ++i) channel->add_subscriber();
  channel->remove_subscriber();
  Channel::Figures figures = hub.channel_figures().at(0).figures;
  EXPECT_EQ(figures.published, 3u);
  EXPECT_EQ(figures.kept, 2u);
  EXPECT_EQ(figures.subscribers, 2u);
  EXPECT_EQ(figures.bytes, 2 * channel->read(channel->first(), channel->epoch(), 1).block.size());
  clock->advance(11s);
  figures = hub.channel_figures().at(0).figures;
  EXPECT_EQ(figures.published, 3u);
  EXPECT_EQ(figures.kept, 0u);
  EXPECT_EQ(figures.bytes, 0u);
  for (int i = 0; i < 2; ++i) channel->remove_subscriber();
  hub.channel("else")->publish(Event("x"));
  channel->publish(Event("x"));  // begins behind what it has given out, which is not published once more
  EXPECT_EQ(hub.channel_figures().at(0).figures.published, 4u);
  EXPECT_EQ(hub.channel_figures().at(0).figures.subscribers, 0u);
}

}  // namespace
}  // namespace tidings
