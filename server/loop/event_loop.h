// One event loop: a thread's timers, its sockets and the sessions that own them. Loops share nothing. What happens in
// one turn of it, and in which order: docs/THE_TURN.md. Built on Asio (io_context). Loop thread only, except post(),
// post_box(), context(), guarded() and metrics().
#pragma once

#include <array>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "tidings/server/loop/backlog.h"
#include "tidings/server/loop/batch_sender.h"
#include "tidings/server/loop/idle_sessions.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/loop/loop_context.h"
#include "tidings/server/loop/loop_metrics.h"
#include "tidings/server/loop/outbox.h"
#include "tidings/server/loop/post_box.h"
#include "tidings/server/loop/roster.h"
#include "tidings/server/loop/socket_set.h"
#include "tidings/server/loop/step_watch.h"
#include "tidings/server/loop/wall_clock_watch.h"

namespace tidings {

class EventLoop;

// Something that owns a socket on a loop and that the loop can end. It keeps itself alive while it owns the socket, and
// then until the loop runs what was posted: so whatever called the function that has ended it may still touch it.
class Session {
 public:
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  virtual void drain() = 0;  // the server is going away: ends as soon as nothing is lost that was promised
  virtual void abort() = 0;  // ends now

 protected:
  explicit Session(EventLoop& loop);
  ~Session();

  EventLoop& loop_;

 private:
  friend class EventLoop;
  std::size_t index_;  // in the loop's roster
};

class EventLoop final : public Loop {
 public:
  // On an io_context of the program's, where there is one: then that is not to be run by run(), but by one thread of
  // the program's, always the same, which also destroys the loop; or nobody runs it meanwhile.
  EventLoop(const Clock& clock, std::uint64_t seed, asio::io_context* programs = nullptr);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop() override;

  // Runs until finish() was called and the last session is gone. An exception from work that came by Loop::post(), or
  // from what a timer calls, is logged and counted, and the loop goes on; any other exception ends the process.
  void run() noexcept;

  // Runs work soon, in the order of posting, never within this call. Any thread. For the server's own work, which must
  // not throw: what an application posts comes by Loop::post(), where exceptions are caught.
  template <class Work>
  void post(Work&& work) {
    context_.post(std::forward<Work>(work));
  }
  // The same, for who may outlive the loop.
  const std::shared_ptr<PostBox>& post_box() const { return post_box_; }
  asio::io_context& context() { return context_.context(); }
  // A handler for what is begun on context(), which is called as long as the loop is there.
  template <class Handler>
  auto guarded(Handler handler) const {
    return context_.guarded(std::move(handler));
  }
  LoopMetrics& metrics() { return metrics_; }
  StepWatch& step_watch() { return step_watch_; }

  SocketSet& sockets() { return sockets_; }
  Outbox& outbox() { return outbox_; }
  Backlog& backlog() { return backlog_; }
  IdleSessions& idle_sessions() { return idle_sessions_; }  // its since(): any thread
  // Fires the timers that are due, at most 256 of them; the rest fires in the next turn. Called by the loop's alarm,
  // and for a clock that was moved by hand.
  void run_due_timers();

  // Drains every session, and lets run() return once all of them are gone.
  void finish();
  bool is_finishing() const { return is_finishing_; }
  // Called once, when finish() has been called and the last session is gone.
  void when_finished(std::function<void()> then) { when_finished_ = std::move(then); }
  // Aborts every session.
  void abort_all();

  // A random time from zero to `time`.
  std::chrono::milliseconds part_of(std::chrono::milliseconds time);
  // `time` times a random factor from 0.5 to 1.5, so that many clients do not come at once.
  std::chrono::milliseconds jittered(std::chrono::milliseconds time);

  // Lets batch_sender() use io_uring where the kernel allows it. To be called before the loop runs.
  void use_io_uring() { may_use_io_uring_ = true; }
  BatchSender& batch_sender();

  // Scratch memory for the handler that runs now: once it has returned to the loop, another one writes over it.
  std::array<char, 16 * 1024>& read_buffer() { return read_buffer_; }
  std::string& write_buffer() { return write_buffer_; }

 private:
  friend class Session;
  template <class Work>
  void survive(Work work);
  void set_alarm();
  void leave_if_finished();

  // Handlers that never ran keep sessions alive until the context is destroyed, and a session that is destroyed with it
  // still touches the members up to metrics_: they stand before the context, to be destroyed after it.
  bool is_finishing_ = false;
  std::function<void()> when_finished_;
  Roster<Session, &Session::index_> sessions_;
  IdleSessions idle_sessions_;
  LoopMetrics metrics_;
  StepWatch step_watch_;
  std::mt19937_64 random_;
  bool may_use_io_uring_ = false;
  std::unique_ptr<BatchSender> batch_sender_;  // made at its first use, by the thread that it belongs to
  LoopContext context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer alarm_;  // for the earliest deadline of timers()
  WallClockWatch wall_clock_watch_;
  SocketSet sockets_;
  Outbox outbox_;
  Backlog backlog_;
  const std::shared_ptr<PostBox> post_box_;
  std::array<char, 16 * 1024> read_buffer_;
  std::string write_buffer_;
};

}  // namespace tidings
