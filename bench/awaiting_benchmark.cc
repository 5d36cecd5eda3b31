// What the things that a generator awaits cost, each beside what it could be: work on another thread beside a bare pool
// of threads with an eventfd, and a value that changes beside a channel.
//
//   bazel run //bench:awaiting_benchmark
#include <benchmark/benchmark.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/awaiting/any_of.h"
#include "tidings/server/awaiting/latest.h"
#include "tidings/server/awaiting/on_worker.h"
#include "tidings/server/awaiting/task.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/loop/clock.h"
#include "tidings/server/loop/event_loop.h"
#include "tidings/server/streams/event_stream.h"
#include "tidings/server/subscribers/subscription.h"

namespace {

using namespace tidings;
using namespace std::chrono_literals;

constexpr unsigned kThreads = 2;

int answer(int question) { return question + 1; }

// Threads, and an eventfd by which they say what is done, as one would write it by hand.
class BarePool {
 public:
  BarePool() {
    epoll_event interest{.events = EPOLLIN, .data = {}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, event_, &interest);
    for (unsigned i = 0; i < kThreads; ++i) threads_.emplace_back([this] { work(); });
  }
  ~BarePool() {
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    ready_.notify_all();
    for (std::thread& each : threads_) each.join();
    close(event_);
    close(epoll_);
  }

  void ask(int question) {
    {
      const std::lock_guard lock(mutex_);
      questions_.push_back(question);
    }
    ready_.notify_one();
  }
  // Waits until there is one or more.
  std::deque<int> answers() {
    epoll_event event;
    epoll_wait(epoll_, &event, 1, -1);
    std::uint64_t count = 0;
    static_cast<void>(!read(event_, &count, sizeof count));
    const std::lock_guard lock(mutex_);
    return std::exchange(answers_, {});
  }

 private:
  void work() {
    for (std::unique_lock lock(mutex_);;) {
      ready_.wait(lock, [this] { return is_over_ || !questions_.empty(); });
      if (is_over_) return;
      const int question = questions_.front();
      questions_.pop_front();
      lock.unlock();
      const int given = answer(question);
      lock.lock();
      answers_.push_back(given);
      const std::uint64_t one = 1;
      static_cast<void>(!write(event_, &one, sizeof one));
    }
  }

  const int epoll_ = epoll_create1(0), event_ = eventfd(0, EFD_NONBLOCK);
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<int> questions_, answers_;
  bool is_over_ = false;
  std::vector<std::thread> threads_;
};

// The argument is how many round trips are under way at a time.
void bare_pool_round_trip(benchmark::State& state) {
  BarePool pool;
  for (int i = 0; i < state.range(0); ++i) pool.ask(i);
  std::int64_t left_over = 0;
  for (auto _ : state) {
    while (left_over == 0) {
      for (const int each : pool.answers()) {
        ++left_over;
        pool.ask(each);
      }
    }
    --left_over;
  }
}
BENCHMARK(bare_pool_round_trip)->Arg(1)->Arg(64)->UseRealTime();

// Generators on a loop that this thread turns, until each iteration has had its result.
class Turned {
 public:
  Turned() { loop_.set_workers(workers_); }
  ~Turned() {
    generators_.clear();
    workers_.stop();
  }
  EventLoop& loop() { return loop_; }
  std::int64_t& done() { return done_; }
  void begin(EventStream generator) {
    generators_.push_back(std::move(generator));
    generators_.back().pull();
  }
  void run_until(std::int64_t done) {
    while (done_ < done) loop_.context().run_one();
  }

 private:
  const SystemClock clock_;
  Workers workers_{{.threads = kThreads}};
  EventLoop loop_{clock_, 1};
  std::int64_t done_ = 0;
  std::list<EventStream> generators_;
};

EventStream asks(Loop& loop, std::int64_t& done) {
  for (int question = 0;; ++done) question = co_await on_worker(loop, answer, question);
  co_return;
}

void on_worker_round_trip(benchmark::State& state) {
  Turned turned;
  for (int i = 0; i < state.range(0); ++i) turned.begin(asks(turned.loop(), turned.done()));
  const std::int64_t begin = turned.done();
  std::int64_t trips = 0;
  for (auto _ : state) turned.run_until(begin + ++trips);
}
BENCHMARK(on_worker_round_trip)->Arg(1)->Arg(64)->UseRealTime();

Task<int> asked(int question) { co_return answer(question); }

EventStream asks_tasks(benchmark::State& state) {
  int question = 0;
  for (auto _ : state) question = co_await asked(question);
  benchmark::DoNotOptimize(question);
}

void await_a_task_that_waits_for_nothing(benchmark::State& state) {
  EventStream generator = asks_tasks(state);
  generator.pull();
}
BENCHMARK(await_a_task_that_waits_for_nothing);

EventStream asks_with_timeout(Loop& loop, benchmark::State& state) {
  int question = 0;
  for (auto _ : state) question = *co_await with_timeout(asked(question), 1s, loop);
  benchmark::DoNotOptimize(question);
}

void await_it_with_a_timeout(benchmark::State& state) {
  Turned turned;
  EventStream generator = asks_with_timeout(turned.loop(), state);
  generator.pull();
}
BENCHMARK(await_it_with_a_timeout);

// A generator for each client, as far as the event that it yields; an item is an event.
EventStream follows_latest(Latest<std::string>& latest, Loop& loop, std::int64_t& done) {
  auto text = latest.follow(loop);
  while (auto newest = co_await text.next()) {
    const Event event(*std::move(newest));
    benchmark::DoNotOptimize(&event);
    ++done;
  }
  co_return;
}

void wake_followers_of_a_latest(benchmark::State& state) {
  Latest<std::string> latest;
  Turned turned;
  const std::int64_t followers = state.range(0);
  std::int64_t events = 0;
  for (std::int64_t i = 0; i < followers; ++i) turned.begin(follows_latest(latest, turned.loop(), turned.done()));
  for (auto _ : state) {
    latest.set(std::string(100, 'x'));
    events += followers;
    turned.run_until(events);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * followers);
}
BENCHMARK(wake_followers_of_a_latest)->Arg(1'000);

EventStream follows_channel(std::shared_ptr<Channel> channel, Loop& loop, std::int64_t& done) {
  Subscription subscription(std::move(channel), loop);
  while (auto event = co_await subscription.next()) {
    benchmark::DoNotOptimize(&*event);
    ++done;
  }
  co_return;
}

void wake_followers_of_a_channel(benchmark::State& state) {
  Hub hub({}, std::make_shared<SystemClock>(), 1);
  const std::shared_ptr<Channel> channel = hub.channel("c");
  Turned turned;
  const std::int64_t followers = state.range(0);
  std::int64_t events = 0;
  for (std::int64_t i = 0; i < followers; ++i) turned.begin(follows_channel(channel, turned.loop(), turned.done()));
  for (auto _ : state) {
    channel->publish(Event(std::string(100, 'x')));
    events += followers;
    turned.run_until(events);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * followers);
}
BENCHMARK(wake_followers_of_a_channel)->Arg(1'000);

}  // namespace

BENCHMARK_MAIN();
