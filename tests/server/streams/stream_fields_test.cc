// Fields that an endpoint, or a grant, adds to the response of an event stream: they are in its head, whatever they
// hold breaks nothing, and none of the server's own is among them.
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/stream_field.h"
#include "tidings/server/streams/stream_session.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

EventStream greeting(Loop& loop, int status) {
  if (status != 200) throw Refusal(status, "As it was asked.", {{"Set-Cookie", "refused=yes"}});
  co_yield Event("hello");
  co_await loop.sleep(1000h);
}

std::string parameter(const Request& request, std::string_view name) {
  return std::string(request.parameter(name).value_or(""));
}

class StreamFieldsTest : public testing::Test {
 protected:
  ClientResponse head(std::string_view target, std::string_view fields = "") {
    Client client = running_.connect();
    client.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n");
    return client.head();
  }

  RunningServer running_{
      [](Server& server) {
        server.stream("/two", [](const Request&, Loop& loop) {
          return greeting(loop, 200).with_field("Set-Cookie", "a=1; Path=/").with_field("Set-Cookie", "b=2");
        });
        server.stream("/asked", [](const Request& request, Loop& loop) {
          return greeting(loop, 200).with_field(parameter(request, "name"), parameter(request, "value"));
        });
        server.stream("/refused",
                      [](const Request&, Loop& loop) { return greeting(loop, 402).with_field("Set-Cookie", "a=1"); });
        const Authorizer by_cookie = [](const Request& request) -> Grant {
          const std::string name(request.cookie("name").value_or(""));
          return {.read = {"*"}, .stream_fields = {{"Set-Cookie", "seen=" + name}, {"X-Accel-Expires", "0"}}};
        };
        server.stream(
            "/granted", [](const Request&, Loop& loop) { return greeting(loop, 200).with_field("X-A", "1"); },
            by_cookie);
        server.serve_channels({}, {.read = by_cookie});
      },
      {.threads = 1, .workers = 1, .cors_origins = {"https://a.example"}}};
};

std::vector<std::string> values(const ClientHeaders& headers, std::string_view name) {
  std::vector<std::string> found;
  for (const auto& [each, value] : headers.all()) {
    if (each == name) found.push_back(value);
  }
  return found;
}

TEST_F(StreamFieldsTest, AnEndpointsFieldsAreInTheHeadInItsOrder) {
  const ClientResponse response = head("/two");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(values(response.headers, "set-cookie"), (std::vector<std::string>{"a=1; Path=/", "b=2"}));
  EXPECT_EQ(response.headers.at("content-type"), "text/event-stream");
}

TEST_F(StreamFieldsTest, TheStreamFollowsAsEver) {
  Client client = running_.open("/two");
  client.head();
  EXPECT_EQ(client.event().value_or(ClientEvent{}).data, "hello");
}

TEST_F(StreamFieldsTest, HeadGetsThemToo) {
  Client client = running_.connect();
  client.send("HEAD /two HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.head().headers.count("set-cookie"), 2u);
}

TEST_F(StreamFieldsTest, OneThatWouldBreakTheResponseIsA500AndNothingOfItIsSent) {
  for (const std::string_view asked :
       {"name=X-A&value=1%0D%0AX-B:%202", "name=X-A&value=1%0A%0Adata:%20x", "name=X-A&value=%00", "name=X-A%0D%0AX-B",
        "name=&value=1", "name=X%20A&value=1", "name=X-A:&value=1"}) {
    const ClientResponse response = head("/asked?" + std::string(asked));
    EXPECT_EQ(response.status, 500) << asked;
    EXPECT_EQ(response.headers.count("x-a") + response.headers.count("x-b"), 0u) << asked;
  }
  EXPECT_EQ(head("/asked?name=X-A&value=1").headers.at("x-a"), "1");
}

TEST_F(StreamFieldsTest, ARefusalHasThoseOfTheRefusalAlone) {
  const ClientResponse response = head("/refused");
  EXPECT_EQ(response.status, 402);
  EXPECT_EQ(values(response.headers, "set-cookie"), std::vector<std::string>{"refused=yes"});
}

TEST_F(StreamFieldsTest, AGrantsFieldsAreOnStreamsOfChannelsAndOfGenerators) {
  const ClientResponse channel = head("/channels/news", "Cookie: other=1; name=ada\r\n");
  EXPECT_EQ(channel.status, 200);
  EXPECT_EQ(channel.headers.at("set-cookie"), "seen=ada");
  EXPECT_EQ(channel.headers.at("x-accel-expires"), "0");
  const ClientResponse generator = head("/granted", "Cookie: name=ada\r\nOrigin: https://a.example\r\n");
  EXPECT_EQ(generator.headers.at("set-cookie"), "seen=ada");
  EXPECT_EQ(generator.headers.at("x-a"), "1");
  EXPECT_EQ(generator.headers.at("access-control-allow-origin"), "https://a.example");
}

TEST(CheckStreamField, WhatTheServerWritesItselfIsNobodyElses) {
  StreamStart start;
  start.fields = {{"Access-Control-Allow-Origin", "*"}, {"Access-Control-Allow-Credentials", "true"}, {"Date", "now"}};
  std::vector<std::string> names{"Content-Length", "cache-control", "CONNECTION"};
  for (const Framing framing : {Framing::kChunked, Framing::kNone}) {
    start.framing = framing;
    const std::string head = event_stream_head(start);
    for (std::size_t line = head.find("\r\n") + 2; head.find(':', line) != std::string::npos;
         line = head.find("\r\n", line) + 2) {
      names.push_back(head.substr(line, head.find(':', line) - line));
    }
  }
  EXPECT_GT(names.size(), 16u);
  for (const std::string& name : names) EXPECT_THROW(check_stream_field(name, "x"), std::invalid_argument) << name;
}

TEST(CheckStreamField, TheSentenceNamesTheField) {
  try {
    check_stream_field("cache-control", "max-age=1");
    FAIL() << "It was taken.";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(),
                 "an event stream's response has a cache-control of the server's own: leave that field out");
  }
}

TEST(CheckStreamField, AnyOtherIsTaken) {
  for (const std::string_view name : {"Set-Cookie", "Vary", "X-Accel-Limit-Rate", "Server-Timing", "Link"}) {
    check_stream_field(name, "a\tb, \xC3\xA4");
  }
}

}  // namespace
}  // namespace tidings
