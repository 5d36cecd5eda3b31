// A timer of the browser's, its clock and its chance. The page has one thread.
#pragma once

extern "C" {
// timer.js. The clock also runs while the machine sleeps, and may be set; milliseconds.
double tidings_now();
// From 0 to less than 1, any as likely as any other.
double tidings_random();
}

namespace tidings {

// Calls once, when its time has come. Browsers are late where a page is hidden or the machine slept, never early.
class Timer {
 public:
  using Due = void (*)(void* owner);

  Timer(Due due, void* owner) : due_(due), owner_(owner) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { stop(); }

  // Forgets an earlier start.
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
