// Signals as a loop hears of them. Loop thread only, once it is made.
#pragma once

#include <asio/signal_set.hpp>
#include <csignal>
#include <functional>
#include <system_error>
#include <utility>

#include "tidings/server/loop/event_loop.h"

namespace tidings {

// Does some work at each signal of a kind.
class SignalWatch {
 public:
  SignalWatch(EventLoop& loop, int signal, std::function<void()> work)
      : loop_(loop), signals_(loop.context(), signal), work_(std::move(work)) {
    wait();
  }
  void stop() { signals_.cancel(); }

 private:
  void wait() {
    signals_.async_wait(loop_.guarded([this](const std::error_code& error, int) {
      if (error) return;
      wait();
      loop_.Loop::post(work_);  // where what it throws is caught
    }));
  }

  EventLoop& loop_;
  asio::signal_set signals_;
  const std::function<void()> work_;
};

// Whether whoever started the process wants it to ignore this signal.
inline bool is_ignored(int signal) {
  struct sigaction current {};
  return sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

}  // namespace tidings
