#include "tidings/client_wasm/event_source/reopening.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "tidings/client_wasm/base/timer.h"
#include "tidings/client_wasm/base/url.h"
#include "tidings/client_wasm/base/wake.h"
#include "tidings/client_wasm/event_source/connection.h"

namespace tidings {
namespace {

// What came while the page was frozen may be dispatched only after its late timers and its wake-up: it has this time to
// show itself, in milliseconds.
constexpr double kGrace = 250;
constexpr int kNotElsewhere = 3;  // a ready state: the other place is gone
constexpr double kForEver = std::numeric_limits<double>::infinity();

using Elsewhere = bool (*)(Connection*, const char*, std::size_t, bool, double, double, const char*, std::size_t);

class ReopeningConnection final : public Connection, private Wakeful {
 public:
  ReopeningConnection(std::string_view url, const Reopening& options, Elsewhere elsewhere)
      : Connection(options.silent_after ? std::string_view(with_parameter(url, "heartbeat", "event")) : url,
                   options.credentials, options.last_event_id),
        options_(options),
        elsewhere_(elsewhere) {
    // The ids of both are places to go on from, also where nobody else listens to them.
    want("begin");
    want("gap");
    if (options.silent_after) want("heartbeat");
  }

  void begin() {
    if (open()) {
      watch(double(options_.longest_wait.count()));
    } else {
      begin_as(State::kClosed, Reason::kUnavailable);
    }
  }

  void take_ready_state(int ready_state) override {
    if (ready_state == 2) {
      lose(Reason::kRefused);
      return;
    }
    if (ready_state == kNotElsewhere) {
      close_browsers();
      reopen();
      return;
    }
    if (ready_state == 1) {
      attempts_ = 0;
      was_open_ = true;
      watch(kForEver);
    } else {
      look_young(double(options_.longest_wait.count()));
      timer_.stop();  // how long the browser waits is the server's to say
    }
    Connection::take_ready_state(ready_state);
  }

  void take_event(const Type& type, std::string_view data) override {
    last_sign_ = tidings_now();
    is_suspect_ = false;
    Connection::take_event(type, data);
  }

 private:
  void shut() override {
    timer_.stop();
    Connection::shut();
  }

  void wake() override {
    if (!options_.checks_on_wake || is_ended()) return;
    if (state() == State::kWaiting) {
      reopen();
    } else if (is_silent() && !is_suspect_) {
      suspect();
    }
  }

  bool open() {
    const std::string_view id = last_event_id();
    const double silent_after = options_.silent_after ? double(options_.silent_after->count()) : kForEver;
    if (elsewhere_ != nullptr && elsewhere_(this, url().data(), url().size(), has_credentials(), silent_after,
                                            double(options_.longest_wait.count()), id.data(), id.size())) {
      return take_opened(true);
    }
    return Connection::open(id.empty() ? std::string(url()) : with_parameter(url(), "last_event_id", id));
  }

  static void take_due(void* owner) {
    ReopeningConnection& self = *static_cast<ReopeningConnection*>(owner);
    if (self.state() == State::kWaiting) {
      self.reopen();
    } else if (!self.is_silent()) {
      self.timer_.start(self.silent_at() - tidings_now());
    } else if (self.is_suspect_) {
      self.close_browsers();
      self.reopen();
    } else if (tidings_now() >= self.silent_at() + kGrace) {
      self.suspect();  // the timer is late, so the page was frozen
    } else {
      self.lose(Reason::kSilent);
    }
  }

  void suspect() {
    is_suspect_ = true;
    timer_.start(kGrace);
  }

  double silent_at() const { return last_sign_ + patience_; }
  bool is_silent() const { return tidings_now() >= silent_at(); }

  // Silence counts from now on, and may last for `patience`. Where the clock is set back, it may last that much longer,
  // and nothing worse happens.
  void look_young(double patience) {
    last_sign_ = tidings_now();
    patience_ = patience;
    is_suspect_ = false;
  }

  // Does that for `silent_after` and looks again when it is over. Where that is not set, it is for `patience`, and only
  // a wake-up looks.
  void watch(double patience) {
    timer_.stop();
    look_young(options_.silent_after ? double(options_.silent_after->count()) : patience);
    if (options_.silent_after) timer_.start(patience_);
  }

  void lose(Reason reason) {
    close_browsers();
    if (reason == Reason::kRefused && !options_.after_refusal) {
      become(State::kClosed, reason);
    } else if (options_.most_attempts && attempts_ >= *options_.most_attempts) {
      become(State::kClosed, Reason::kGaveUp);
    } else {
      const double longest = double(options_.longest_wait.count());
      double most = double(options_.first_wait.count());
      for (unsigned i = 0; i < attempts_ && most < longest; ++i) most *= 2;
      ++attempts_;
      timer_.start(tidings_random() * std::min(most, longest));
      become(State::kWaiting, reason);
    }
  }

  void reopen() {
    timer_.stop();
    if (!open()) {
      become(State::kClosed, Reason::kUnavailable);
      return;
    }
    watch(double(options_.longest_wait.count()));
    become(was_open_ ? State::kReconnecting : State::kConnecting);
  }

  Reopening options_;
  Elsewhere elsewhere_;          // null: in this page
  Timer timer_{take_due, this};  // for the end of a wait, or of the patience
  double last_sign_ = tidings_now();
  double patience_ = kForEver;
  unsigned attempts_ = 0;  // since it was last open
  bool was_open_ = false;
  bool is_suspect_ = false;  // it was silent when the page woke up, and has a last chance
};

}  // namespace

EventSource::EventSource(std::string_view url, const Reopening& reopening) : EventSource(url, reopening, nullptr) {}

EventSource::EventSource(std::string_view url, const Reopening& reopening, Elsewhere elsewhere) {
  ReopeningConnection* const connection = new ReopeningConnection(url, reopening, elsewhere);
  source_ = connection;
  connection->begin();
}

}  // namespace tidings
