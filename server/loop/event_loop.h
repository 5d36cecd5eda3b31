// One event loop whole: a thread's sockets, timers and everything that lives on it. Loops share nothing. What happens
// in one turn of it, and in which order: docs/THE_TURN.md. Built on Asio (io_context). Loop thread only, except post(),
// context() and metrics().
#pragma once

#include <array>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "tidings/server/loop/batch_sender.h"
#include "tidings/server/loop/idle_sessions.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/loop/loop_metrics.h"
#include "tidings/server/loop/outbox.h"
#include "tidings/server/loop/roster.h"
#include "tidings/server/loop/socket_set.h"
#include "tidings/server/loop/wall_clock_watch.h"

namespace tidings {

class EventLoop;

// Something that owns a socket on a loop, so that the loop can end it. It keeps itself alive for as long as it has one,
// and to the end of the loop's turn.
class Session {
 public:
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  virtual void drain() = 0;  // the server is going away: end as soon as nothing promised is lost
  virtual void abort() = 0;  // end now

 protected:
  explicit Session(EventLoop& loop);
  ~Session();

  EventLoop& loop_;

 private:
  friend class EventLoop;
  std::size_t index_;  // among the loop's sessions
};

class EventLoop final : public Loop {
 public:
  EventLoop(const Clock& clock, std::uint64_t seed);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  // Runs until finish() was called and the last session is gone. What is thrown by work that came by Loop::post(), or
  // by what a timer resumes, is logged and counted, and nothing else notices; anything else that is thrown ends the
  // process.
  void run() noexcept;

  // Runs work in a later turn, never from within. Any thread. For the server's own work, which does not throw: an
  // application's comes by Loop::post().
  template <class Work>
  void post(Work&& work) {
    asio::post(context_, std::forward<Work>(work));
  }
  asio::io_context& context() { return context_; }
  LoopMetrics& metrics() { return metrics_; }

  SocketSet& sockets() { return sockets_; }
  Outbox& outbox() { return outbox_; }
  IdleSessions& idle_sessions() { return idle_sessions_; }  // its since(): any thread
  void run_due_timers();

  // Drains every session and lets run() return when they are gone.
  void finish();
  bool is_finishing() const { return is_finishing_; }
  // Called once, when finish() has been called and the last session is gone.
  void when_finished(std::function<void()> then) { when_finished_ = std::move(then); }
  // Aborts every session.
  void abort_all();

  // A random part of `time`, none to all of it.
  std::chrono::milliseconds part_of(std::chrono::milliseconds time);
  // `time` times a random factor from 0.5 to 1.5, so that many clients do not come at once.
  std::chrono::milliseconds jittered(std::chrono::milliseconds time);

  // Lets batch_sender() be one by io_uring; before the loop runs.
  void use_io_uring() { may_use_io_uring_ = true; }
  BatchSender& batch_sender();

  // Scratch memory for the current handler: nothing in it outlives its return to the loop.
  std::array<char, 16 * 1024>& read_buffer() { return read_buffer_; }
  std::string& write_buffer() { return write_buffer_; }

 private:
  friend class Session;
  template <class Work>
  void survive(Work work);
  void set_alarm();
  void leave_if_finished();

  // What sessions touch when they are destroyed outlives the context, whose handlers keep them.
  bool is_finishing_ = false;
  std::function<void()> when_finished_;
  Roster<Session, &Session::index_> sessions_;
  IdleSessions idle_sessions_;
  LoopMetrics metrics_;
  std::mt19937_64 random_;
  bool may_use_io_uring_ = false;
  std::unique_ptr<BatchSender> batch_sender_;  // made by the loop's own thread
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer alarm_;  // for the earliest of timers()
  WallClockWatch wall_clock_watch_;
  SocketSet sockets_;
  Outbox outbox_;
  std::array<char, 16 * 1024> read_buffer_;
  std::string write_buffer_;
};

}  // namespace tidings
