#include "server/event_log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

namespace tidings {
namespace {

using namespace std::chrono_literals;

std::string all(const EventLog& log, std::size_t max_bytes = 1000) {
  std::string out;
  for (EventLog::Sequence at = log.first(); at != log.next();) {
    const EventLog::Run run = log.read(at, max_bytes);
    out += run.bytes;
    at = run.next;
  }
  return out;
}

const Clock::Time kStart{};

TEST(EventLog, NumbersItsEventsFromOne) {
  EventLog log({});
  EXPECT_EQ(log.next(), 1u);
  EXPECT_TRUE(log.is_empty());
  log.append("a", kStart);
  EXPECT_EQ(log.first(), 1u);
  EXPECT_EQ(log.next(), 2u);
}

TEST(EventLog, ReadsRunsOfWholeEvents) {
  EventLog log({});
  for (const char* text : {"one", "two", "three"}) log.append(text, kStart);
  EXPECT_EQ(log.read(1, 100).bytes, "onetwothree");
  EXPECT_EQ(log.read(1, 6).bytes, "onetwo");
  EXPECT_EQ(log.read(1, 6).next, 3u);
  EXPECT_EQ(log.read(2, 1).bytes, "two");  // at least one
}

TEST(EventLog, KeepsNoMoreThanItsLimits) {
  EventLog by_count({.max_events = 2, .max_bytes = 100, .max_age = 1h});
  EventLog by_bytes({.max_events = 100, .max_bytes = 5, .max_age = 1h});
  EventLog by_age({.max_events = 100, .max_bytes = 100, .max_age = 10s});
  for (int i = 0; i < 4; ++i) {
    by_count.append(std::string(2, static_cast<char>('a' + i)), kStart);
    by_bytes.append(std::string(2, static_cast<char>('a' + i)), kStart);
    by_age.append(std::string(2, static_cast<char>('a' + i)), kStart + i * 5s);
  }
  EXPECT_EQ(all(by_count), "ccdd");
  EXPECT_EQ(by_count.first(), 3u);
  EXPECT_EQ(all(by_bytes), "ccdd");
  EXPECT_EQ(all(by_age), "ccdd");
  EXPECT_EQ(by_age.expiry(), kStart + 20s);
  by_age.expire(kStart + 25s);
  EXPECT_TRUE(by_age.is_empty());
  EXPECT_EQ(by_age.first(), 5u);
  EXPECT_EQ(by_age.next(), 5u);
}

TEST(EventLog, KeepsTheNewestHoweverLargeItIs) {
  EventLog log({.max_events = 10, .max_bytes = 5, .max_age = 1h});
  log.append("small", kStart);
  log.append(std::string(1000, 'x'), kStart);
  EXPECT_EQ(all(log), std::string(1000, 'x'));
}

TEST(EventLog, ARunsBytesStayThoughTheLogDropsThem) {
  EventLog log({.max_events = 1, .max_bytes = 1 << 20, .max_age = 1h});
  log.append("first", kStart);
  const EventLog::Run run = log.read(1, 100);
  for (int i = 0; i < 1000; ++i) log.append(std::string(1000, 'x'), kStart);
  EXPECT_EQ(run.bytes, "first");
}

TEST(EventLog, IsADequeWhateverComes) {
  constexpr unsigned kSeed = 4;
  std::mt19937 random(kSeed);
  const EventLog::Limits limits{.max_events = 50, .max_bytes = 20'000, .max_age = 100s};
  EventLog log(limits);
  std::deque<std::pair<std::string, Clock::Time>> model;
  EventLog::Sequence first = 1;
  Clock::Time now = kStart;
  const auto drop = [&] {
    model.pop_front();
    ++first;
  };
  for (int step = 0; step < 20'000; ++step) {
    now += std::chrono::seconds(random() % 5 == 0 ? random() % 60 : 0);
    std::size_t bytes = 0;
    const std::string text(1 + random() % (random() % 20 == 0 ? 30'000 : 300), static_cast<char>('a' + step % 26));
    log.append(text, now);
    model.emplace_back(text, now);
    for (const auto& [kept, time] : model) bytes += kept.size();
    while (model.size() > 1 && (model.size() > limits.max_events || bytes > limits.max_bytes)) {
      bytes -= model.front().first.size();
      drop();
    }
    while (!model.empty() && model.front().second + limits.max_age <= now) drop();
    std::string expected;
    for (const auto& [kept, time] : model) expected += kept;
    ASSERT_EQ(log.first(), first) << "seed " << kSeed << ", step " << step;
    ASSERT_EQ(log.bytes(), expected.size());
    if (step % 10 != 0) continue;
    ASSERT_EQ(all(log, 1 + random() % 5000), expected) << "seed " << kSeed << ", step " << step;
  }
}

}  // namespace
}  // namespace tidings
