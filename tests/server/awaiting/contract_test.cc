// The contract of a generator, for each thing that it can await.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/streams/event_stream.h"
#include "tidings/server/testing/awaiter_check.h"
#include "tidings/server/testing/fake_client.h"
#include "tidings/tests/server/awaiting/worlds.h"

namespace tidings {
namespace {

using Log = std::vector<std::string>;

// Tells what became of a generator's frame.
class Witness {
 public:
  explicit Witness(Log& log, std::string name) : log_(&log), name_(std::move(name)) {}
  Witness(Witness&& other) noexcept : log_(std::exchange(other.log_, nullptr)), name_(std::move(other.name_)) {}
  ~Witness() {
    if (log_) log_->push_back(name_ + " destroyed");
  }

 private:
  Log* log_;
  std::string name_;
};

template <class World>
EventStream waits_and_counts(World& world, int last, Log& log, Witness) {
  log.push_back("begun");
  const Witness local(log, "local");
  for (int i = 1; i <= last; ++i) {
    co_await world.make();
    co_yield Event(std::to_string(i));
  }
  log.push_back("ended");
}

template <class World>
EventStream waits_once_and_counts(World& world, int last, Log& log) {
  const Witness local(log, "local");
  co_await world.make();
  for (int i = 1; i <= last; ++i) co_yield Event(std::to_string(i));
}

template <class World>
EventStream waits_and_fails(World& world) {
  co_await world.make();
  throw std::runtime_error("broken");
  co_return;
}

template <class World>
EventStream waits_often(World& world, int& waits) {
  for (waits = 0; waits < 20'000; ++waits) co_await world.make();
  co_return;
}

// Counts how often it is told, and pulls from there.
struct Counts final : EventStream::Consumer {
  explicit Counts(EventStream pulled) : stream(std::move(pulled)) {
    stream.set_consumer(this);
    stream.pull();
  }
  void on_ready() override {
    ++told;
    for (; stream.event(); stream.pull()) ++events;
  }
  EventStream stream;
  int told = 0, events = 0;
};

template <class World>
class Contract : public testing::Test {
 protected:
  Witness witness() { return Witness(log_, "parameter"); }
  // Lets come what is waited for until this is so, for ten seconds.
  bool comes_until(const std::function<bool()>& is_so) {
    using std::chrono::steady_clock;
    for (const auto end = steady_clock::now() + 10s; !is_so();) {
      if (steady_clock::now() > end) return false;
      world_.complete();
      world_.turn();
      std::this_thread::yield();
    }
    return true;
  }
  void turn_often() {
    for (int i = 0; i < 10; ++i) world_.turn();
  }

  World world_;
  Log log_;
};

using Worlds =
    testing::Types<SleepWorld, TickerWorld, SubscriptionWorld, PublicationWorld, WorkerWorld, StoppedWorld, LatestWorld,
                   MailboxWorld, TaskWorld, NestedTaskWorld, AnyOfWorld, TimeoutWorld, AsioWorld>;
struct Names {
  template <class World>
  static std::string GetName(int) {
    return World::kName;
  }
};
TYPED_TEST_SUITE(Contract, Worlds, Names);

TYPED_TEST(Contract, ItDoesNotBeginUntilItIsPulled) {
  EventStream stream = waits_and_counts(this->world_, 1, this->log_, this->witness());
  EXPECT_TRUE(this->log_.empty());
  stream.pull();
  EXPECT_EQ(this->log_, Log{"begun"});
}

TYPED_TEST(Contract, DestroyedUnbegunItFreesItsParameters) {
  { const EventStream stream = waits_and_counts(this->world_, 1, this->log_, this->witness()); }
  EXPECT_EQ(this->log_, Log{"parameter destroyed"});
}

TYPED_TEST(Contract, ItWaitsYieldsInOrderAndEnds) {
  FakeClient client(waits_and_counts(this->world_, 3, this->log_, this->witness()));
  EXPECT_TRUE(client.data().empty());
  EXPECT_TRUE(this->comes_until([&] { return client.has_ended(); }));
  EXPECT_EQ(client.data(), (Log{"1", "2", "3"}));
  EXPECT_FALSE(client.exception());
  EXPECT_EQ(this->log_, (Log{"begun", "ended", "local destroyed"}));
}

TYPED_TEST(Contract, DestroyedAtAYieldItRunsDestructorsInsideOut) {
  {
    EventStream stream = waits_and_counts(this->world_, 2, this->log_, this->witness());
    stream.pull();
    EXPECT_TRUE(this->comes_until([&] { return stream.event() != nullptr; }));
  }
  EXPECT_EQ(this->log_, (Log{"begun", "local destroyed", "parameter destroyed"}));
}

TYPED_TEST(Contract, DestroyedWhileItWaitsItIsNeverResumed) {
  {
    EventStream stream = waits_and_counts(this->world_, 2, this->log_, this->witness());
    stream.pull();
  }
  EXPECT_EQ(this->log_, (Log{"begun", "local destroyed", "parameter destroyed"}));
  this->world_.complete();
  this->turn_often();
  EXPECT_EQ(this->log_.size(), 3u);
}

TYPED_TEST(Contract, DestroyedWhenWhatItWaitsForHasComeItIsNotResumedAnyMore) {
  {
    EventStream stream = waits_and_counts(this->world_, 2, this->log_, this->witness());
    stream.pull();
    this->world_.complete();
  }
  EXPECT_EQ(this->log_, (Log{"begun", "local destroyed", "parameter destroyed"}));
  this->turn_often();
  EXPECT_EQ(this->log_.size(), 3u);
}

TYPED_TEST(Contract, AnExceptionBehindAWaitEndsItAndIsKept) {
  FakeClient client(waits_and_fails(this->world_));
  EXPECT_TRUE(this->comes_until([&] { return client.has_ended(); }));
  EXPECT_TRUE(client.data().empty());
  EXPECT_EQ(client.failure(), "broken");
}

TYPED_TEST(Contract, MovedWhileItWaitsItGoesOnWhereItWas) {
  EventStream first = waits_once_and_counts(this->world_, 2, this->log_);
  first.pull();
  EventStream second = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_TRUE(this->comes_until([&] { return second.event() != nullptr; }));
  EXPECT_EQ(second.event()->data(), "1");
  second = EventStream();
  EXPECT_EQ(this->log_, Log{"local destroyed"});
}

TYPED_TEST(Contract, ItTellsItsConsumerOnceAndIsPulledFromThere) {
  Counts counts(waits_once_and_counts(this->world_, 3, this->log_));
  EXPECT_EQ(counts.told, 0);
  EXPECT_TRUE(this->comes_until([&] { return counts.stream.is_done(); }));
  EXPECT_EQ(counts.events, 3);
  EXPECT_EQ(counts.told, 1);
}

TYPED_TEST(Contract, ItMayBeDestroyedByTheConsumerThatItTells) {
  FakeClient client(waits_once_and_counts(this->world_, 3, this->log_), 1);
  EXPECT_TRUE(this->comes_until([&] { return client.has_left(); }));
  EXPECT_EQ(client.data(), Log{"1"});
  EXPECT_EQ(this->log_, Log{"local destroyed"});
  this->turn_often();
}

TYPED_TEST(Contract, ManyWaitsDoNotGrowTheStack) {
  int waits = 0;
  FakeClient client(waits_often(this->world_, waits));
  while (!client.has_ended()) {
    const int before = waits;
    ASSERT_TRUE(this->comes_until([&] { return waits > before; }));
  }
}

TYPED_TEST(Contract, InAnyScheduleTheAwaiterKeepsItsRules) {
  EXPECT_EQ(check_awaiter<TypeParam>({.completes_anywhere = TypeParam::kCompletesAnywhere}), "");
}

}  // namespace
}  // namespace tidings
