// What check_awaiter() finds: an awaiter that keeps the rules, and one for each way to break them.
#include "tidings/server/testing/awaiter_check.h"

#include <gtest/gtest.h>

#include <chrono>
#include <coroutine>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/loop/loop.h"
#include "tidings/server/loop/waker.h"
#include "tidings/server/testing/manual_loop.h"

namespace tidings {
namespace {

// How an awaiter may be wrong.
enum class Flaw {
  kNone,
  kStays,        // it does not take itself out of the list when it is destroyed
  kStaysPosted,  // the same for what was posted for it
  kTwice,        // it resumes twice
  kWithin,       // it resumes within await_suspend()
  kOtherThread,  // it resumes on the thread that completes
  kForgets,      // it does not resume
};

// What awaiters wait for; like a bell of one's own.
class Source {
 public:
  explicit Source(Loop& loop) : loop_(loop) {}

  std::shared_ptr<Waker> add() {
    const auto waker = std::make_shared<Waker>(loop_);
    const std::lock_guard lock(mutex_);
    wakers_.push_back(waker);
    return waker;
  }
  void wake_all() {
    std::vector<std::shared_ptr<Waker>> wakers;
    {
      const std::lock_guard lock(mutex_);
      wakers.swap(wakers_);
    }
    for (const auto& each : wakers) each->wake();
  }

 private:
  Loop& loop_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Waker>> wakers_;
};

class Right {
 public:
  explicit Right(Source& source) : source_(source) {}
  ~Right() {
    if (waker_) waker_->forget();
  }
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> waiter) {
    waker_ = source_.add();
    return waker_->wait(waiter);
  }
  void await_resume() const {}

 private:
  Source& source_;
  std::shared_ptr<Waker> waker_;
};

struct RightWorld {
  Right make() { return Right(source); }
  void complete() { source.wake_all(); }
  void turn() { manual.turn(); }
  ManualLoop manual;
  Source source{manual.loop()};
};

TEST(AwaiterCheck, OneThatKeepsTheRulesPasses) {
  EXPECT_EQ(check_awaiter<RightWorld>({.completes_anywhere = true}), "");
}

// Keeps the handles of those who wait.
template <Flaw kFlaw>
struct WrongWorld {
  class Wrong {
   public:
    explicit Wrong(WrongWorld& world) : world_(world) {}
    ~Wrong() {
      if (kFlaw != Flaw::kStays && kFlaw != Flaw::kStaysPosted) world_.remove(waiter_);
      if (kFlaw == Flaw::kStaysPosted) world_.remove_waiting(waiter_);
    }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      if (kFlaw == Flaw::kWithin) return waiter.resume();
      waiter_ = waiter;
      if (kFlaw != Flaw::kForgets) world_.waiting.push_back(waiter);
    }
    void await_resume() const {}

   private:
    WrongWorld& world_;
    std::coroutine_handle<> waiter_;
  };

  Wrong make() { return Wrong(*this); }
  void complete() {
    if (kFlaw == Flaw::kOtherThread) {
      std::vector<std::coroutine_handle<>> all = std::exchange(waiting, {});
      for (const auto each : all) std::thread([each] { each.resume(); }).join();
      return;
    }
    due.insert(due.end(), waiting.begin(), waiting.end());
    waiting.clear();
  }
  void turn() {
    while (!due.empty()) {
      const auto next = due.back();
      due.pop_back();
      if (kFlaw == Flaw::kTwice) next.resume();
      next.resume();
    }
  }
  void remove_waiting(std::coroutine_handle<> gone) { std::erase(waiting, gone); }
  void remove(std::coroutine_handle<> gone) {
    remove_waiting(gone);
    std::erase(due, gone);
  }

  std::vector<std::coroutine_handle<>> waiting, due;
};

template <Flaw kFlaw>
std::string found(const AwaiterCheck& check = {}) {
  const std::string text = check_awaiter<WrongWorld<kFlaw>>(check);
  return text.empty() ? text : text.substr(text.find(": ") + 2);
}

TEST(AwaiterCheck, OneForEachWayToBreakARuleIsFound) {
  EXPECT_EQ(check_awaiter<WrongWorld<Flaw::kNone>>(), "");
  EXPECT_EQ(found<Flaw::kStays>(), "it resumed after it was destroyed (rule 1)");
  EXPECT_EQ(found<Flaw::kStaysPosted>(), "it resumed after it was destroyed (rule 1)");
  EXPECT_EQ(found<Flaw::kTwice>(), "it resumed twice, or although it had not waited (rule 3)");
  EXPECT_EQ(found<Flaw::kWithin>(), "it resumed from within await_suspend() (rule 3)");
  EXPECT_EQ(found<Flaw::kOtherThread>(), "it resumed on another thread than its loop's (rule 3)");
  EXPECT_EQ(found<Flaw::kForgets>({.patience = std::chrono::seconds(0)}),
            "it did not resume although what it waits for has come");
}

TEST(AwaiterCheck, TheSeedGivesTheSameScheduleAgain) {
  const std::string first = check_awaiter<WrongWorld<Flaw::kStays>>();
  const unsigned seed = static_cast<unsigned>(std::stoul(first.substr(first.find(' '))));
  EXPECT_EQ(check_awaiter<WrongWorld<Flaw::kStays>>({.schedules = 1, .first_seed = seed}), first);
}

}  // namespace
}  // namespace tidings
