// Those who listen on one loop, to a channel for example: whoever has something new rings once for all of them, however
// many they are. Loop thread only, but for ring() and ring_soon().
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>

#include "tidings/server/loop/loop.h"
#include "tidings/server/loop/roster.h"
#include "tidings/server/loop/timers.h"

namespace tidings {

class Bell final : private Timer, public std::enable_shared_from_this<Bell> {
 public:
  // Is told on its own loop that there may be something new: once for all that came since it was told last.
  class Listener {
   public:
    // May stop listeners from listening, this one and others, and may destroy them.
    virtual void on_published() = 0;

   protected:
    ~Listener() = default;

   private:
    friend class Bell;
    std::size_t index_ = 0;  // in its bell's roster
  };

  // What rings within `gather_time` of the first ring is told together.
  Bell(Loop& loop, std::chrono::milliseconds gather_time) : loop_(loop), gather_time_(gather_time) {}

  Loop& loop() const { return loop_; }
  Roster<Listener, &Listener::index_>& listeners() { return listeners_; }

  // Tells the listeners with what is posted to the loop, or once the gather time is over, never within this call. Any
  // thread.
  void ring();
  // In a moment, for who was told to come again. Any thread.
  void ring_soon();

 private:
  struct TellRest;

  void expired() override { answer(); }
  void answer_in(std::chrono::milliseconds time);
  void answer();
  void tell();

  Loop& loop_;
  const std::chrono::milliseconds gather_time_;
  Clock::Time due_;                    // when it is answered, while the timer is armed
  std::atomic<bool> is_rung_ = false;  // from ring() until answer() runs
  bool is_rung_meanwhile_ = false;     // since some are untold_: when those are told, all are told once more
  std::size_t untold_ = 0;             // how many from the roster's beginning have not been told yet
  Roster<Listener, &Listener::index_> listeners_;
};

}  // namespace tidings
