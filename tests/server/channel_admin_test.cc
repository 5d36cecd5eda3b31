// What the admin asks of channels: the list of all of them, and that they drop what they keep.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tidings/server/access/authorizer.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::string_view kAdmin = "Authorization: Bearer root\r\n", kPublisher = "Authorization: Bearer secret\r\n";

std::string request(std::string_view method, std::string_view target, std::string_view fields) {
  return std::string(method) + ' ' + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

class ChannelAdminTest : public testing::Test {
 protected:
  static void configure(Server& server) { server.serve_channels({.token = "secret", .admin_token = "root"}); }
  static ServerOptions options() {
    ServerOptions options{.threads = 2};
    options.cors_origins = {"https://allowed.example"};
    return options;
  }
  ClientResponse ask(std::string_view method, std::string_view target, std::string_view fields = kAdmin) const {
    return ask(running_, request(method, target, fields));
  }
  static ClientResponse ask(const RunningServer& running, std::string_view bytes) {
    Client client = running.connect();
    client.send(bytes);
    return client.response();
  }
  json list(std::string_view target = "/channels") const {
    const ClientResponse response = ask("GET", target);
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body);
  }
  std::string publish(const std::string& channel, const std::string& data) {
    return running_.server().hub().channel(channel)->publish(Event(data));
  }

  RunningServer running_{configure, options()};
};

TEST_F(ChannelAdminTest, TheListSaysOfEachChannelWhatItKeepsAndWhoFollowsIt) {
  const std::string first = publish("news", "a");
  running_.pass(90s);
  publish("news", "b");
  Client one = running_.open("/channels/news"), two = running_.open("/channels?name=news&name=quiet");
  EXPECT_EQ(one.event().value_or(ClientEvent{}).type, "begin");
  EXPECT_EQ(two.event().value_or(ClientEvent{}).type, "begin");
  const ClientResponse response = ask("GET", "/channels");
  EXPECT_EQ(response.headers.at("content-type"), "application/json");
  EXPECT_EQ(response.headers.at("cache-control"), "no-store");
  const json list = json::parse(response.body);
  ASSERT_EQ(list.at("channels").size(), 2u);
  EXPECT_EQ(list.size(), 1u);
  const json& news = list["channels"][0];
  const std::string epoch = first.substr(0, first.find('-'));
  EXPECT_EQ(news["name"], "news");
  EXPECT_EQ(news["subscribers"], 2);
  EXPECT_EQ(news["first"], first);
  EXPECT_EQ(news["next"], epoch + "-3");
  EXPECT_EQ(news["bytes"], 2 * ("data: a\nid: " + first + "\n\n").size());
  EXPECT_EQ(news["age_s"], 90);
  const json& quiet = list["channels"][1];
  EXPECT_EQ(quiet["name"], "quiet");
  EXPECT_EQ(quiet["subscribers"], 1);
  EXPECT_EQ(quiet["first"], nullptr);
  EXPECT_TRUE(quiet["next"].get<std::string>().ends_with("-1"));
  EXPECT_EQ(quiet["bytes"], 0);
  EXPECT_EQ(quiet["age_s"], nullptr);
  two.close();
  EXPECT_TRUE(running_.reaches("tidings_streams", 1));
  EXPECT_EQ(this->list()["channels"][0]["subscribers"], 1);
}

TEST_F(ChannelAdminTest, ItComesInPagesInTheOrderOfTheNames) {
  for (int i = 0; i < 25; ++i) publish("c" + std::to_string(i), "x");
  std::string names, after;
  for (int pages = 1;; ++pages) {
    const json page = list("/channels?limit=10&after=" + after);
    for (const json& each : page["channels"]) names += each["name"].get<std::string>() + ' ';
    if (!page.contains("after")) {
      EXPECT_EQ(pages, 3);
      break;
    }
    EXPECT_EQ(page["channels"].size(), 10u);
    after = page["after"];
  }
  EXPECT_TRUE(names.starts_with("c0 c1 c10 c11 c12 "));
  EXPECT_TRUE(names.ends_with("c7 c8 c9 "));
  EXPECT_EQ(list("/channels?after=c9")["channels"].size(), 0u);
}

