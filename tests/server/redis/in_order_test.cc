// What comes late, early, twice or never, and what a sink is told of it.
#include "tidings/server/redis/in_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidings {
namespace {

using Strings = std::vector<std::string>;

class Told final : public History::Sink {
 public:
  void kept(std::span<const Record> records) override {
    ++calls;
    for (const Record& record : records) lines.push_back(std::string(record.block));
  }
  void dropped(std::uint64_t first) override { lines.push_back("dropped " + std::to_string(first)); }
  void cleared(std::uint64_t next) override { lines.push_back("cleared " + std::to_string(next)); }
  void began(const Extent& extent) override {
    lines.push_back("began " + std::to_string(extent.epoch) + ' ' + std::to_string(extent.next));
  }

  Strings lines;
  int calls = 0;
};

// Of epoch 5 unless said otherwise; its block is its number.
InOrder::Item event(std::uint64_t sequence, std::uint64_t epoch = 5, std::uint64_t first = 1) {
  const auto block = std::make_shared<const std::string>(std::to_string(sequence));
  return {.at = {epoch, sequence}, .first = first, .block = *block, .owner = block};
}

InOrder::Item clearing(std::uint64_t sequence, std::uint64_t epoch = 5) {
  return {.at = {epoch, sequence}, .is_clearing = true};
}

struct Fixture {
  Told told;
  InOrder order{told, 4096};

