#include "tidings/server/history/history_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

namespace tidings {
namespace {

constexpr std::chrono::hours kForEver{1};

class HistoryQueueTest : public ::testing::Test {
 protected:
  void push(int count) {
    for (; count > 0; --count) {
      HistoryQueue::Append append{"a", "data: 1\n", {}, [](const History::Receipt&) {}};
      ASSERT_EQ(queue.push(append), HistoryQueue::Pushed::kTaken);
    }
  }

  HistoryQueue queue{1 << 20, 100};
};

TEST_F(HistoryQueueTest, GatheringEndsWhenAQuarterOfThemWaitsThatThereWereOrCameMeanwhile) {
  push(14);
  const HistoryQueue::Batch batch = queue.take(1 << 20);
  push(1);  // while those are being kept
  queue.done(batch);
  std::future<void> gathering = std::async(std::launch::async, [this] { queue.gather(kForEver); });
  push(2);
  EXPECT_EQ(gathering.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  push(1);
  gathering.get();
  EXPECT_EQ(queue.take(1 << 20).appends.size(), 4u);
}

TEST_F(HistoryQueueTest, GatheringEndsAtOnceWhereNobodyWasAnswered) {
  queue.done({});
  queue.gather(kForEver);
  push(1);
  queue.gather(kForEver);
}

TEST_F(HistoryQueueTest, GatheringEndsWhenTheQueueClosesOrItsTimeIsOver) {
  push(2);
  queue.done(queue.take(1 << 20));
  queue.gather(std::chrono::nanoseconds(0));
  std::future<void> gathering = std::async(std::launch::async, [this] { queue.gather(kForEver); });
  queue.close();
  gathering.get();
}

// Whoever was gathered for is forgotten: one that comes alone is waited for no more.
TEST_F(HistoryQueueTest, WaitingEndsWithTheFirstThatComes) {
  push(2);
  queue.done(queue.take(1 << 20));
  queue.gather(std::chrono::nanoseconds(0));
  std::future<void> waiting =
      std::async(std::launch::async, [this] { queue.wait(std::chrono::milliseconds(kForEver)); });
  push(1);
  waiting.get();
}

}  // namespace
}  // namespace tidings
