// Which coroutines are refused as generators while they are compiled. What the compiler says there is event_stream.h's.
#include "tidings/server/streams/generator_parameters.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/loop/loop.h"
#include "tidings/server/streams/event_stream.h"

namespace tidings {
namespace {

struct Robot {
  EventStream telemetry(Loop&) const;
  int axes = 6;
};

TEST(GeneratorParameters, ValuesAndWhatOutlivesTheServerStay) {
  EXPECT_TRUE(stay<>);
  EXPECT_TRUE((stay<Request, Loop&>));
  EXPECT_TRUE((stay<std::string, Loop&, std::vector<int>, std::function<void()>>));
  EXPECT_TRUE((stay<Loop&, std::shared_ptr<int>, Robot*, Robot&, const Robot*>));
}

TEST(GeneratorParameters, AMemberFunctionsObjectStays) {
  EXPECT_TRUE((stay<Robot&, Loop&>));
  EXPECT_TRUE((stay<const Robot&, Loop&>));
}

TEST(GeneratorParameters, WhatTakesATemporaryDoesNot) {
  EXPECT_FALSE((stay<const Request&, Loop&>));
  EXPECT_FALSE((stay<Request&&, Loop&>));
  EXPECT_FALSE((stay<const std::string&, Loop&>));
  EXPECT_FALSE((stay<const int&>));
  EXPECT_FALSE((stay<Loop&, const Robot&>));
  EXPECT_FALSE((stay<Loop&, std::vector<int>&&>));
}

TEST(GeneratorParameters, AViewDoesNot) {
  EXPECT_FALSE((stay<std::string_view, Loop&>));
  EXPECT_FALSE((stay<Loop&, const std::string_view>));
  EXPECT_FALSE((stay<Loop&, std::span<const int>>));
  EXPECT_FALSE((stay<Loop&, std::span<char, 4>>));
}

TEST(GeneratorParameters, ALambdaMayBeAGeneratorOnlyWithoutCaptures) {
  const auto none = [](Loop&) { return EventStream(); };
  const auto some = [robot = Robot()](Loop&) { return robot.axes > 0 ? EventStream() : EventStream(); };
  EXPECT_FALSE((has_captures<EventStream, decltype(none)&, Loop&>));
  EXPECT_TRUE((has_captures<EventStream, decltype(some)&, Loop&>));
  EXPECT_FALSE((has_captures<EventStream, const Robot&, Loop&>)) << "it can't be called";
  EXPECT_FALSE((has_captures<EventStream, std::function<EventStream(Loop&)>, Loop&>)) << "a copy is in the frame";
}

}  // namespace
}  // namespace tidings
