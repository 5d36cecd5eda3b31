#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

std::vector<ClientEvent> events_of(std::uint16_t port, const std::string& target) {
  Client client(port);
  client.send(get(target));
  EXPECT_EQ(client.head().status, 200);
  std::vector<ClientEvent> events;
  while (auto event = client.event()) events.push_back(*std::move(event));
  EXPECT_TRUE(client.has_whole_body());
  return events;
}

TEST(EventsTest, EachIsWhatItIsSaidToBe) {
  bench::ServerProcess server("examples/events", {"--port", "0"});
  std::vector<ClientEvent> expected{
      {"message", "of the default type, message", ""},
      {"message", "two\nlines", ""},
      {"temperature", "21.5", ""},
      {"message", "with an id", "1"},
      {"message", "and with a text as its id", "robot-7"},
      {"alarm", "of a type that was asked for", "robot-7"},
      {"message", "after which to come back in 10 seconds", "robot-7"},
  };
  EXPECT_EQ(events_of(server.port(), "/events?type=alarm"), expected);
  expected.erase(expected.begin() + 5);
  EXPECT_EQ(events_of(server.port(), "/events?type=alarm%0Aid:+9"), expected) << "a type that can't be one";
  EXPECT_TRUE(server.stop());
}

}  // namespace
}  // namespace tidings
