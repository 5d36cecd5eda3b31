// Generators that publish: with an answer at once, later, from another thread, and to a generator that is gone.
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/streams/event_stream.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/server/channels/fake_history.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Outcome = History::Outcome;

// What generators have learnt, by their data.
struct Learnt {
  std::vector<std::pair<std::string, std::string>> ids;
  std::vector<std::pair<std::string, Outcome>> failures;
};

// Publishes one behind the other, and yields each id.
EventStream publishes(std::shared_ptr<Channel> channel, Loop& loop, std::string name, int count, Learnt& learnt) {
  for (int i = 0; i < count; ++i) {
    const std::string data = name + '.' + std::to_string(i);
    std::string id;
    try {
      id = co_await channel->publish(Event(data), loop);
      learnt.ids.emplace_back(data, id);
    } catch (const NotPublished& failure) {
      learnt.failures.emplace_back(data, failure.outcome());
    }
    co_yield Event(id);
  }
}

// Has two on their way at a time, and awaits the second of them alone.
EventStream publishes_two(std::shared_ptr<Channel> channel, Loop& loop, Learnt& learnt) {
  const Publication first = channel->publish(Event("first"), loop);
  Publication second = channel->publish(Event("second"), loop);
  learnt.ids.emplace_back("second", co_await second);
  co_yield Event("done");
}

// Pulls a generator whenever it has yielded, as a stream does.
class Puller final : private EventStream::Consumer {
 public:
  explicit Puller(EventStream generator) : generator_(std::move(generator)) {
    generator_.pull();
    generator_.set_consumer(this);
    on_ready();
  }
  bool is_done() const { return generator_.is_done(); }

 private:
  void on_ready() override {
    while (generator_.event()) generator_.pull();
  }
  EventStream generator_;
};

class PublicationTest : public testing::Test {
 protected:
  void turn() {
    for (const auto& work : std::exchange(posted_, {})) work();
  }
  void settle() {
    while (history_->step() || !posted_.empty()) turn();
  }
  std::vector<std::string> kept() {
    std::vector<std::string> data;
    for (const auto& each : history_->stored("a").events) data.push_back(each.block.substr(6, each.block.size() - 7));
    return data;
  }

  std::shared_ptr<FakeHistory> history_ = std::make_shared<FakeHistory>();
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(Clock::WallTime(100s));
  std::vector<std::function<void()>> posted_;
  Loop loop_{*clock_, [this](std::function<void()> work) { posted_.push_back(std::move(work)); }};
  Hub hub_{{}, clock_, 1, history_};
  std::shared_ptr<Channel> channel_ = hub_.channel("a");
  Learnt learnt_;
};

using Data = std::vector<std::string>;

TEST_F(PublicationTest, AGeneratorGetsTheIdInATurnOfItsLoopOnceTheEventIsKept) {
  settle();
  Puller puller(publishes(channel_, loop_, "x", 1, learnt_));
  EXPECT_TRUE(learnt_.ids.empty());
  history_->step();
  EXPECT_TRUE(learnt_.ids.empty()) << "not within the history's call";
  turn();
  ASSERT_EQ(learnt_.ids.size(), 1u);
  EXPECT_EQ(learnt_.ids[0].second, channel_->id_of(1));
  EXPECT_TRUE(puller.is_done());
}

TEST_F(PublicationTest, WithoutAHistoryNothingWaits) {
  Hub hub({}, clock_, 1);
  const std::shared_ptr<Channel> channel = hub.channel("a");
  const Puller puller(publishes(channel, loop_, "x", 3, learnt_));
  EXPECT_TRUE(puller.is_done());
  EXPECT_TRUE(posted_.empty());
  ASSERT_EQ(learnt_.ids.size(), 3u);
  EXPECT_EQ(learnt_.ids[2].second, channel->id_of(3));
}

TEST_F(PublicationTest, WhatIsNotKeptIsAnExceptionThatSaysWhy) {
  settle();
  history_->is_full = true;  // it says so within the call
  const Puller busy(publishes(channel_, loop_, "busy", 1, learnt_));
  history_->is_full = false;
  history_->fails = true;
  const Puller fails(publishes(channel_, loop_, "fails", 1, learnt_));
  settle();
  EXPECT_EQ(learnt_.failures,
            (std::vector<std::pair<std::string, Outcome>>{{"busy.0", Outcome::kBusy}, {"fails.0", Outcome::kFailed}}));
  try {
    kept_id({.outcome = Outcome::kFailed, .id = {}, .why = "The disk is full."});
    ADD_FAILURE();
  } catch (const NotPublished& failure) {
    EXPECT_STREQ(failure.what(), "The event was not kept: The disk is full.");
  }
}

// Publishes with a key.
EventStream publishes_keyed(std::shared_ptr<Channel> channel, Loop& loop, std::string data, Learnt& learnt) {
  try {
    learnt.ids.emplace_back(data, co_await channel->publish(Event(data), loop, "key"));
  } catch (const NotPublished& failure) {
    learnt.failures.emplace_back(data, failure.outcome());
  }
  co_yield Event("done");
}

TEST_F(PublicationTest, AKeyCountsAndOneThatAnotherEventHasIsAnException) {
  settle();
  const Puller first(publishes_keyed(channel_, loop_, "one", learnt_)),
      again(publishes_keyed(channel_, loop_, "one", learnt_)), other(publishes_keyed(channel_, loop_, "two", learnt_));
  settle();
  ASSERT_EQ(learnt_.ids.size(), 2u);
  EXPECT_EQ(learnt_.ids[0], learnt_.ids[1]);
  EXPECT_EQ(learnt_.failures, (std::vector<std::pair<std::string, Outcome>>{{"two", Outcome::kKeyTaken}}));
}

