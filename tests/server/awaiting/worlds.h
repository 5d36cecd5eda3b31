// What a generator can await, each with all that it takes, so that the same tests hold for every one of them. As
// check_awaiter() wants them: make() gives an awaiter that waits, complete() lets what one of them waits for come, or
// what all of them do, and turn() runs what was posted to the loop.
#pragma once

#include <asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "tidings/server/asio.h"
#include "tidings/server/awaiting/any_of.h"
#include "tidings/server/awaiting/latest.h"
#include "tidings/server/awaiting/mailbox.h"
#include "tidings/server/awaiting/on_worker.h"
#include "tidings/server/awaiting/stopped.h"
#include "tidings/server/awaiting/task.h"
#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/loop/event_loop.h"
#include "tidings/server/loop/workers.h"
#include "tidings/server/subscribers/subscription.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/server/testing/manual_loop.h"
#include "tidings/tests/server/channels/fake_history.h"

namespace tidings {

using namespace std::chrono_literals;

class ManualWorld {
 public:
  Loop& loop() { return manual_.loop(); }
  void turn() { manual_.turn(); }

 protected:
  ManualLoop manual_;
};

// The next of something that gives one thing after the other to one awaiter at a time, together with that something.
template <class Source>
class NextOf {
 public:
  explicit NextOf(std::unique_ptr<Source> source) : source_(std::move(source)), next_(source_->next()) {}
  NextOf(NextOf&& other) = default;

  bool await_ready() { return next_.await_ready(); }
  auto await_suspend(std::coroutine_handle<> waiter) { return next_.await_suspend(waiter); }
  auto await_resume() { return next_.await_resume(); }

 private:
  std::unique_ptr<Source> source_;
  typename Source::Next next_;
};

class SleepWorld : public ManualWorld {
 public:
  static constexpr const char* kName = "Sleep";
  static constexpr bool kCompletesAnywhere = false;
  Sleep make() { return loop().sleep(1s); }
  void complete() { manual_.pass(1s); }
};

class TickerWorld : public ManualWorld {
 public:
  static constexpr const char* kName = "Ticker";
  static constexpr bool kCompletesAnywhere = false;
  NextOf<Ticker> make() { return NextOf(std::unique_ptr<Ticker>(new Ticker(loop().every(1s)))); }
  void complete() { manual_.pass(1s); }
};

class SubscriptionWorld : public ManualWorld {
 public:
  static constexpr const char* kName = "Subscription";
  static constexpr bool kCompletesAnywhere = true;
  NextOf<Subscription> make() { return NextOf(std::make_unique<Subscription>(channel_, loop())); }
  void complete() { channel_->publish(Event("x")); }

 private:
  Hub hub_{{}, std::make_shared<ManualClock>(Clock::WallTime()), 1};
  std::shared_ptr<Channel> channel_ = hub_.channel("a");
};

class PublicationWorld : public ManualWorld {
 public:
  static constexpr const char* kName = "Publication";
  static constexpr bool kCompletesAnywhere = false;  // the fake history is one thread's
  PublicationWorld() {
    while (history_->step()) {
    }
  }
  Publication make() { return channel_->publish(Event("x"), loop()); }
  void complete() { history_->step(); }

 private:
  std::shared_ptr<FakeHistory> history_ = std::make_shared<FakeHistory>();
  Hub hub_{{}, std::make_shared<ManualClock>(Clock::WallTime()), 1, history_};
  std::shared_ptr<Channel> channel_ = hub_.channel("a");
};

// Work that waits until it may go on, as a query does.
class Gate {
 public:
  void open_for_one() { open(1); }
  void open_for_all() { open(1'000'000); }
  void pass() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return may_pass_ > 0; });
    --may_pass_;
  }

 private:
  void open(int more) {
    {
      const std::lock_guard lock(mutex_);
      may_pass_ += more;
    }
    ready_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable ready_;
  int may_pass_ = 0;
};

inline std::size_t passes(const std::shared_ptr<Gate>& gate) {
  gate->pass();
  return 1;
}

class WorkerWorld : public ManualWorld {
 public:
  static constexpr const char* kName = "OnWorker";
  static constexpr bool kCompletesAnywhere = true;
  WorkerWorld() { loop().set_workers(workers_); }
  ~WorkerWorld() {
    gate_->open_for_all();
    workers_.stop();
  }
  auto make() { return on_worker(loop(), passes, gate_); }
  void complete() { gate_->open_for_one(); }

