// An endpoint without a server, a socket or any waiting: its events, on a clock that the test moves.
#include "greeting.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "tidings/server/testing/collect.h"
#include "tidings/server/testing/fake_client.h"
#include "tidings/server/testing/manual_loop.h"

namespace {

using namespace std::chrono_literals;

tidings::Request request_of(const char* name) {
  tidings::Request request;
  request.captures = {name};
  return request;
}

TEST(GreetingAloneTest, GreetsAtOnceAndThenEverySecond) {
  tidings::ManualLoop manual;
  tidings::FakeClient client(greeting(request_of("Ada"), manual.loop()));
  EXPECT_EQ(client.events().size(), 1u);
  manual.pass(1s);
  EXPECT_EQ(client.events().size(), 2u);
  client.leave();
  EXPECT_FALSE(manual.loop().timers().next_deadline()) << "nothing is left of it";
}

TEST(GreetingAloneTest, GreetsByName) {
  tidings::ManualLoop manual;
  for (const tidings::Event& event : tidings::collect(greeting(request_of("Ada"), manual.loop()), 3, manual)) {
    EXPECT_EQ(event.data(), "Hello, Ada!");
  }
}

TEST(GreetingAloneTest, WhoHasNoNameIsRefused) {
  tidings::ManualLoop manual;
  EXPECT_THROW(tidings::collect(greeting(request_of(""), manual.loop()), 1, manual), tidings::Refusal);
}

}  // namespace
