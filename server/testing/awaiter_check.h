// Tries an awaiter of one's own against the rules of streams/awaiter.h, in thousands of seeded schedules: destroyed
// before it is awaited, while it waits, when what it waits for has come, and while it resumes; several of them at a
// time; and, where what they wait for comes from other threads, with that at the same moment.
//
//   struct World {
//     Beat make();                         // an awaiter, as it would stand behind co_await
//     void complete();                     // what one of them waits for comes, or what all do
//     void turn();                         // runs what was posted to the loop
//   };
//   EXPECT_EQ(check_awaiter<World>({.completes_anywhere = true}), "");
//
// A World is made anew for each schedule. What a schedule shows to be wrong comes back as a sentence with its seed,
// which gives the same one again as far as threads allow. The frame that is resumed is one of its own, which is always
// there: so a rule that is broken is told, and not a crash. What an awaiter touches after its destruction is for the
// address and the thread sanitizer to find: run it under both.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidings {

struct AwaiterCheck {
  unsigned schedules = 2'000;
  unsigned first_seed = 1;
  // Whether World::complete() may be called by another thread too, at the same time as all else.
  bool completes_anywhere = false;
  std::chrono::seconds patience{10};  // for what comes from another thread in the end
};

// A coroutine that is resumed in the place of a generator: it calls a function each time, and is always there.
class ProbeFrame {
 public:
  struct promise_type {
    ProbeFrame get_return_object() { return ProbeFrame(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  ProbeFrame(ProbeFrame&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~ProbeFrame() {
    if (handle_) handle_.destroy();
  }
  std::coroutine_handle<> handle() const { return handle_; }

  template <class Object>
  static ProbeFrame calls(Object& object) {
    for (;;) {
      co_await std::suspend_always();
      object.resumed();
    }
  }
  // To where it waits to be resumed.
  void begin() { handle_.resume(); }

 private:
  explicit ProbeFrame(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// Another thread, which does what it is given in order.
class OtherThread {
 public:
  OtherThread() : thread_([this] { run(); }) {}
  OtherThread(const OtherThread&) = delete;
  ~OtherThread() {
    give(nullptr);
    thread_.join();
  }

  // Empty: its end.
  void give(std::function<void()> work) {
    {
      const std::lock_guard lock(mutex_);
      works_.push_back(std::move(work));
    }
    changed_.notify_all();
  }
  // Until it has done all that it was given.
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return works_.empty(); });
  }

 private:
  void run() {
    for (std::unique_lock lock(mutex_);;) {
      changed_.wait(lock, [this] { return !works_.empty(); });
      if (!works_.front()) return;
      const std::function<void()>& work = works_.front();  // nobody else takes it out
      lock.unlock();
      work();
      lock.lock();
      works_.pop_front();
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::function<void()>> works_;
  std::thread thread_;
};

template <class World>
class AwaiterSchedule {
 public:
  AwaiterSchedule(const AwaiterCheck& check, unsigned seed, OtherThread& other)
      : check_(check), random_(seed), other_(other) {}
  ~AwaiterSchedule() { other_.wait(); }

  // Empty, or what is wrong.
  std::string run() {
    for (int step = 0; step < 30 && violation().empty(); ++step) act();
    other_.wait();
    settle();
    for (const auto& slot : slots_) slot->destroy();
    for (int turn = 0; turn < 3; ++turn) world_.turn();
    return violation();
  }

 private:
  using Awaiter = std::remove_cvref_t<decltype(std::declval<World&>().make())>;

  // An awaiter, and the frame in which it would be.
  class Slot {
   public:
    Slot(AwaiterSchedule& schedule, World& world)
        : schedule_(schedule), frame_(ProbeFrame::calls(*this)), awaiter_(new Awaiter(world.make())) {
      frame_.begin();
    }
    ~Slot() { destroy(); }

    bool waits() const { return state_ == State::kWaits; }
    bool is_new() const { return state_ == State::kMade; }

    void await() {
      if (!suspend()) return take();
      if (state_ == State::kSuspends) state_ = State::kWaits;
    }
    void destroy() {
      if (state_ != State::kTaken) state_ = State::kGone;
      awaiter_ = nullptr;
    }

    // Called by whatever resumes the frame.
    void resumed() {
      if (std::this_thread::get_id() != schedule_.thread_) {
        return schedule_.tell("it resumed on another thread than its loop's (rule 3)");
      }
      switch (state_) {
        case State::kMade: return schedule_.tell("it resumed before it was awaited");
        case State::kSuspends: return schedule_.tell("it resumed from within await_suspend() (rule 3)");
        case State::kTaken: return schedule_.tell("it resumed twice, or although it had not waited (rule 3)");
        case State::kGone: return schedule_.tell("it resumed after it was destroyed (rule 1)");
        case State::kWaits: break;
      }
      take();
      if (schedule_.random_() % 2 == 0) destroy();  // as a client's leaving would, before resume() returns
    }

   private:
    enum class State {
      kMade,
      kSuspends,  // await_suspend() runs
      kWaits,
      kTaken,  // await_resume() was called; it may be destroyed by now
      kGone,   // destroyed before that
    };

    bool suspend() {
      using Result = decltype(awaiter_->await_suspend(frame_.handle()));
      if (awaiter_->await_ready()) return false;
      state_ = State::kSuspends;
      if constexpr (std::is_void_v<Result>) {
        awaiter_->await_suspend(frame_.handle());
        return true;
      } else if constexpr (std::is_same_v<Result, bool>) {
        return awaiter_->await_suspend(frame_.handle());
      } else {
        const std::coroutine_handle<> next = awaiter_->await_suspend(frame_.handle());
        if (next == frame_.handle()) return false;
        next.resume();
        return true;
      }
    }
    void take() {
      state_ = State::kTaken;
      try {
        static_cast<void>(awaiter_->await_resume());
      } catch (...) {  // what it throws is a result too
      }
    }

    AwaiterSchedule& schedule_;
    ProbeFrame frame_;
    State state_ = State::kMade;
    std::unique_ptr<Awaiter> awaiter_;
  };

  void act() {
    const std::size_t index = slots_.empty() ? 0 : random_() % slots_.size();
    switch (random_() % 8) {
      case 0:
      case 1:
        if (slots_.size() < 12) slots_.push_back(std::make_unique<Slot>(*this, world_));
        return;
      case 2:
      case 3:
        if (!slots_.empty() && slots_[index]->is_new()) slots_[index]->await();
        return;
      case 4: return complete();
      case 5: return world_.turn();
      default:
        if (!slots_.empty()) slots_[index]->destroy();
    }
  }

  void complete() {
    if (!check_.completes_anywhere || random_() % 3 == 0) return world_.complete();
    other_.give([this] { world_.complete(); });
  }

  // All that wait are resumed once what they wait for has come, by whichever thread.
  void settle() {
    using std::chrono::steady_clock;
    for (const auto end = steady_clock::now() + check_.patience; violation().empty() && somebody_waits();) {
      if (steady_clock::now() > end) return tell("it did not resume although what it waits for has come");
      world_.complete();
      world_.turn();
      std::this_thread::yield();  // to a thread that has something for it
    }
  }
  bool somebody_waits() const {
    for (const auto& slot : slots_) {
      if (slot->waits()) return true;
    }
    return false;
  }

  // Any thread.
  void tell(const char* violation) {
    const char* none = nullptr;
    violation_.compare_exchange_strong(none, violation);
  }
  std::string violation() const {
    const char* const found = violation_;
    return found ? found : "";
  }

  const AwaiterCheck check_;
  const std::thread::id thread_ = std::this_thread::get_id();
  std::mt19937 random_;
  OtherThread& other_;
  std::atomic<const char*> violation_ = nullptr;
  World world_;
  std::vector<std::unique_ptr<Slot>> slots_;
};

// Empty, or a sentence that says which rule was broken, and by which seed.
template <class World>
std::string check_awaiter(const AwaiterCheck& check = {}) {
  OtherThread other;
  for (unsigned seed = check.first_seed; seed < check.first_seed + check.schedules; ++seed) {
    const std::string violation = std::make_unique<AwaiterSchedule<World>>(check, seed, other)->run();
    if (!violation.empty()) return "seed " + std::to_string(seed) + ": " + violation;
  }
  return {};
}

}  // namespace tidings