  Strings flushed() {
    order.flush();
    return std::exchange(told.lines, {});
  }
};

TEST(InOrder, WhatComesInOrderIsToldInOnePiece) {
  Fixture f;
  f.order.begin({5, 1, 1});
  for (const std::uint64_t sequence : {1, 2, 3}) f.order.offer(event(sequence));
  EXPECT_EQ(f.told.calls, 0);
  EXPECT_EQ(f.flushed(), Strings({"1", "2", "3"}));
  EXPECT_EQ(f.told.calls, 1);
  EXPECT_EQ(f.order.extent(), (Extent{5, 1, 4}));
  EXPECT_FALSE(f.order.missing_from());
}

TEST(InOrder, WhatComesTwiceIsToldOnce) {
  Fixture f;
  f.order.begin({5, 1, 1});
  for (const std::uint64_t sequence : {1, 1, 3, 3, 2, 2, 3, 1}) f.order.offer(event(sequence));
  EXPECT_EQ(f.flushed(), Strings({"1", "2", "3"}));
}

TEST(InOrder, WhatComesEarlyWaitsForWhatPrecedesIt) {
  Fixture f;
  f.order.begin({5, 1, 1});
  f.order.offer(event(2));
  EXPECT_EQ(f.flushed(), Strings());
  EXPECT_TRUE(f.order.is_waiting());
  EXPECT_FALSE(f.order.missing_from()) << "it may be on its way";
  EXPECT_FALSE(f.order.is_told({5, 2}));
  f.order.offer(event(1));
  EXPECT_FALSE(f.order.is_waiting());
  EXPECT_EQ(f.flushed(), Strings({"1", "2"}));
}

TEST(InOrder, WhatDoesNotComeIsRead) {
  Fixture f;
  f.order.begin({5, 1, 1});
  f.order.offer(event(3));
  f.order.give_up_waiting();
  EXPECT_EQ(f.order.missing_from(), 1u);
  f.order.read({5, 1, 4}, {event(1), event(2)});
  EXPECT_FALSE(f.order.missing_from());
  EXPECT_EQ(f.flushed(), Strings({"1", "2", "3"}));
}

TEST(InOrder, WhatWasMetIsReadInPiecesWhileMoreComes) {
  Fixture f;
  f.order.begin({5, 1, 1});
  f.order.meet({5, 1, 5});
  EXPECT_EQ(f.order.missing_from(), 1u);
  f.order.offer(event(5));
  f.order.read({5, 1, 5}, {event(1), event(2)});
  EXPECT_EQ(f.order.missing_from(), 3u);
  f.order.read({5, 1, 6}, {event(3), event(4), event(5)});
  EXPECT_FALSE(f.order.missing_from());
  EXPECT_EQ(f.flushed(), Strings({"1", "2", "3", "4", "5"}));
}

TEST(InOrder, AnotherEpochIsToldBeforeItsEvents) {
  Fixture f;
  f.order.begin({5, 1, 1});
  f.order.offer(event(1));
  f.order.offer(event(7, 6, 3));
  EXPECT_EQ(f.flushed(), Strings({"1", "began 6 7", "7"}));
  f.order.offer(event(2));
  EXPECT_EQ(f.flushed(), Strings()) << "the epoch before is over";
  EXPECT_EQ(f.order.extent(), (Extent{6, 3, 8}));
  f.order.meet({7, 1, 1});
  f.order.meet({6, 3, 20});
  EXPECT_EQ(f.flushed(), Strings({"began 7 1"}));
  EXPECT_FALSE(f.order.missing_from());
}

TEST(InOrder, AClearingLeavesItsNumberOutAndEndsWhatIsMissingBeforeIt) {
  Fixture f;
  f.order.begin({5, 1, 3});
  f.order.offer(clearing(3));
  f.order.offer(clearing(3));
  f.order.offer(event(4));
  EXPECT_EQ(f.flushed(), Strings({"cleared 4", "4"}));
  f.order.offer(event(6));
  f.order.offer(clearing(8));
  EXPECT_EQ(f.flushed(), Strings({"cleared 9"}));
  EXPECT_FALSE(f.order.is_waiting());
  EXPECT_TRUE(f.order.is_told({5, 6}));
}

TEST(InOrder, WhatIsNoLongerThereToBeReadIsSkippedAndTold) {
  Fixture f;
  f.order.begin({5, 1, 2});
  f.order.meet({5, 1, 9});
  f.order.read({5, 6, 9}, {event(6), event(7)});
  f.order.read({5, 6, 9}, {event(8)});
  EXPECT_EQ(f.flushed(), Strings({"cleared 6", "6", "7", "8"}));
  f.order.meet({5, 12, 12});
  f.order.read({5, 12, 12}, {});
  EXPECT_EQ(f.flushed(), Strings({"cleared 12"}));
  EXPECT_FALSE(f.order.missing_from());
}

TEST(InOrder, AnEventThatIsMissingAmongThoseReadIsSkipped) {
  Fixture f;
  f.order.begin({5, 1, 1});
  f.order.meet({5, 1, 4});
  f.order.read({5, 1, 4}, {event(1), event(3)});
  EXPECT_EQ(f.flushed(), Strings({"1", "cleared 3", "3"}));
}

TEST(InOrder, TheFirstKeptIsToldBehindTheEventsThatPushedOthersOut) {
  Fixture f;
  f.order.begin({5, 1, 3});
  f.order.offer(event(3, 5, 2));
  f.order.offer(event(4, 5, 3));
  EXPECT_EQ(f.flushed(), Strings({"3", "4", "dropped 3"}));
  f.order.drop({5, 5});
  f.order.drop({5, 4});
  EXPECT_EQ(f.flushed(), Strings({"dropped 5"}));
  f.order.drop({5, 9});
  f.order.drop({4, 5});
  EXPECT_EQ(f.flushed(), Strings());
}

TEST(InOrder, BeforeItBeginsAllWaitsAndThenWhatIsInItIsLeftOut) {
  Fixture f;
  f.order.offer(event(4));
  f.order.offer(clearing(2));
  f.order.offer(event(3));
  EXPECT_FALSE(f.order.is_waiting());
  EXPECT_EQ(f.flushed(), Strings());
  f.order.begin({5, 1, 4});
  EXPECT_EQ(f.flushed(), Strings({"4"}));
}

TEST(InOrder, WhatIsTooMuchBeforeItBeginsIsRead) {
  Fixture f;
  for (std::uint64_t sequence = 1; sequence <= 100; ++sequence) f.order.offer(event(sequence));
  f.order.begin({5, 1, 1});
  const Strings first = f.flushed();
  EXPECT_GT(first.size(), 5u);
  EXPECT_LT(first.size(), 50u);
  ASSERT_EQ(f.order.missing_from(), first.size() + 1);
  std::vector<InOrder::Item> rest;
  for (std::uint64_t sequence = first.size() + 1; sequence <= 100; ++sequence) rest.push_back(event(sequence));
  f.order.read({5, 1, 101}, std::move(rest));
  EXPECT_EQ(first.size() + f.flushed().size(), 100u);
  EXPECT_FALSE(f.order.missing_from());
}

TEST(InOrder, WhatIsTooMuchIsReadLater) {
  Fixture f;
  f.order.begin({5, 1, 1});
  for (std::uint64_t sequence = 2; sequence <= 100; ++sequence) f.order.offer(event(sequence));
  ASSERT_EQ(f.order.missing_from(), 1u);
  std::vector<InOrder::Item> all;
  for (std::uint64_t sequence = 1; sequence <= 100; ++sequence) all.push_back(event(sequence));
  f.order.read({5, 1, 101}, std::move(all));
  EXPECT_EQ(f.flushed().size(), 100u);
  EXPECT_FALSE(f.order.missing_from() || f.order.is_waiting());
}

TEST(InOrder, WhatNobodyHasAddedIsForgottenOnceItWasLookedFor) {
  Fixture f;
  f.order.begin({5, 1, 1});
  f.order.offer(event(77));
  f.order.give_up_waiting();
  ASSERT_EQ(f.order.missing_from(), 1u);
  f.order.read({5, 1, 1}, {});
  EXPECT_FALSE(f.order.missing_from() || f.order.is_waiting());
  f.order.offer(event(1));
  EXPECT_EQ(f.flushed(), Strings({"1"}));
}

// Redis, as far as it matters: a channel to which events are added, and which is trimmed, cleared and begun anew. What
// it says goes by three ways: messages, which are in order but are lost for a time when a connection is; replies to
// what was published here; and reads. They are drawn in any interleaving.
class Schedule {
 public:
  explicit Schedule(std::uint64_t seed) : random_(seed) {}

