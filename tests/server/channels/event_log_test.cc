#include "tidings/server/channels/event_log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "tidings/bench/load/chunked_body.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

// What is in the chunks.
std::string content(std::string_view chunks) {
  std::string out;
  bench::ChunkedBody body;
  EXPECT_TRUE(body.feed(chunks, [&](std::string_view piece) { out += piece; }));
  return out;
}

std::string all(const EventLog& log, std::size_t max_bytes = 1000) {
  std::string out;
  for (EventLog::Sequence at = log.first(); at != log.next();) {
    const EventLog::Run run = log.read(at, max_bytes);
    const std::string events = content(run.chunks);
    EXPECT_TRUE(events.starts_with(run.block));
    out += events;
    at = run.next;
  }
  return out;
}

const Clock::Time kStart{};

TEST(EventLog, NumbersItsEventsFromOne) {
  EventLog log({}, 1);
  EXPECT_EQ(log.next(), 1u);
  EXPECT_TRUE(log.is_empty());
  log.append("a", {}, kStart);
  EXPECT_EQ(log.first(), 1u);
  EXPECT_EQ(log.next(), 2u);
}

TEST(EventLog, AnEventLiesInAChunkOfItsOwn) {
  EventLog log({}, 7);
  log.append("data: sixteen\n\n!", {.type = 1, .data = 2, .id = 3}, kStart);
  log.append("b", {}, kStart);
  const EventLog::Run run = log.read(7, 100);
  EXPECT_EQ(run.chunks, "10\r\ndata: sixteen\n\n!\r\n1\r\nb\r\n");
  EXPECT_EQ(run.block, "data: sixteen\n\n!");
  EXPECT_EQ(run.lines.type, 1u);
  EXPECT_EQ(run.lines.data, 2u);
  EXPECT_EQ(run.lines.id, 3u);
  EXPECT_EQ(run.next, 9u);
}

TEST(EventLog, NumbersGoOnThoughAllIsGone) {
  EventLog log({}, 7);
  log.append("a", {}, kStart);
  log.clear();
  EXPECT_TRUE(log.is_empty());
  EXPECT_EQ(log.bytes(), 0u);
  EXPECT_EQ(log.first(), 8u);
  log.append("b", {}, kStart);
  EXPECT_EQ(all(log), "b");
  EXPECT_EQ(log.next(), 9u);
}

TEST(EventLog, ReadsRunsOfWholeEvents) {
  EventLog log({}, 1);
  for (const char* text : {"one", "two", "three"}) log.append(text, {}, kStart);
  EXPECT_EQ(content(log.read(1, 100).chunks), "onetwothree");
  const EventLog::Run two = log.read(1, std::string_view("3\r\none\r\n3\r\ntwo\r\n").size());
  EXPECT_EQ(content(two.chunks), "onetwo");
  EXPECT_EQ(two.next, 3u);
  EXPECT_EQ(content(log.read(2, 1).chunks), "two");  // at least one
}

TEST(EventLog, KeepsNoMoreThanItsLimits) {
  EventLog by_count({.max_events = 2, .max_bytes = 100, .max_age = 1h}, 1);
  EventLog by_bytes({.max_events = 100, .max_bytes = 5, .max_age = 1h}, 1);
  EventLog by_age({.max_events = 100, .max_bytes = 100, .max_age = 10s}, 1);
  for (int i = 0; i < 4; ++i) {
    by_count.append(std::string(2, static_cast<char>('a' + i)), {}, kStart);
    by_bytes.append(std::string(2, static_cast<char>('a' + i)), {}, kStart);
    by_age.append(std::string(2, static_cast<char>('a' + i)), {}, kStart + i * 5s);
  }
  EXPECT_EQ(all(by_count), "ccdd");
  EXPECT_EQ(by_count.first(), 3u);
  EXPECT_EQ(all(by_bytes), "ccdd");
  EXPECT_EQ(all(by_age), "ccdd");
  by_age.expire(kStart + 25s);
  EXPECT_TRUE(by_age.is_empty());
  EXPECT_EQ(by_age.first(), 5u);
  EXPECT_EQ(by_age.next(), 5u);
}

TEST(EventLog, KeepsTheNewestHoweverLargeItIs) {
  EventLog log({.max_events = 10, .max_bytes = 5, .max_age = 1h}, 1);
  log.append("small", {}, kStart);
  log.append(std::string(1000, 'x'), {}, kStart);
  EXPECT_EQ(all(log), std::string(1000, 'x'));
}

TEST(EventLog, ARunsBytesStayThoughTheLogDropsThem) {
  EventLog log({.max_events = 1, .max_bytes = 1 << 20, .max_age = 1h}, 1);
  log.append("first", {}, kStart);
  const EventLog::Run run = log.read(1, 100);
  for (int i = 0; i < 1000; ++i) log.append(std::string(1000, 'x'), {}, kStart);
  EXPECT_EQ(run.block, "first");
}

TEST(EventLog, IsADequeWhateverComes) {
  constexpr unsigned kSeed = 4;
  std::mt19937 random(kSeed);
  const EventLog::Limits limits{.max_events = 50, .max_bytes = 20'000, .max_age = 100s};
  EventLog log(limits, 1);
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
    log.append(text, {}, now);
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
