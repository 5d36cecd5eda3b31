// Thousands of schedules of an EventSource that reopens, against a server whose events are numbered and kept: whatever
// opens, drops, fails, falls silent, sleeps and wakes, the page gets every event once and in order.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "tidings/client_wasm/event_source/reopening.h"
#include "tidings/tests/client_wasm/fake_browser.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using State = EventSource::State;

constexpr unsigned kSchedules = 5000;
constexpr int kSteps = 120;

// A server of events 1, 2, 3, … that serves one client: from behind the id that it says, else from now on, which it
// tells by a begin.
class Schedule {
 public:
  explicit Schedule(unsigned seed) : browser_(seed), chance_(seed * 7919 + 1) {
    source_.emplace("/channels/a", Reopening{.after_refusal = true, .silent_after = 40s});
    source_->on_message([this](const MessageView& message) { take(message); });
    source_->on_state([this](State state) { take(state); });
  }

  void run() {
    for (int i = 0; i < kSteps && !testing::Test::HasFailure(); ++i) step();
    // All is well from here on: what is missing comes.
    is_well_ = true;
    for (int i = 0; i < 100 && !is_live(); ++i) {
      if (browser_.sources.empty() || browser_.source().ready_state == 1) {
        browser_.advance_to_next_timer();
      } else {
        connect();
      }
      while (send()) {
      }
    }
    EXPECT_TRUE(is_live());
    EXPECT_EQ(source_->state(), State::kOpen);
    EXPECT_EQ(next_, published_ + 1) << "all that was published has come";
    source_.reset();
    EXPECT_TRUE(browser_.sources.empty());
    EXPECT_EQ(browser_.timers(), 0u);
    EXPECT_EQ(browser_.wake_watches, 0);
  }

 private:
  int pick(int count) { return int(chance_() % unsigned(count)); }

  bool has_source() const { return !browser_.sources.empty(); }
  bool is_open() { return has_source() && browser_.source().ready_state == 1; }
  bool is_live() { return is_open() && !is_hung_ && sent_ == published_; }

  void step() {
    switch (pick(12)) {
      case 0:
      case 1: ++published_; return;
      case 2:
      case 3:
      case 4: send(); return;
      case 5:
      case 6:
        if (has_source() && !is_open()) connect();
        return;
      case 7:
        if (has_source()) browser_.drop(browser_.source());
        return;
      case 8:
        if (has_source()) browser_.fail(browser_.source());
        return;
      case 9: is_hung_ = true; return;  // until the next connection
      case 10: browser_.advance(pick(60'000)); return;
      default:
        if (pick(2) == 0) browser_.now += pick(100'000);  // asleep: no timer runs
        browser_.wake();
    }
  }

  // The server finds its place by the header if there is one, else by the URL.
  void connect() {
    FakeSource& source = browser_.source();
    is_hung_ = !is_well_ && pick(8) == 0;
    std::string id = source.last_event_id;
    if (id.empty()) id = source.begins_after;
    browser_.open(source);
    sent_ = id.empty() ? published_ : std::stoull(id);
    if (is_hung_ || !id.empty()) return;
    ASSERT_EQ(next_, 0u) << "whoever has a place asks for what comes after it";
    browser_.dispatch(source, "begin", "{}", std::to_string(published_));
    next_ = published_ + 1;
  }

  bool send() {
    if (!is_open() || is_hung_) return false;
    if (sent_ == published_) {
      if (pick(2) == 0) browser_.dispatch(browser_.source(), "heartbeat", "");
      return false;
    }
    ++sent_;
    browser_.dispatch(browser_.source(), "message", "data " + std::to_string(sent_), std::to_string(sent_));
    return true;
  }

  void take(const MessageView& message) {
    const std::uint64_t number = std::stoull(std::string(message.last_event_id));
    ASSERT_EQ(number, next_) << "in order, once";
    ASSERT_EQ(message.data, "data " + std::to_string(number));
    ASSERT_EQ(source_->state(), State::kOpen);
    ++next_;
    if (pick(50) == 0) {  // listeners come and go in the midst of it
      if (extra_ == EventSource::Listener::kNone) {
        extra_ = source_->on_message([this](const MessageView&) { source_->remove(std::exchange(extra_, {})); });
      } else {
        source_->remove(std::exchange(extra_, {}));
      }
    }
  }

  void take(State state) {
    ASSERT_NE(state, state_) << "a state is told once";
    ASSERT_NE(state, State::kClosed);
    if (state == State::kConnecting) {
      ASSERT_FALSE(was_open_);
    }
    if (state == State::kReconnecting) {
      ASSERT_TRUE(was_open_);
    }
    ASSERT_EQ(state == State::kWaiting, browser_.sources.empty());
    was_open_ |= state == State::kOpen;
    state_ = state;
  }

  FakeBrowser browser_;
  std::mt19937 chance_;
  std::uint64_t published_ = 0, sent_ = 0;  // the numbers of the last ones
  std::uint64_t next_ = 0;                  // that the page is to see; 0: none has been promised
  State state_ = State::kConnecting;
  EventSource::Listener extra_ = EventSource::Listener::kNone;
  bool was_open_ = false, is_hung_ = false, is_well_ = false;
  std::optional<EventSource> source_;
};

TEST(ReopeningModel, EveryEventComesOnceAndInOrderWhateverHappens) {
  for (unsigned seed = 0; seed < kSchedules; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Schedule(seed).run();
    if (testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace tidings
