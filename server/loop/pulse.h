// Tells again and again that every loop has its turns: for a watchdog, which ends a process of which a part hangs. Once
// it is made, the first loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "tidings/server/loop/event_loop.h"

namespace tidings {

class Pulse final : private Timer {
 public:
  // Calls `beat` each `interval` on the first of the loops, where all of them have had a turn since the last time: one
  // that hangs delays it. What `beat` throws is logged and counted. The loops outlive this; it has to be there until
  // they have all been left.
  Pulse(const std::vector<std::unique_ptr<EventLoop>>& loops, std::chrono::milliseconds interval,
        std::function<void()> beat);

  void start();
  void stop() { disarm(); }

 private:
  void expired() override;
  void answered();

  const std::vector<std::unique_ptr<EventLoop>>& loops_;
  const std::chrono::milliseconds interval_;
  const std::function<void()> beat_;
  std::size_t awaited_ = 0;  // loops that have not had a turn since the last time
};

}  // namespace tidings
