// When a connection that is lost is made anew, and when one that says nothing is given up: the waits, limits and
// wake-ups that Reopening asks for (reopening.h), over a clock and a timer. It knows no connection: derived classes
// open and drop theirs, and say what becomes of it. Not for pages. The page has one thread.
#pragma once

#include "tidings/client_wasm/base/timer.h"
#include "tidings/client_wasm/base/wake.h"
#include "tidings/client_wasm/event_source/message_source.h"
#include "tidings/client_wasm/event_source/reopening.h"

namespace tidings {

class Reopener : private Wakeful {
 protected:
  using State = EventSource::State;
  using Reason = EventSource::Reason;

  // Changes the state of `source`, which outlives it.
  Reopener(MessageSource& source, const Reopening& options) : source_(source), options_(options) {}
  ~Reopener() = default;

  // Starts an attempt; it says by take_open() or take_loss() what comes of it. False where none can be made.
  virtual bool open() = 0;
  // Ends the connection, or the attempt at one.
  virtual void drop() = 0;

  // Makes the first attempt; before anybody listens.
  void begin();
  // An attempt is on its way that was not asked for: the browser's own.
  void take_attempt();
  void take_open();
  // Something has come.
  void take_sign();
  // The connection is lost, or the attempt has failed. The next attempt is not made within `asked` milliseconds, which
  // is the server's wish, which is kept up to an hour. May destroy this.
  void take_loss(Reason reason, double asked = 0);
  // Whether silence means something: not while nobody reads.
  void listen_for_signs(bool is_on);
  // Drops what there is and makes an attempt at once.
  void renew();
  void stop() { timer_.stop(); }

  // In milliseconds; infinite where silence may last.
  double silent_after() const;
  double answer_within() const { return double(options_.answer_within.count()); }

 private:
  void wake() final;
  static void take_due(void* owner);
  void look();
  void suspect();
  void watch(double patience);
  double silence();
  bool may_try() const { return !options_.most_attempts || attempts_ < *options_.most_attempts; }
  void reopen();

  MessageSource& source_;
  Reopening options_;
  Timer timer_{take_due, this};  // for the end of a wait, or of the patience
  double last_sign_ = 0;         // as tidings_now()
  double patience_ = 0;          // how long it may be silent from then on
  double earliest_ = 0;          // of the next attempt, by the server's wish
  unsigned attempts_ = 0;        // since it was last open
  bool was_open_ = false;
  bool is_suspect_ = false;  // it was silent when the page woke up, and has a last chance
};

}  // namespace tidings