TEST_F(ChannelAdminTest, WhoIsNoAdminIsToldSoAndWhoHasForgottenTheNamesIsToldThat) {
  struct Row {
    std::string target, fields;
    int status;
    const char* sentence;
  };
  for (const Row& row : {
           Row{"/channels", "", 400, "Name the channels to follow"},
           Row{"/channels?nmae=a", "", 400, "takes no parameter"},
           Row{"/channels?after=a", "", 400, "takes no parameter"},
           Row{"/channels", std::string(kPublisher), 401, "the admin's token"},
           Row{"/channels", "Authorization: Basic cm9vdA==\r\n", 401, "the admin's token"},
           Row{"/channels?limit=0", std::string(kAdmin), 400, "limit must be a whole number from 1 to 1000"},
           Row{"/channels?limit=1001", std::string(kAdmin), 400, "limit must be"},
           Row{"/channels?limit=5x", std::string(kAdmin), 400, "limit must be"},
           Row{"/channels?before=a", std::string(kAdmin), 400, "takes no parameter"},
       }) {
    const ClientResponse response = ask("GET", row.target, row.fields);
    EXPECT_EQ(response.status, row.status) << row.target << row.fields;
    EXPECT_NE(response.body.find(row.sentence), std::string::npos) << response.body;
    EXPECT_EQ(response.headers.count("www-authenticate"), row.status == 401 ? 1u : 0u);
  }
  Client stream = running_.connect();
  stream.send(request("GET", "/channels?name=a&name=b", kAdmin));
  EXPECT_EQ(stream.head().headers.at("content-type"), "text/event-stream");
  Client head = running_.connect();
  head.send(request("HEAD", "/channels", kAdmin));
  EXPECT_EQ(head.response(true).status, 200);
}

TEST_F(ChannelAdminTest, WithoutATokenOrAnAuthorizerNobodyIsAdmin) {
  const RunningServer plain([](Server& server) { server.serve_channels({.token = "secret"}); });
  const ClientResponse response = ask(plain, request("GET", "/channels", kPublisher));
  EXPECT_EQ(response.status, 403);
  EXPECT_NE(response.body.find("This server has no admin"), std::string::npos);
  EXPECT_EQ(ask(plain, request("GET", "/channels", "")).status, 400);
}

TEST_F(ChannelAdminTest, AGrantMayBeTheAdminsAndPatternsAreNot) {
  const auto may = [](const Request& request) -> Grant {
    const std::string_view cookie = request.cookie("name").value_or("");
    if (cookie == "root") return {.admin = true};
    if (cookie == "ada") return {.read = {"*"}, .publish = {"*"}};
    throw Refusal(401, "Say who you are.");
  };
  const RunningServer running(
      [&](Server& server) {
        server.serve_channels({}, {.read = Authorizer(may), .publish = Authorizer(may), .admin = Authorizer(may)});
      },
      {.threads = 1});
  const std::string authorization = "Authorization: Bearer x\r\n";
  EXPECT_EQ(ask(running, request("GET", "/channels", "Cookie: name=root\r\n")).status, 200);
  EXPECT_EQ(ask(running, request("GET", "/channels", "Cookie: name=ada\r\n")).status, 400);
  EXPECT_EQ(ask(running, request("GET", "/channels", "Cookie: name=ada\r\n" + authorization)).status, 403);
  EXPECT_EQ(ask(running, request("GET", "/channels", authorization)).status, 401);
  Client stream = running.connect();
  stream.send(request("GET", "/channels?name=a&name=b", "Cookie: name=ada\r\n"));
  EXPECT_EQ(stream.head().status, 200);
}

TEST_F(ChannelAdminTest, ADeletionDropsWhatIsKeptAndTellsWhoeverFollows) {
  const std::string one = publish("news", "one");
  publish("other", "x");
  Client live = running_.open("/channels/news"), both = running_.open("/channels?name=news&name=other");
  Client behind = running_.connect();
  behind.send(request("GET", "/channels/news", "Last-Event-ID: " + one + "\r\n"));
  for (Client* const each : {&live, &both}) EXPECT_EQ(each->event().value_or(ClientEvent{}).type, "begin");
  EXPECT_EQ(behind.head().status, 200);
  const ClientResponse response = ask("DELETE", "/channels/news");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
  const std::string epoch = one.substr(0, one.find('-'));
  std::string place;
  for (Client* const each : {&live, &behind, &both}) {
    const ClientEvent gap = each->event().value_or(ClientEvent{});
    EXPECT_EQ(gap.type, "gap");
    const json data = json::parse(gap.data);
    EXPECT_EQ(data["channel"], "news");
    EXPECT_EQ(data["asked"], one);
    EXPECT_EQ(data["first"], epoch + "-3");
    place = gap.last_event_id;
  }
  EXPECT_TRUE(place.starts_with("news:" + epoch + "-2,other:"));
  EXPECT_EQ(publish("news", "two"), epoch + "-3");
  for (Client* const each : {&live, &behind, &both}) EXPECT_EQ(each->event().value_or(ClientEvent{}).data, "two");
  Client back = running_.connect();
  back.send(request("GET", "/channels/news", "Last-Event-ID: " + epoch + "-2\r\n"));
  EXPECT_EQ(back.event().value_or(ClientEvent{}).data, "two");
  EXPECT_EQ(running_.metric("tidings_gaps_total"), 3);
}

