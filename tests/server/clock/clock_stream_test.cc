#include "tidings/server/clock/clock_stream.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tidings/server/clock/iso8601.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

TEST(Iso8601, ExactText) {
  using std::chrono::milliseconds;
  const auto text = [](std::int64_t time) {
    return to_iso8601(std::chrono::sys_time<milliseconds>(milliseconds(time)));
  };
  EXPECT_EQ(text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(text(1'795'573'408'007), "2026-11-25T02:23:28.007Z");
  EXPECT_EQ(text(1'709'251'199'999), "2024-02-29T23:59:59.999Z");
  EXPECT_EQ(text(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(text(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
}

class ClockStream : public testing::Test {
 protected:
  RunningServer running_{[](Server& server) { server.stream("/events", clock_stream); }};
};

TEST_F(ClockStream, IsExactlyAsTheInterfaceSays) {
  Client client = running_.open("/events");
  EXPECT_EQ(client.head().status, 200);
  client.until("retry: ");
  client.until("\n");
  running_.pass(1s);
  EXPECT_EQ(client.until("\n\n"), "data: 2026-11-25T02:23:21.000Z\nid: 1795573401\n\n");
  running_.pass(1s);
  EXPECT_EQ(client.until("\n\n"), "data: 2026-11-25T02:23:22.000Z\nid: 1795573402\n\n");
}

TEST_F(ClockStream, TicksAtTheIntervalThatIsAskedFor) {
  Client client = running_.open("/events?interval_ms=250");
  EXPECT_EQ(client.head().status, 200);
  running_.pass(250ms);
  EXPECT_EQ(client.event(), (ClientEvent{"message", "2026-11-25T02:23:20.250Z", "7182293601"}));
}

TEST_F(ClockStream, ALateTickIsToldByItsNumber) {
  Client client = running_.open("/events");
  EXPECT_EQ(client.head().status, 200);
  running_.pass(5s + 300ms);
  EXPECT_EQ(client.event(), (ClientEvent{"message", "2026-11-25T02:23:25.000Z", "1795573405"}));
}

TEST_F(ClockStream, NumbersGoOnAcrossReconnects) {
  for (const char* number : {"1795573401", "1795573402"}) {
    Client client = running_.open("/events");
    EXPECT_EQ(client.head().status, 200);
    running_.pass(1s);
    EXPECT_EQ(client.event()->last_event_id, number);
  }
}

TEST_F(ClockStream, AnIntervalThatIsNoneIsRefusedWithWhatWouldBeRight) {
  for (const char* value : {"9", "3600001", "-1", "", "abc", "1e3", "10.5", "100ms", "+100", "0x10", "%31%30%30%00",
                            "99999999999999999999"}) {
    Client client = running_.open(std::string("/events?interval_ms=") + value);
    const ClientResponse response = client.response();
    EXPECT_EQ(response.status, 400) << value;
    EXPECT_EQ(response.headers.at("content-type"), "application/problem+json") << value;
    EXPECT_NE(response.body.find("interval_ms must be a whole number from 10 to 3600000"), std::string::npos) << value;
  }
  for (const char* query : {"interval=1000", "interval_ms=1000&interval_ms=10", "types=plain", "x"}) {
    const ClientResponse response = running_.open(std::string("/events?") + query).response();
    EXPECT_EQ(response.status, 400) << query;
  }
  EXPECT_NE(running_.open("/events?interval=1000").response().body.find("interval_ms=MILLISECONDS"), std::string::npos);
  for (const char* value : {"10", "3600000"}) {
    EXPECT_EQ(running_.open(std::string("/events?interval_ms=") + value).head().status, 200) << value;
  }
  EXPECT_TRUE(running_.reaches("tidings_frames", 0));
}

}  // namespace
}  // namespace tidings
