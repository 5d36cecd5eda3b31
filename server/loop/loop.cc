#include "tidings/server/loop/loop.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>

#include "tidings/server/loop/failure.h"

namespace tidings {
namespace {

constexpr std::size_t kTimersPerTurn = 256;

}  // namespace

Session::Session(Loop& loop) : loop_(loop) { loop.sessions_.add(*this); }

Session::~Session() {
  loop_.sessions_.remove(*this);
  loop_.leave_if_finished();
}

// For posted work and for timers, in which an application's code runs.
template <class Work>
void Loop::survive(Work work) {
  try {
    work();
  } catch (...) {
    spdlog::error("work on an event loop failed: {}", describe(std::current_exception()));
    gauges_.failures.add(1);
  }
}

Loop::Loop(const Clock& clock, std::uint64_t seed)
    : timers_(
          clock, [this] { set_alarm(); },
          [this](std::function<void()> work) { post([this, work = std::move(work)] { survive(work); }); }),
      random_(seed),
      context_(1),
      work_(asio::make_work_guard(context_)),
      alarm_(context_),
      wall_clock_watch_(context_, [this] { timers_.wall_clock_was_set(); }),
      sockets_(context_),
      outbox_(*this) {}

// What the sessions have left for the next turn goes with the context.
Loop::~Loop() {
  is_finishing_ = false;
  abort_all();
}

void Loop::run() noexcept { context_.run(); }

void Loop::run_due_timers() {
  const auto deadline = timers_.next_deadline();
  if (deadline && *deadline <= now()) gauges_.loop_lag.observe(now() - *deadline);
  survive([this] { timers_.run_due(kTimersPerTurn); });  // those after one that throws fire in the next turn
  set_alarm();
}

void Loop::set_alarm() {
  const auto deadline = timers_.next_deadline();
  if (!deadline) {
    alarm_.cancel();
    return;
  }
  alarm_.expires_after(std::max(*deadline - now(), Clock::Time::duration::zero()));
  alarm_.async_wait([this](const std::error_code& error) {
    if (!error) run_due_timers();
  });
}

void Loop::finish() {
  is_finishing_ = true;
  sessions_.for_each([](Session& session) { session.drain(); });
  leave_if_finished();
}

BatchSender& Loop::batch_sender() {
  if (!batch_sender_ && may_use_io_uring_) batch_sender_ = make_ring_sender();
  if (!batch_sender_) batch_sender_ = make_plain_sender();
  return *batch_sender_;
}

// The loop ends only when no worker holds a request of one of its sessions: that worker will post the answer to this
// loop.
void Loop::leave_if_finished() {
  if (!is_finishing_ || !sessions_.empty()) return;
  work_.reset();
  alarm_.cancel();
  wall_clock_watch_.stop();
  sockets_.stop();
  if (when_finished_) std::exchange(when_finished_, nullptr)();
}

void Loop::abort_all() {
  sessions_.for_each([](Session& session) { session.abort(); });
}

std::chrono::milliseconds Loop::part_of(std::chrono::milliseconds time) {
  return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(0, time.count())(random_));
}

std::chrono::milliseconds Loop::jittered(std::chrono::milliseconds time) {
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::int64_t>(time.count() / 2, time.count() * 3 / 2)(random_));
}

}  // namespace tidings
