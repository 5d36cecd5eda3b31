// What a loop's streams have to send that is not new any more: who is behind waits here for a turn. A loop works it off
// for a fraction of a millisecond at a time, so that a crowd that is behind holds up nobody who is not. Loop thread
// only.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>

namespace tidings {

class EventLoop;

class Backlog {
 public:
  using Work = std::function<void()>;

  explicit Backlog(EventLoop& loop) : loop_(loop) {}
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;

  // Runs the work in one of the next turns, in the order of adding, never within this call. It must not throw. What has
  // much to do does a little and adds itself again.
  void add(Work work);
  bool is_empty() const { return works_.empty(); }

 private:
  void post();
  void work_off();

  EventLoop& loop_;
  std::deque<Work> works_;
  bool is_posted_ = false;
};

}  // namespace tidings