  void run() {
    for (int step = 0; step < 300; ++step) take_step();
    // Everything arrives at last, and there is a connection.
    disconnect();
    connect();
    while (!messages_.empty()) hear();
    while (!replies_.empty()) reply();
    for (int round = 0; round < 100; ++round) {
      if (!order_.is_waiting() && !order_.missing_from()) break;
      order_.give_up_waiting();
      read(3);
    }
    order_.flush();
    EXPECT_EQ(order_.extent().epoch, redis_.epoch);
    EXPECT_EQ(order_.extent().next, redis_.next);
    check();
  }

 private:
  struct Redis {
    std::uint64_t epoch = 5, first = 1, next = 1;
  };

  bool chance(int percent) { return std::uniform_int_distribution<int>(1, 100)(random_) <= percent; }

  Extent extent() const { return {redis_.epoch, redis_.first, redis_.next}; }

  void take_step() {
    if (chance(35)) add();
    if (chance(3)) clear();
    if (chance(3)) redis_.first = redis_.next - std::min<std::uint64_t>(redis_.next - redis_.first, 2);
    if (chance(1)) begin_epoch();
    if (chance(3)) is_connected_ ? disconnect() : connect();
    if (chance(40)) hear();
    if (chance(40)) reply();
    if (chance(10) && !reading_) order_.give_up_waiting();
    if (chance(50)) read(1 + step_++ % 4);
    if (chance(30)) order_.flush();
  }

  void add() {
    const InOrder::Item item = event(redis_.next++, redis_.epoch, redis_.first);
    if (is_connected_) messages_.push_back(item);
    if (is_connected_ && chance(30)) replies_.push_back(item);
  }
  void clear() {
    if (is_connected_) messages_.push_back(clearing(redis_.next, redis_.epoch));
    redis_.first = redis_.next = redis_.next + 1;
  }
  void begin_epoch() {
    ++redis_.epoch;
    if (chance(50)) redis_.first = redis_.next = 1;
  }
  void disconnect() {
    is_connected_ = false;
    messages_.clear();
    replies_.clear();
    reading_.reset();
  }
  // What was said meanwhile is not repeated.
  void connect() {
    is_connected_ = true;
    if (!order_.has_begun()) {
      order_.begin(extent());
      told_.epoch = redis_.epoch;
      told_.next = redis_.next;
    } else {
      order_.meet(extent());
    }
  }
  void hear() {
    if (messages_.empty()) return;
    order_.offer(messages_.front());
    messages_.pop_front();
  }
  void reply() {
    if (replies_.empty()) return;
    order_.offer(replies_.front());
    replies_.pop_front();
  }
  // Asks in one step, and has the answer in another.
  void read(std::uint64_t most) {
    if (!reading_) {
      const auto from = order_.missing_from();
      if (!from) return;
      std::vector<InOrder::Item> items;
      for (std::uint64_t each = std::max(*from, redis_.first); each < redis_.next && items.size() < most; ++each) {
        items.push_back(event(each, redis_.epoch));
      }
      reading_ = std::make_unique<Reading>(Reading{extent(), std::move(items)});
    } else {
      order_.read(reading_->extent, std::move(reading_->items));
      reading_.reset();
    }
  }

  // Each position at most once, in order; a number that was left out only where the sink was told.
  void check() const { EXPECT_TRUE(told_.is_right); }

  class Checked final : public History::Sink {
   public:
    void kept(std::span<const Record> records) override {
      for (const Record& record : records) {
        is_right = is_right && record.at == Position{epoch, next} && record.block == std::to_string(next);
        ++next;
      }
    }
    void dropped(std::uint64_t first) override { is_right = is_right && first <= next; }
    void cleared(std::uint64_t now) override {
      is_right = is_right && now > next;
      next = now;
    }
    void began(const Extent& extent) override {
      is_right = is_right && extent.epoch > epoch;
      epoch = extent.epoch;
      next = extent.next;
    }

    std::uint64_t epoch = 0, next = 0;
    bool is_right = true;
  };
  struct Reading {
    Extent extent;
    std::vector<InOrder::Item> items;
  };

  std::mt19937_64 random_;
  Redis redis_;
  bool is_connected_ = false;
  std::uint64_t step_ = 0;
  std::deque<InOrder::Item> messages_, replies_;
  std::unique_ptr<Reading> reading_;
  Checked told_;
  InOrder order_{told_, 2048};
};

TEST(InOrder, WhateverComesWheneverEachEventIsToldOnceInOrderOrLeftOutAloud) {
  const char* const given = std::getenv("TIDINGS_SEED");
  const std::uint64_t first = given ? std::strtoull(given, nullptr, 10) : 1;
  for (std::uint64_t seed = first; seed < first + 3000 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("TIDINGS_SEED=" + std::to_string(seed));
    Schedule(seed).run();
  }
}

}  // namespace
}  // namespace tidings