TEST_F(ChannelAdminTest, ADeletionIsTheAdminsAndOfWhatThereIs) {
  publish("news", "one");
  struct Row {
    std::string_view method, target, fields;
    int status;
    const char* sentence;
  };
  for (const Row& row : {
           Row{"DELETE", "/channels/news", "", 401, "the admin's token"},
           Row{"DELETE", "/channels/news", kPublisher, 401, "the admin's token"},
           Row{"DELETE", "/channels/a%20b", kAdmin, 400, "must be 1 to 128 of"},
           Row{"DELETE", "/channels/news?force=1", kAdmin, 400, "takes no parameter \\\"force\\\": leave it out."},
           Row{"DELETE", "/channels/none", kAdmin, 404, "none keeps no events"},
           Row{"DELETE", "/channels", kAdmin, 405, "takes GET, HEAD, not DELETE"},
           Row{"PUT", "/channels/news", kAdmin, 405, "takes DELETE, GET, HEAD, POST, not PUT"},
           Row{"DELETE", "/channels/news", kAdmin, 204, ""},
           Row{"DELETE", "/channels/news", kAdmin, 404, "news keeps no events"},
       }) {
    const ClientResponse response = ask(row.method, row.target, row.fields);
    EXPECT_EQ(response.status, row.status) << row.method << row.target << row.fields;
    EXPECT_NE(response.body.find(row.sentence), std::string::npos) << response.body;
  }
  const RunningServer plain([](Server& server) { server.serve_channels({.token = "secret"}); });
  EXPECT_EQ(ask(plain, request("DELETE", "/channels/news", kPublisher)).status, 403);
  Client body = running_.connect();
  body.send("DELETE /channels/news HTTP/1.1\r\nHost: h\r\n" + std::string(kAdmin) + "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(body.response().status, 400) << "it takes no body, and waits for none";
}

TEST_F(ChannelAdminTest, APageOfAnAllowedOriginMayDelete) {
  const std::string origin = "Origin: https://allowed.example\r\n";
  const ClientResponse preflight = ask("OPTIONS", "/channels/news",
                                       origin +
                                           "Access-Control-Request-Method: DELETE\r\n"
                                           "Access-Control-Request-Headers: authorization\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers.at("access-control-allow-methods"), "DELETE, GET, HEAD, POST");
  publish("news", "one");
  const ClientResponse response = ask("DELETE", "/channels/news", std::string(kAdmin) + origin);
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.at("access-control-allow-origin"), "https://allowed.example");
}

// Publishers and deletions at the same time, while two follow: what comes behind the last deletion is there, ids only
// rise, and nobody is told of more gaps than there were deletions.
TEST_F(ChannelAdminTest, WhatIsPublishedWhileItIsDeletedIsDroppedWithItOrComesAfterIt) {
  constexpr int kPublishers = 3, kOfEach = 300, kDeletions = 40;
  const std::shared_ptr<Channel> channel = running_.server().hub().channel("news");
  Client one = running_.open("/channels/news"), two = running_.open("/channels/news");
  std::vector<std::thread> threads;
  for (int publisher = 0; publisher < kPublishers; ++publisher) {
    threads.emplace_back([&] {
      for (int i = 0; i < kOfEach; ++i) channel->publish(Event("x"));
    });
  }
  int deleted = 0;
  for (int i = 0; i < kDeletions; ++i) {
    const int status = ask("DELETE", "/channels/news").status;
    EXPECT_TRUE(status == 204 || status == 404) << status;
    if (status == 204) ++deleted;
  }
  for (std::thread& each : threads) each.join();
  channel->publish(Event("last"));
  for (Client* const each : {&one, &two}) {
    std::uint64_t last = 0;
    int gaps = 0;
    for (std::string data; data != "last";) {
      const std::optional<ClientEvent> event = each->event();
      ASSERT_TRUE(event);
      data = event->data;
      if (event->type == "gap") ++gaps;
      const std::string& id = event->last_event_id;
      const std::uint64_t sequence = std::stoull(id.substr(id.find('-') + 1));
      EXPECT_TRUE(sequence > last || event->type == "begin") << id;
      last = sequence;
    }
    EXPECT_LE(gaps, deleted);
    EXPECT_EQ(last, static_cast<std::uint64_t>(kPublishers * kOfEach + deleted + 1)) << "none was given out twice";
  }
}

TEST_F(ChannelAdminTest, PagesOfAllowedOriginsReadTheList) {
  const ClientResponse response = ask("GET", "/channels", std::string(kAdmin) + "Origin: https://allowed.example\r\n");
  EXPECT_EQ(response.headers.at("access-control-allow-origin"), "https://allowed.example");
}

}  // namespace
}  // namespace tidings
