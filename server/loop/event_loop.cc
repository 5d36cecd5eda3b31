#include "tidings/server/loop/event_loop.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>

#include "tidings/server/loop/failure.h"

namespace tidings {
namespace {

constexpr std::size_t kTimersPerTurn = 256;

}  // namespace

Session::Session(EventLoop& loop) : loop_(loop) { loop.sessions_.add(*this); }

Session::~Session() {
  loop_.sessions_.remove(*this);
  loop_.leave_if_finished();
}

// Posted work and timers run an application's code, whose exceptions must not end the loop.
template <class Work>
void EventLoop::survive(Work work) {
  try {
    work();
  } catch (...) {
    spdlog::error("work on an event loop failed: {}", describe(std::current_exception()));
    metrics_.failures.add(1);
  }
}

EventLoop::EventLoop(const Clock& clock, std::uint64_t seed, asio::io_context* programs)
    : Loop(
          clock,
          [this](std::function<void()> work) {
            post([this, work = std::move(work)] {
              step_watch_.begin();
              survive(work);
              step_watch_.end("work that was posted");
            });
          },
          [this] { set_alarm(); }),
      step_watch_(clock, metrics_.slow_steps),
      random_(seed),
      context_(programs),
      work_(asio::make_work_guard(context())),
      alarm_(context()),
      wall_clock_watch_(context_, [this] { timers().wall_clock_was_set(); }),
      sockets_(context_, metrics_.connections),
      outbox_(*this),
      backlog_(*this),
      post_box_(std::make_shared<PostBox>([this](PostBox::Work work) { post(std::move(work)); })) {}

// The sessions that are aborted here leave work for a turn that does not come any more; it is destroyed with the
// context.
EventLoop::~EventLoop() {
  post_box_->close();
  is_finishing_ = false;
  when_finished_ = nullptr;
  abort_all();
}

void EventLoop::run() noexcept { context().run(); }

void EventLoop::run_due_timers() {
  const auto deadline = timers().next_deadline();
  if (deadline && *deadline <= now()) metrics_.loop_lag.observe(now() - *deadline);
  survive([this] { timers().run_due(kTimersPerTurn); });  // where one throws, those behind it fire in the next turn
  set_alarm();
}

void EventLoop::set_alarm() {
  const auto deadline = timers().next_deadline();
  if (!deadline) {
    alarm_.cancel();
    return;
  }
  alarm_.expires_after(std::max(*deadline - now(), Clock::Time::duration::zero()));
  alarm_.async_wait(guarded([this](const std::error_code& error) {
    if (!error) run_due_timers();
  }));
}

void EventLoop::finish() {
  is_finishing_ = true;
  sessions_.for_each([](Session& session) { session.drain(); });
  leave_if_finished();
}

BatchSender& EventLoop::batch_sender() {
  if (!batch_sender_ && may_use_io_uring_) batch_sender_ = make_ring_sender();
  if (!batch_sender_) batch_sender_ = make_plain_sender();
  return *batch_sender_;
}

// The loop ends only when no worker holds a request of one of its sessions: that worker will post the answer to this
// loop.
void EventLoop::leave_if_finished() {
  if (!is_finishing_ || !sessions_.empty()) return;
  work_.reset();
  alarm_.cancel();
  wall_clock_watch_.stop();
  sockets_.stop();
  if (when_finished_) std::exchange(when_finished_, nullptr)();
}

void EventLoop::abort_all() {
  sessions_.for_each([](Session& session) { session.abort(); });
}

std::chrono::milliseconds EventLoop::part_of(std::chrono::milliseconds time) {
  return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(0, time.count())(random_));
}

std::chrono::milliseconds EventLoop::jittered(std::chrono::milliseconds time) {
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::int64_t>(time.count() / 2, time.count() * 3 / 2)(random_));
}

}  // namespace tidings
