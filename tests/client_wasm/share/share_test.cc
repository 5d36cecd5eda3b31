// What share.js asks of the browser's locks and channels, and does with their answers.
#include <gtest/gtest.h>

#include <cstddef>
#include <string_view>

#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/event_source/reopening.h"

extern "C" {
// fake_event_source.js
void fake_event_source_install();
int fake_event_source_count();
int fake_event_source_closed(int index);
int fake_event_source_revive(int index);
// fake_locks.js
void fake_locks_install(bool are_there);
void fake_locks_grant();
void fake_locks_reject();
bool fake_locks_has_name(const char* name, std::size_t length);
}

namespace tidings {
namespace {

class ShareTest : public testing::Test {
 protected:
  ShareTest() {
    fake_event_source_install();
    fake_locks_install(true);
  }
  static bool has_name(std::string_view name) { return fake_locks_has_name(name.data(), name.size()); }
};

TEST_F(ShareTest, TheNameIsTheWholeUrlsAndTheCredentials) {
  {
    const EventSource source = EventSource::shared("events?a", {});
    EXPECT_TRUE(has_name("tidings2:https://example.org/events?a"));
  }
  EXPECT_FALSE(has_name("tidings2:https://example.org/events?a")) << "it is closed";
  const EventSource source =
      EventSource::shared("events?a", Reopening{.credentials = EventSource::Credentials::kInclude});
  EXPECT_TRUE(has_name("tidings2+credentials:https://example.org/events?a"));
}

TEST_F(ShareTest, ItConnectsOnceTheLockIsGranted) {
  const EventSource source = EventSource::shared("/events", {});
  EXPECT_EQ(fake_event_source_count(), 0);
  fake_locks_grant();
  EXPECT_EQ(fake_event_source_count(), 1);
}

TEST_F(ShareTest, ItConnectsWhereTheLockIsRefused) {
  const EventSource source = EventSource::shared("/events", {});
  fake_locks_reject();
  EXPECT_EQ(fake_event_source_count(), 1);
  EXPECT_EQ(fake_event_source_closed(0), 0);
}

TEST_F(ShareTest, ItLetsGoWhereTheLockIsStolenAndAsksForItAgain) {
  const EventSource source = EventSource::shared("/events", {});
  fake_locks_grant();
  fake_locks_reject();
  EXPECT_EQ(fake_event_source_count(), 1);
  EXPECT_EQ(fake_event_source_closed(0), 1);
  EXPECT_TRUE(has_name("tidings2:https://example.org/events")) << "on a channel that is open";
  EXPECT_EQ(fake_event_source_revive(0), 2) << "closed, whatever the browser does with it";
}

TEST_F(ShareTest, WhatIsClosedTakesNoLock) {
  { const EventSource source = EventSource::shared("/events", {}); }
  fake_locks_grant();
  fake_locks_reject();
  EXPECT_EQ(fake_event_source_count(), 0);
}

TEST_F(ShareTest, AUrlThatIsNoneIsForTheEventSourceToRefuse) {
  const EventSource source = EventSource::shared("http://[", {});
  EXPECT_EQ(fake_event_source_count(), 1);
}

TEST_F(ShareTest, WithoutLocksItConnectsAlone) {
  fake_locks_install(false);
  const EventSource source = EventSource::shared("/events", {});
  EXPECT_EQ(fake_event_source_count(), 1);
}

}  // namespace
}  // namespace tidings
