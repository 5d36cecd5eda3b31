// What the browser's EventSource is asked for on behalf of a Reopening.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string_view>

#include "tidings/client_wasm/event_source/reopening.h"

extern "C" {
// fake_event_source.js
void fake_event_source_install();
bool fake_event_source_has_url(int index, const char* url, std::size_t length);
}

namespace tidings {
namespace {

using namespace std::chrono_literals;

bool asks_for(std::string_view url) { return fake_event_source_has_url(0, url.data(), url.size()); }

TEST(ReopeningUrl, IsAsItWasGivenWhereNothingElseIsAsked) {
  fake_event_source_install();
  const EventSource source("/events?a=%20#top", Reopening{});
  EXPECT_TRUE(asks_for("/events?a=%20#top"));
}

TEST(ReopeningUrl, HasTheLastEventsIdWithAllItsBytes) {
  fake_event_source_install();
  const EventSource source("/events", Reopening{.last_event_id = "a:x-7,b&\xC3\xA9 #"});
  EXPECT_TRUE(asks_for("/events?last_event_id=a%3Ax-7%2Cb%26%C3%A9%20%23"));
}

TEST(ReopeningUrl, HasParametersBehindThoseThatAreThereAndNoFragment) {
  fake_event_source_install();
  const EventSource source("/events?last_event_id=1&a=%20#?top", Reopening{.last_event_id = "7", .silent_after = 40s});
  EXPECT_TRUE(asks_for("/events?last_event_id=1&a=%20&heartbeat=event&last_event_id=7"));
}

}  // namespace
}  // namespace tidings
