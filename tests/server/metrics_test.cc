#include "tidings/server/metrics.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "tidings/server/testing/manual_clock.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

// On the heap, as the loops' own: g++ 12 does not align what the address sanitizer keeps of a stack.
struct TwoLoops {
  const std::unique_ptr<LoopMetrics> a = std::make_unique<LoopMetrics>(), b = std::make_unique<LoopMetrics>();
};

TEST(Metrics, SumTheLoops) {
  const TwoLoops loops;
  LoopMetrics &a = *loops.a, &b = *loops.b;
  a.events.add(3);
  b.events.add(4);
  EXPECT_NE(prometheus_text(sum_of({&a, &b}))
                .find("# HELP tidings_events_total Events sent on streams.\n"
                      "# TYPE tidings_events_total counter\n"
                      "tidings_events_total 7\n"),
            std::string::npos);
}

TEST(Metrics, TheFiguresAreTheSumsToo) {
  const TwoLoops loops;
  LoopMetrics &a = *loops.a, &b = *loops.b;
  a.streams.add(2);
  b.streams.add(1);
  b.bytes.add(100);
  a.ended(EndReason::kSlow).add(1);
  b.ended(EndReason::kSlow).add(2);
  a.loop_lag.observe(500us);
  b.loop_lag.observe(10s);
  const Figures figures = sum_of({&a, &b});
  EXPECT_EQ(figures.streams, 3u);
  EXPECT_EQ(figures.stream_bytes, 100u);
  EXPECT_EQ(figures.ended(EndReason::kSlow), 3u);
  EXPECT_EQ(figures.ended(EndReason::kDrained), 0u);
  EXPECT_EQ(figures.loop_lag.counts.front(), 1u);
  EXPECT_EQ(figures.loop_lag.counts.back(), 1u);
  EXPECT_EQ(figures.loop_lag.count(), 2u);
  EXPECT_DOUBLE_EQ(figures.loop_lag.sum_seconds, 10.0005);
  EXPECT_EQ(figures.publish_lag.count(), 0u);
}

TEST(Metrics, WhatIsPublishedIsCountedAlsoWhenItsChannelIsGone) {
  const auto clock = std::make_shared<ManualClock>(Clock::WallTime());
  Hub hub({.max_channels = 1, .max_quiet = 1, .channel = {}}, clock, 1);
  hub.channel("news")->publish(Event("a"));
  hub.channel("news")->publish(Event("b"));
  EXPECT_NE(prometheus_text({.hub = hub.figures()}).find("\ntidings_channels 1\n"), std::string::npos);
  hub.channel("else")->publish(Event("c"));
  const std::string text = prometheus_text({.hub = hub.figures()});
  EXPECT_NE(text.find("\ntidings_channels 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\ntidings_published_events_total 3\n"), std::string::npos) << text;
}

TEST(Metrics, ChannelsAreLabelsWhereTheyAreAskedFor) {
  const auto clock = std::make_shared<ManualClock>(Clock::WallTime());
  Hub hub({.max_measured = 1, .channel = {}}, clock, 1);
  hub.channel("news")->publish(Event("a"));
  hub.channel("else")->publish(Event("b"));
  const std::string text = prometheus_text({.channels = hub.channel_figures()});
  EXPECT_NE(text.find("# TYPE tidings_channel_published_events_total counter\n"
                      "tidings_channel_published_events_total{channel=\"news\"} 1\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("else"), std::string::npos);
  EXPECT_EQ(prometheus_text({}).find("tidings_channel_"), std::string::npos);
}

TEST(Metrics, HistogramsAreCumulative) {
  const TwoLoops loops;
  LoopMetrics &a = *loops.a, &b = *loops.b;
  a.publish_lag.observe(500us);  // a bound belongs to its bucket
  a.publish_lag.observe(3ms);
  b.publish_lag.observe(10s);
  const std::string text = prometheus_text(sum_of({&a, &b}));
  EXPECT_NE(text.find("# TYPE tidings_publish_lag_seconds histogram\n"
                      "tidings_publish_lag_seconds_bucket{le=\"0.0005\"} 1\n"
                      "tidings_publish_lag_seconds_bucket{le=\"0.001\"} 1\n"
                      "tidings_publish_lag_seconds_bucket{le=\"0.002\"} 1\n"
                      "tidings_publish_lag_seconds_bucket{le=\"0.005\"} 2\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("tidings_publish_lag_seconds_bucket{le=\"2\"} 2\n"
                      "tidings_publish_lag_seconds_bucket{le=\"+Inf\"} 3\n"
                      "tidings_publish_lag_seconds_sum 10.0035\n"
                      "tidings_publish_lag_seconds_count 3\n"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace tidings
