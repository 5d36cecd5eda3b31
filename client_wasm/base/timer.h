// The browser's timers, its clock and its random numbers. Source: WHATWG HTML, section "Timers". The page has one
// thread.
#pragma once

extern "C" {
// timer.js. Milliseconds since 1970 by the wall clock, which runs on while the machine sleeps, and may be set.
double tidings_now();
// A number from 0 to less than 1, each as likely as any other.
double tidings_random();
}

namespace tidings {

// Calls `due` with `owner` once its time is over. Browsers are late where a page is hidden or the machine slept, never
// early.
class Timer {
 public:
  using Due = void (*)(void* owner);

  Timer(Due due, void* owner) : due_(due), owner_(owner) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { stop(); }

  // The time to wait begins now; an earlier start is forgotten.
  void start(double milliseconds);
  void stop();
  bool is_running() const { return is_running_; }

  void take_due();  // for JavaScript

 private:
  Due due_;
  void* owner_;
  bool is_running_ = false;
};

}  // namespace tidings
