// When the page falls asleep and wakes up: hidden tabs are frozen, pages are kept while the user looks at another one,
// machines sleep and networks come back, and an EventSource tells of none of it.
// Source: WICG Page Lifecycle; WHATWG HTML, `pageshow`, `pagehide` and `online`. The page has one thread.
#pragma once

namespace tidings {

// Is told of both for as long as it lives.
class Wakeful {
 public:
  Wakeful();
  Wakeful(const Wakeful&) = delete;
  Wakeful& operator=(const Wakeful&) = delete;

  // The page is shown, is back from where it was frozen or kept, or the network is there again. May come several times.
  virtual void wake() = 0;
  // The page is about to be frozen, kept or ended: its code may not run for a long time or ever again.
  virtual void sleep() {}

 protected:
  ~Wakeful();

 private:
  friend class WakeCall;
  Wakeful* next_;
};

}  // namespace tidings