TEST_F(PublicationTest, WhatAGeneratorHasPublishedIsKeptAlsoWhereItIsGone) {
  settle();
  auto gone = std::make_unique<Puller>(publishes(channel_, loop_, "gone", 2, learnt_));
  gone = nullptr;  // before it is kept
  gone = std::make_unique<Puller>(publishes(channel_, loop_, "going", 2, learnt_));
  while (history_->step()) {
  }
  gone = nullptr;  // after that, and before it has been told
  settle();
  EXPECT_EQ(kept(), (Data{"gone.0", "going.0"}));
  EXPECT_TRUE(learnt_.ids.empty());
}

TEST_F(PublicationTest, SeveralMayBeOnTheirWayAndNeedNotBeAwaited) {
  settle();
  const Puller puller(publishes_two(channel_, loop_, learnt_));
  settle();
  EXPECT_EQ(kept(), (Data{"first", "second"}));
  ASSERT_EQ(learnt_.ids.size(), 1u);
  EXPECT_EQ(learnt_.ids[0].second, channel_->id_of(2));
}

// Generators that come and go, a history that refuses and fails, in any order.
TEST_F(PublicationTest, InAnyScheduleAGeneratorIsToldOnceOfWhatIsKept) {
  for (std::uint32_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    Learnt learnt;
    std::list<Puller> pullers;
    const std::string channel = "seed" + std::to_string(seed);
    for (int i = 0; i < 80; ++i) {
      switch (random() % 8) {
        case 0:
        case 1:
          pullers.emplace_back(publishes(hub_.channel(channel), loop_, std::to_string(i), 1 + random() % 4, learnt));
          break;
        case 2:
          if (!pullers.empty()) pullers.erase(std::next(pullers.begin(), random() % pullers.size()));
          break;
        case 3: history_->fails = random() % 4 == 0; break;
        case 4: history_->is_full = random() % 4 == 0; break;
        case 5: turn(); break;
        default: history_->step();
      }
    }
    history_->fails = history_->is_full = false;
    settle();
    for (const Puller& each : pullers) EXPECT_TRUE(each.is_done());
    const auto& events = history_->stored(channel).events;
    std::set<std::string> told;
    for (const auto& [data, id] : learnt.ids) {
      EXPECT_TRUE(told.insert(data).second) << data;
      const std::size_t sequence = std::stoul(id.substr(id.find('-') + 1));
      ASSERT_LE(sequence, events.size());
      EXPECT_EQ(events[sequence - 1].block, "data: " + data + "\n");
    }
    for (const auto& [data, outcome] : learnt.failures) EXPECT_TRUE(told.insert(data).second) << data;
  }
}

// Answers from a thread of its own.
class OtherThread final : public History {
 public:
  OtherThread() : thread_([this] { work(); }) {}
  ~OtherThread() override {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    ready_.notify_all();
    thread_.join();
  }

  void open(std::string, std::weak_ptr<Sink>, OnOpened on_opened) override { on_opened(Extent{.epoch = 1}); }
  void append(std::string, std::string, std::optional<std::string>, OnReceipt on_receipt) override {
    const std::lock_guard lock(mutex_);
    receipts_.push_back(std::move(on_receipt));
    ready_.notify_all();
  }
  void read(std::string, std::uint64_t, std::size_t, OnRun on_run) override { on_run(nullptr); }
  void clear(std::string, OnCleared on_cleared) override { on_cleared(Cleared::kNothing, {}); }
  void list(std::string, std::size_t, OnListed on_listed) override { on_listed(std::nullopt); }
  std::optional<std::string> trouble() const override { return std::nullopt; }

 private:
  void work() {
    for (std::unique_lock lock(mutex_);;) {
      ready_.wait(lock, [this] { return is_closed_ || !receipts_.empty(); });
      if (receipts_.empty()) return;
      const OnReceipt next = std::move(receipts_.front());
      receipts_.pop_front();
      lock.unlock();
      next({Outcome::kKept, {1, ++sequence_}, {}});
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<OnReceipt> receipts_;
  std::uint64_t sequence_ = 0;
  bool is_closed_ = false;
  std::thread thread_;
};

TEST(Publication, AnAnswerFromAnotherThreadAndAGeneratorThatGoesAreSafeTogether) {
  const auto clock = std::make_shared<ManualClock>(Clock::WallTime(100s));
  auto history = std::make_shared<OtherThread>();
  Hub hub({}, clock, 1, history);
  Learnt learnt;
  {
    std::mutex mutex;
    std::vector<std::function<void()>> posted;
    Loop loop(*clock, [&](std::function<void()> work) {
      const std::lock_guard lock(mutex);
      posted.push_back(std::move(work));
    });
    std::mt19937 random(1);
    std::list<Puller> pullers;
    const auto turn = [&] {
      std::unique_lock lock(mutex);
      const auto works = std::exchange(posted, {});
      lock.unlock();
      for (const auto& work : works) work();
    };
    for (int i = 0; i < 3000; ++i) {
      pullers.emplace_back(publishes(hub.channel("a"), loop, std::to_string(i), 3, learnt));
      if (random() % 2 == 0) pullers.erase(std::next(pullers.begin(), random() % pullers.size()));
      turn();
    }
    for (std::size_t i = 0; i < pullers.size() / 2; ++i) pullers.pop_front();
    while (!pullers.back().is_done()) turn();
  }                                          // the loop goes while the history still has answers for it
  hub.channel("a")->publish(Event("last"));  // behind all others
  history = nullptr;
  EXPECT_FALSE(learnt.ids.empty());
}

}  // namespace
}  // namespace tidings
