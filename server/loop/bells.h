// The bells of all loops on which somebody may wait for the same thing: whoever has something new rings those of them
// for which somebody waits, once for each loop. A loop has a bell here only while somebody on it may wait, so none is
// rung whose loop is gone. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include "tidings/server/loop/bell.h"

namespace tidings {

class Loop;

class Bells {
 public:
  // What rings a bell within `gather_time` of the first ring is told together.
  explicit Bells(std::chrono::milliseconds gather_time = std::chrono::milliseconds(0)) : gather_time_(gather_time) {}

  // One loop's.
  struct Hung {
    std::shared_ptr<Bell> bell;
    std::size_t users = 0;                 // who have come and not gone
    std::atomic<std::size_t> waiting = 0;  // of those, who are listeners of the bell
  };

  // For one more who may wait on this loop, by its thread; it goes before its loop does. While it waits it is a
  // listener of the bell, and counted. Whoever looks whether there is something new once it is counted misses nothing.
  Hung& come(Loop& loop);
  void go(Hung& hung);

  void ring();

 private:
  const std::chrono::milliseconds gather_time_;
  std::mutex mutex_;
  std::list<Hung> hung_;
};

}  // namespace tidings
