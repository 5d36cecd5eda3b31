// What is left over of a thousand reopenings: nothing. Counts every allocation of the program.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <new>
#include <string>

#include "tidings/client_wasm/event_source/reopening.h"
#include "tidings/tests/client_wasm/fake_browser.h"

namespace {
long allocations = 0;  // that live
}

// The compiler takes the pair of malloc and a delete of its own for a mismatch.
#pragma GCC diagnostic push
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif
void* operator new(std::size_t size) {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept {
  if (memory != nullptr) --allocations;
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
#pragma GCC diagnostic pop

namespace tidings {
namespace {

using namespace std::chrono_literals;

constexpr int kCycles = 1000;

// One turn of everything that a connection goes through, with listeners that come and go.
void turn(FakeBrowser& browser, EventSource& source, int i) {
  browser.open(browser.source());
  const std::string captured(100, 'c');
  const auto listener = source.on_event("type " + std::to_string(i), [captured](const MessageView&) {});
  browser.dispatch(browser.source(), "message", "data", "0123456789-" + std::to_string(1'000'000 + i));
  browser.drop(browser.source());
  browser.open(browser.source());
  source.remove(listener);
  browser.fail(browser.source());
  browser.advance_to_next_timer();
}

TEST(ReopeningLeak, AThousandReopeningsLeaveNothingBehind) {
  FakeBrowser browser;
  browser.waits.reserve(10 * kCycles);
  {
    EventSource source("/", Reopening{.after_refusal = true, .silent_after = 40s});
    source.on_message([](const MessageView&) {});
    turn(browser, source, 0);  // the buffer for strings from JavaScript stays
  }
  const long before = allocations;
  {
    EventSource source("/", Reopening{.after_refusal = true, .silent_after = 40s});
    int messages = 0;
    source.on_message([&](const MessageView&) { ++messages; });
    turn(browser, source, 0);
    const long after_one = allocations;
    for (int i = 1; i <= kCycles; ++i) turn(browser, source, i);
    EXPECT_EQ(allocations, after_one);
    EXPECT_EQ(messages, kCycles + 1);
    EXPECT_EQ(browser.sources.size(), 1u);
    EXPECT_EQ(browser.source().types.size(), 4u) << "message, heartbeat, begin and gap";
    EXPECT_EQ(browser.timers(), 1u);
  }
  EXPECT_EQ(allocations, before);
}

TEST(ReopeningLeak, AThousandSourcesLeaveNothingBehind) {
  FakeBrowser browser;
  browser.waits.reserve(10 * kCycles);
  const auto live_and_die = [&] {
    EventSource source("/", Reopening{.after_refusal = true, .silent_after = 40s});
    const std::string captured(100, 'c');
    source.on_message([captured](const MessageView&) {});
    source.on_state([captured](EventSource::State) {});
    turn(browser, source, 0);
    browser.fail(browser.source());
  };
  live_and_die();
  const long before = allocations;
  for (int i = 0; i < kCycles; ++i) live_and_die();
  EXPECT_EQ(allocations, before);
  EXPECT_TRUE(browser.sources.empty());
  EXPECT_EQ(browser.timers(), 0u);
  EXPECT_EQ(browser.wake_watches, 0);
}

}  // namespace
}  // namespace tidings