 private:
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  Workers workers_{{.threads = 2}};
};

class StoppedWorld : public ManualWorld {
 public:
  static constexpr const char* kName = "Stopped";
  static constexpr bool kCompletesAnywhere = true;
  Stopped make() { return stopped(source_.get_token(), loop()); }
  void complete() { source_.request_stop(); }

 private:
  std::stop_source source_;
};

class LatestWorld : public ManualWorld {
 public:
  static constexpr const char* kName = "Latest";
  static constexpr bool kCompletesAnywhere = true;
  NextOf<Latest<int>::Follower> make() {
    auto follower = std::unique_ptr<Latest<int>::Follower>(new Latest<int>::Follower(latest_.follow(loop())));
    if (!follower->next().await_ready()) return NextOf(std::move(follower));
    follower->next().await_resume();  // the one that it begins with
    return NextOf(std::move(follower));
  }
  void complete() { latest_.set(1); }

 private:
  Latest<int> latest_;
};

class MailboxWorld : public ManualWorld {
 public:
  static constexpr const char* kName = "Mailbox";
  static constexpr bool kCompletesAnywhere = true;
  auto make() { return mailbox_.next(loop()); }
  void complete() { mailbox_.put(std::make_unique<int>(1)); }

 private:
  Mailbox<std::unique_ptr<int>> mailbox_;
};

inline Task<int> sleeps(Loop& loop) {
  co_await loop.sleep(1s);
  co_return 1;
}

class TaskWorld : public ManualWorld {
 public:
  static constexpr const char* kName = "Task";
  static constexpr bool kCompletesAnywhere = false;
  Task<int> make() { return sleeps(loop()); }
  void complete() { manual_.pass(1s); }
};

inline Task<std::unique_ptr<int>> takes(Mailbox<std::unique_ptr<int>>& mailbox, Loop& loop) {
  auto message = co_await mailbox.next(loop);
  co_return *std::move(message);
}
inline Task<> takes_deeper(Mailbox<std::unique_ptr<int>>& mailbox, Loop& loop) { co_await takes(mailbox, loop); }

class NestedTaskWorld : public ManualWorld {
 public:
  static constexpr const char* kName = "NestedTask";
  static constexpr bool kCompletesAnywhere = true;
  Task<> make() { return takes_deeper(mailbox_, loop()); }
  void complete() { mailbox_.put(std::make_unique<int>(1)); }

 private:
  Mailbox<std::unique_ptr<int>> mailbox_;
};

// By turns either of two comes, or both at once.
class AnyOfWorld : public ManualWorld {
 public:
  static constexpr const char* kName = "AnyOf";
  static constexpr bool kCompletesAnywhere = true;
  auto make() { return any_of(first_.next(loop()), loop().sleep(1h), takes(second_, loop())); }
  void complete() {
    first_.put(std::make_unique<int>(1));
    second_.put(std::make_unique<int>(2));
  }

 private:
  Mailbox<std::unique_ptr<int>> first_, second_;
};

class TimeoutWorld : public ManualWorld {
 public:
  static constexpr const char* kName = "WithTimeout";
  static constexpr bool kCompletesAnywhere = false;
  auto make() { return with_timeout(mailbox_.next(loop()), 1s, loop()); }
  void complete() {
    if (++completed_ % 2 == 0)
      mailbox_.put(std::make_unique<int>(1));
    else
      manual_.pass(1s);
  }

 private:
  int completed_ = 0;
  Mailbox<std::unique_ptr<int>> mailbox_;
};

// An operation of Asio's on the loop's own io_context.
class AsioWorld {
 public:
  static constexpr const char* kName = "Asio";
  static constexpr bool kCompletesAnywhere = false;
  Loop& loop() { return loop_; }
  void turn() { loop_.context().poll(); }
  auto make() { return timer_.async_wait(use_loop(loop_)); }
  void complete() { timer_.cancel_one(); }

 private:
  ManualClock clock_{Clock::WallTime()};
  EventLoop loop_{clock_, 1};
  asio::steady_timer timer_{loop_.context(), asio::steady_timer::time_point::max()};
};

}  // namespace tidings
