#include "tidings/server/loop/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace tidings {
namespace {

class Work final : public Workers::Work {
 public:
  explicit Work(std::function<void()> work) : work_(std::move(work)) {}
  void run() noexcept override { work_(); }

 private:
  const std::function<void()> work_;
};

std::shared_ptr<Work> work(std::function<void()> work) { return std::make_shared<Work>(std::move(work)); }

TEST(Workers, WhatIsAddedIsRunOnOtherThreadsAndNoMoreThanThereMayBe) {
  Workers workers({.threads = 3});
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::vector<std::promise<void>> done(100);
  for (auto& each : done) {
    EXPECT_TRUE(workers.add(work([&] {
      {
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
      }
      each.set_value();
    })));
  }
  for (auto& each : done) each.get_future().wait();
  EXPECT_LE(threads.size(), 3u);
  EXPECT_EQ(threads.count(std::this_thread::get_id()), 0u);
}

TEST(Workers, ThreadsRunAtTheSameTime) {
  Workers workers({.threads = 2});
  std::promise<void> first, second;
  workers.add(work([&] {
    first.set_value();
    second.get_future().wait();
  }));
  workers.add(work([&] {
    first.get_future().wait();
    second.set_value();
  }));
  workers.stop();
}

// One worker that is busy until it is let go, so that the rest waits.
class Busy : public testing::Test {
 protected:
  Busy() {
    std::promise<void> begun;
    workers_.add(work([&] {
      begun.set_value();
      may_end_.get_future().wait();
    }));
    begun.get_future().wait();
  }
  ~Busy() override {
    if (!is_let_go_) let_go();
  }
  void let_go() {
    is_let_go_ = true;
    may_end_.set_value();
  }
  std::promise<void> may_end_;
  bool is_let_go_ = false;
  Workers workers_{{.threads = 1, .max_waiting = 2}};
};

TEST_F(Busy, BeyondWhatMayWaitItIsRefusedAndWhatIsRemovedMakesRoom) {
  std::atomic<int> ran = 0;
  const auto first = work([&] { ran += 1; }), second = work([&] { ran += 10; }), third = work([&] { ran += 100; });
  EXPECT_TRUE(workers_.add(first));
  EXPECT_TRUE(workers_.add(second));
  EXPECT_FALSE(workers_.add(third));
  workers_.remove(*first);
  workers_.remove(*first);
  EXPECT_EQ(first.use_count(), 1);
  EXPECT_TRUE(workers_.add(third));
  std::promise<void> done;
  let_go();
  while (!workers_.add(work([&] { done.set_value(); }))) std::this_thread::yield();
  done.get_future().wait();
  EXPECT_EQ(ran, 110);
}

TEST_F(Busy, StoppedItDropsWhatWaitsAndTakesNothingMore) {
  const auto waiting = work([] { ADD_FAILURE(); });
  workers_.add(waiting);
  std::thread stopper([&] { workers_.stop(); });
  while (waiting.use_count() > 1) std::this_thread::yield();
  EXPECT_FALSE(workers_.add(waiting));
  let_go();
  stopper.join();
}

}  // namespace
}  // namespace tidings
