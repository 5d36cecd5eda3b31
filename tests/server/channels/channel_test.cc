// Channels over HTTP and sockets, against a running server on a clock that the test moves.
#include "tidings/server/channels/channel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/channels/hub.h"
#include "tidings/server/server.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kToken = "Authorization: Bearer secret\r\n";

std::string post(std::string_view target, std::string_view body, std::string_view fields = kToken) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// With io_uring, where the kernel allows it, and without.
class ChannelTest : public testing::TestWithParam<bool> {
 protected:
  static ServerOptions small() {
    ServerOptions options;
    options.io_uring = GetParam();
    options.channels.max_channels = 4;
    options.channels.channel.history.max_events = 10;
    options.channels.named = {{"slow", options.channels.channel}};
    options.channels.named.back().options.gather_time = 5ms;
    return options;
  }

  ClientResponse send(const std::string& request) {
    Client client = running_.connect();
    client.send(request);
    return client.response();
  }
  // Publishes over HTTP; the id.
  std::string publish(std::string_view target, std::string_view body) {
    const ClientResponse response = send(post(target, body));
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.headers.at("content-type"), "application/json");
    const std::string before = "{\"id\":\"";
    EXPECT_TRUE(response.body.starts_with(before) && response.body.ends_with("\"}\n")) << response.body;
    return response.body.substr(before.size(), response.body.size() - before.size() - 3);
  }
  Client follow(std::string_view target, std::string_view fields = {}) {
    Client client = running_.connect();
    client.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n");
    EXPECT_EQ(client.head().status, 200);
    const bool has_id = fields.find("Last-Event-ID") != fields.npos || target.find("vent_id=") != target.npos ||
                        target.find("lastEventId=") != target.npos;
    if (!has_id) {
      const auto begin = client.event();
      EXPECT_TRUE(begin && begin->type == "begin");
      if (begin) begin_ = begin->last_event_id;
    }
    return client;
  }
  std::shared_ptr<Channel> channel(std::string_view name) { return running_.server().hub().channel(name); }
  Client resume(std::string_view target, std::string_view id) {
    return follow(target, "Last-Event-ID: " + std::string(id) + "\r\n");
  }

  std::string begin_;  // where the last to follow without an id was told that it begins
  RunningServer running_{[](Server& server) { server.serve_channels({.token = "secret", .open_channels = {"open"}}); },
                         small()};
};

TEST_P(ChannelTest, WhatIsPublishedReachesWhoFollows) {
  Client a = follow("/channels/news"), b = follow("/channels/news");
  const std::string id = publish("/channels/news", "hello\nworld");
  const std::string typed = publish("/channels/news?event=tick", "");
  EXPECT_EQ(typed, id.substr(0, id.find('-')) + "-2");
  for (Client* client : {&a, &b}) {
    EXPECT_EQ(client->event(), (ClientEvent{"message", "hello\nworld", id}));
    EXPECT_EQ(client->event(), (ClientEvent{"tick", "", typed}));
  }
}

TEST_P(ChannelTest, WhatAChannelGathersGoesOutTogetherAndItsPublishersAreAnsweredAtOnce) {
  Client client = follow("/channels/slow");
  publish("/channels/slow", "0");  // which it may get at once, in its first look into the log
  ASSERT_TRUE(running_.reaches_in_steps(5ms, "tidings_events_total", 1));
  std::vector<std::string> ids;
  for (const char* data : {"1", "2", "3"}) ids.push_back(publish("/channels/slow", data));
  EXPECT_EQ(running_.metric("tidings_events_total"), 1);
  ASSERT_TRUE(running_.reaches_in_steps(5ms, "tidings_events_total", 4));
  const std::string bytes = client.until(ids.back());
  for (const char* data : {"1", "2", "3"}) {
    EXPECT_NE(bytes.find("data: " + std::string(data)), std::string::npos) << bytes;
  }
}

TEST_P(ChannelTest, WithoutAnIdOneFollowsFromNowOn) {
  publish("/channels/news", "before");
  Client client = follow("/channels/news");
  publish("/channels/news", "after");
  EXPECT_EQ(client.event()->data, "after");
}

TEST_P(ChannelTest, AReturningClientGetsWhatItMissed) {
  const std::string id = publish("/channels/news", "1");
  publish("/channels/news", "2");
  publish("/channels/news", "3");
  Client by_field = follow("/channels/news", "Last-Event-ID: " + id + "\r\n");
  Client by_parameter = follow("/channels/news?last_event_id=" + id);
  Client by_other_parameter = follow("/channels/news?lastEventId=" + id);
  publish("/channels/news", "4");
  for (Client* client : {&by_field, &by_parameter, &by_other_parameter}) {
    for (const char* data : {"2", "3", "4"}) EXPECT_EQ(client->event()->data, data);
  }
}

// Else an event would reach everybody without the type that its publisher meant.
TEST_P(ChannelTest, AParameterThatMeansNothingIsRefusedWithThoseThatDo) {
  struct Row {
    const char* request;
    const char* says;
  };
  for (const Row& row : {Row{"POST /channels/news?type=alarm", "takes no parameter \\\"type\\\", but event=TYPE."},
                         Row{"POST /channels/news?event=a&event=b", "The parameter event is there twice"},
                         Row{"POST /channels/news?heartbeat=event", "but event=TYPE."},
                         Row{"GET /channels/news?type=plain", "but types=plain, heartbeat=event, last_event_id=ID"},
                         Row{"GET /channels/news?name=a", "but types=plain"},
                         Row{"GET /channels?names=a", "but name=CHANNEL, types=plain"},
                         Row{"GET /channels?name=a&types=plain&types=by_channel", "types is there twice"}}) {
    Client client = running_.connect();
    client.send(std::string(row.request) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    const ClientResponse response = client.response();
    EXPECT_EQ(response.status, 400) << row.request;
    EXPECT_NE(response.body.find(row.says), std::string::npos) << response.body;
  }
}

TEST_P(ChannelTest, WhatClientsAppendByThemselvesIsLetThrough) {
  for (const char* query : {"datastar=%7B%7D", "_=1795573400", "name=a&name=a&", "heartbeat=event&heartbeat=event"}) {
    Client client = running_.open(std::string("/channels?name=b&") + query);
    EXPECT_EQ(client.head().status, 200) << query;
  }
}

// Clients append what they know to the URL that they were given, with an id of then.
TEST_P(ChannelTest, OfSeveralPlacesTheNewestCounts) {
  const std::string one = publish("/channels/news", "1"), two = publish("/channels/news", "2");
  publish("/channels/news", "3");
  for (const std::string& query :
       {"last_event_id=" + one + "&lastEventId=" + two, "lastEventId=" + one + "&lastEventId=" + two,
        "lastEventId=" + two + "&lastEventId="}) {
    EXPECT_EQ(follow("/channels/news?" + query).event()->data, "3") << query;
  }
  EXPECT_EQ(follow("/channels/news?lastEventId=" + one, "Last-Event-ID: " + two + "\r\n").event()->data, "3");
}

TEST_P(ChannelTest, WhatIsGoneIsToldInBand) {
  const std::string id = publish("/channels/news", "1");
  const std::string epoch = id.substr(0, id.find('-'));
  for (int i = 2; i <= 13; ++i) publish("/channels/news", std::to_string(i));
  Client client = follow("/channels/news", "Last-Event-ID: " + id + "\r\n");
  const auto gap = client.event();
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->type, "gap");
  EXPECT_EQ(gap->data, "{\"channel\":\"news\",\"asked\":\"" + id + "\",\"first\":\"" + epoch + "-4\"}");
  for (int i = 4; i <= 13; ++i) EXPECT_EQ(client.event()->data, std::to_string(i));
}

TEST_P(ChannelTest, AnIdFromElsewhereOrNonsenseIsAGapAndTheStreamGoesOn) {
  const std::string id = publish("/channels/news", "1");
  const std::string epoch = id.substr(0, id.find('-'));
  for (const std::string& asked :
       std::vector<std::string>{"zzzzzzzz-1", "nonsense", epoch + "-99", epoch + "-", epoch + "-1x", epoch + "--1",
                                epoch + "-18446744073709551616", "a:b,c:d", "\xFF"}) {
    Client client = follow("/channels/news", "Last-Event-ID: " + asked + "\r\n");
    EXPECT_EQ(client.event()->type, "gap") << asked;
    EXPECT_EQ(client.event()->data, "1") << asked;
  }
}

TEST_P(ChannelTest, SeveralChannelsShareAStream) {
  Client client = follow("/channels?name=a&name=b");
  const std::string a1 = publish("/channels/a", "1"), b1 = publish("/channels/b?event=tick", "2\n3");
  std::vector<ClientEvent> events{*client.event(), *client.event()};
  if (events[0].type != "a") std::swap(events[0], events[1]);
  EXPECT_EQ(events[0].type, "a");
  EXPECT_EQ(events[0].data, "1");
  EXPECT_EQ(events[1].type, "b/tick");
  EXPECT_EQ(events[1].data, "2\n3");

  const std::string both = "a:" + a1 + ",b:" + b1;
  publish("/channels/a", "4");
  Client returning = follow("/channels?name=a&name=b", "Last-Event-ID: " + both + "\r\n");
  EXPECT_EQ(returning.event()->data, "4");
  const std::string b2 = publish("/channels/b", "5");
  const auto last = returning.event();
  EXPECT_EQ(last->data, "5");
  EXPECT_TRUE(last->last_event_id.ends_with(",b:" + b2)) << last->last_event_id;
}

TEST_P(ChannelTest, WhatIsWrongIsRefusedWithWhatWouldBeRight) {
  struct Row {
    std::string request;
    int status;
    const char* sentence;
  };
  for (const Row& row : {
           Row{post("/channels/a%20b", "x"), 400, "must be 1 to 128 of"},
           Row{post("/channels/", "x"), 400, "must be 1 to 128 of"},
           Row{post("/channels/" + std::string(129, 'a'), "x"), 400, "must be 1 to 128 of"},
           Row{post("/channels/a?event=b%0Ac", "x"), 400, "event must be"},
           Row{post("/channels/a?event=", "x"), 400, "event must be"},
           Row{post("/channels/a?event=gap", "x"), 400, "publish another"},
           Row{post("/channels/a?event=heartbeat", "x"), 400, "publish another"},
           Row{post("/channels/a", "\xFF"), 400, "must be UTF-8"},
           Row{post("/channels/a", std::string(1024 * 1024 + 1, 'x')), 413, "too large"},
           Row{get("/channels"), 400, "Name the channels"},
           Row{get("/channels?name=a&name=%0A"), 400, "must be 1 to 128 of"},
           Row{get("/channels/a%00"), 400, "must be 1 to 128 of"},
           Row{get("/channels/a?types=other"), 400, "types must be plain"},
           Row{post("/channels/a?event=begin", "x"), 400, "publish another"},
           Row{post("/channels/a?event=error", "x"), 400, "publish another"},
           Row{post("/channels/a?event=open", "x"), 400, "publish another"},
           Row{"PUT /channels/a HTTP/1.1\r\nHost: h\r\n\r\n", 405, "takes DELETE, GET, HEAD, POST, not PUT"},
           Row{"POST /channels HTTP/1.1\r\nHost: h\r\n\r\n", 405, "takes GET, HEAD, not POST"},
       }) {
    const ClientResponse response = send(row.request);
    EXPECT_EQ(response.status, row.status) << row.request.substr(0, 60);
    EXPECT_NE(response.body.find(row.sentence), std::string::npos) << response.body;
  }
}

TEST_P(ChannelTest, AHeadRequestGetsTheStatusOfAGet) {
  struct Row {
    const char* target;
    int status;
  };
  for (const Row& row : {Row{"/channels/a", 200}, Row{"/channels/!!", 400}, Row{"/channels", 400},
                         Row{"/channels?name=a&name=b", 200}, Row{"/channels/a?heartbeat=loud", 400}}) {
    Client client = running_.connect();
    client.send("HEAD " + std::string(row.target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(client.head().status, row.status) << row.target;
    EXPECT_EQ(running_.metric("tidings_streams"), 0) << row.target;
  }
}

TEST_P(ChannelTest, ABodyIsPublishedAsItIsWhateverItsType) {
  Client client = follow("/channels/news");
  const std::string form = "event=gap&" + std::string(20'000, 'x');
  send(post("/channels/news", form, std::string(kToken) + "Content-Type: application/x-www-form-urlencoded\r\n"));
  EXPECT_EQ(client.event()->data, form);
}

TEST_P(ChannelTest, APublisherThatDiesHalfWayPublishesNothing) {
  Client client = follow("/channels/news");
  Client dying = running_.connect();
  dying.send("POST /channels/news HTTP/1.1\r\nHost: localhost\r\n" + std::string(kToken) +
             "Content-Length: 10\r\n\r\nhalf");
  dying.reset();
  publish("/channels/news", "whole");
  EXPECT_EQ(client.event()->data, "whole");
}

TEST_P(ChannelTest, PublishingNeedsTheTokenButToAnOpenChannel) {
  EXPECT_EQ(send(post("/channels/a", "x", "")).status, 401);
  EXPECT_EQ(send(post("/channels/a", "x", "Authorization: Bearer wrong\r\n")).status, 401);
  EXPECT_EQ(send(post("/channels/a", "x", kToken)).status, 200);
  EXPECT_EQ(send(post("/channels/open", "x", "")).status, 200);
  EXPECT_EQ(send(post("/channels/open", "x", "Origin: http://localhost\r\n")).status, 200);
  EXPECT_EQ(send(post("/channels/open", "x", "Origin: http://evil.example\r\n")).status, 403);
}

TEST_P(ChannelTest, AnEmbeddedServerTakesNothingOverHttpUnlessItIsTold) {
  RunningServer running([](Server& server) { server.serve_channels(); });
  for (const char* fields : {"", "Authorization: Bearer x\r\n"}) {
    Client client = running.connect();
    client.send(post("/channels/a", "x", fields));
    EXPECT_EQ(client.response().status, 403);
  }
}

TEST_P(ChannelTest, AFullHouseIsNoReasonToRefuse) {
  for (const char* name : {"a", "b", "c", "d", "e"}) publish("/channels/" + std::string(name), "x");
  EXPECT_EQ(running_.server().hub().figures().channels, 4u);
  Client reader = follow("/channels/f");
  publish("/channels/f", "the sixth");
  EXPECT_EQ(reader.event()->data, "the sixth");
}

TEST_P(ChannelTest, ReadersTakeNoPublishersPlace) {
  std::vector<Client> readers;
  for (int stream = 0; stream < 16; ++stream) {
    std::string target = "/channels?";
    for (int name = 0; name < 64; ++name) target += "name=" + std::to_string(stream) + '.' + std::to_string(name) + '&';
    readers.push_back(follow(target));
  }
  EXPECT_EQ(running_.server().hub().figures().channels, 0u);
  publish("/channels/news", "x");
  EXPECT_EQ(running_.server().hub().figures().channels, 1u);
}

TEST_P(ChannelTest, WhatIsTooOldIsGoneThoughNobodyPublishes) {
  const std::string id = publish("/channels/a", "1");
  publish("/channels/a", "2");
  const std::shared_ptr<Channel> held = running_.server().hub().channel("a");
  running_.pass(1h);
  Client client = follow("/channels/a", "Last-Event-ID: " + id + "\r\n");
  EXPECT_EQ(client.event()->type, "gap");
  publish("/channels/a", "3");
  EXPECT_EQ(client.event()->data, "3");
}

TEST_P(ChannelTest, MoreInventedNamesThanThereMayBeAreRefusedForNow) {
  ServerOptions options = small();
  options.channels.max_quiet = 2;
  RunningServer running([](Server& server) { server.serve_channels(); }, options);
  Client first = running.open("/channels?name=a&name=b");
  ASSERT_EQ(first.head().status, 200);
  Client second = running.open("/channels/c");
  const ClientResponse refused = second.response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.count("retry-after"), 1u);
  running.server().hub().channel("c")->publish(Event("x"));
  EXPECT_EQ(running.open("/channels/c").head().status, 200);
}

TEST_P(ChannelTest, AQuietChannelIsTheSameChannelHoweverLongItWasQuiet) {
  const std::string id = publish("/channels/a", "old");
  running_.pass(2h);
  while (running_.server().hub().expire()) {
  }
  Client client = resume("/channels/a", id);
  const std::string now = publish("/channels/a", "new");
  EXPECT_EQ(client.event(), (ClientEvent{"message", "new", now})) << "nothing was missed";
}

TEST_P(ChannelTest, WhoHasHadNoEventYetHasAPlaceToComeBackTo) {
  for (const char* target : {"/channels/quiet", "/channels?name=quiet&name=other"}) {
    follow(target).close();
    const std::string id = begin_;
    publish("/channels/quiet", "meanwhile");
    Client client = resume(target, id);
    EXPECT_EQ(client.event()->data, "meanwhile") << target;
  }
}

TEST_P(ChannelTest, TheBeginIsInTheFirstBlockOfTheStream) {
  Client client = running_.open("/channels/news");
  client.head();
  EXPECT_EQ(client.until("\n"), ":\n");
  EXPECT_TRUE(client.until("\n").starts_with("retry: "));
  EXPECT_EQ(client.until("id: "), "event: begin\ndata: {}\nid: ");
  EXPECT_TRUE(client.until("\n\n").ends_with("-0\n\n"));
}

TEST_P(ChannelTest, AResumedStreamHasNoBlankLineOfItsOwn) {
  const std::string id = publish("/channels/news", "1");
  publish("/channels/news", "2");
  Client client = resume("/channels/news", id);
  EXPECT_EQ(client.until("\n"), ":\n");
  client.until("\n");
  EXPECT_EQ(client.until("\n"), "data: 2\n") << "no block before the first event";
}

// After a restart a quiet channel has nothing that could give its clients an id but the gap itself.
TEST_P(ChannelTest, AGapIsToldOnceHoweverOftenTheConnectionIsCut) {
  Client first = resume("/channels/news", "zzzzzzzz-7");
  const auto gap = first.event();
  ASSERT_TRUE(gap && gap->type == "gap");
  first.close();
  Client again = resume("/channels/news", gap->last_event_id);
  publish("/channels/news", "1");
  EXPECT_EQ(again.event()->data, "1");
}

TEST_P(ChannelTest, OfSeveralChannelsEachGapIsToldThoughTheConnectionIsCutBetweenThem) {
  publish("/channels/a", "1");
  publish("/channels/b", "2");
  const std::string target = "/channels?name=a&name=b";
  std::vector<std::string> seen;
  std::string id = "a:zzzzzzzz-7,b:yyyyyyyy-9";
  for (int events = 0; events < 4; ++events) {  // one a connection
    Client client = resume(target, id);
    const auto event = client.event();
    ASSERT_TRUE(event);
    seen.push_back(event->type == "gap" ? "gap of " + event->data.substr(12, 1) : event->data);
    id = event->last_event_id;
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "2", "gap of a", "gap of b"}));
}

// The server gave the id out for one channel: of the others nothing is known to be missed.
TEST_P(ChannelTest, TheIdOfOneChannelCountsForThatChannelAlone) {
  const std::string a1 = publish("/channels/a", "1");
  publish("/channels/a", "2");
  publish("/channels/b", "old");
  Client client = resume("/channels?name=a&name=b", a1);
  EXPECT_EQ(client.event()->type, "begin") << "of b it knows no place yet";
  EXPECT_EQ(client.event()->data, "2");
  publish("/channels/b", "new");
  const auto event = client.event();
  EXPECT_EQ(event->type, "b");
  EXPECT_EQ(event->data, "new");
}

TEST_P(ChannelTest, WhoComesBackForMoreChannelsHasAPlaceInThoseToo) {
  const std::string a = publish("/channels/a", "1");
  for (const std::string& id : {a, "a:" + a, "a:" + a + ",b:"}) {
    Client first = resume("/channels?name=a&name=b", id);
    const auto begin = first.event();
    ASSERT_TRUE(begin && begin->type == "begin") << id;
    first.close();
    const std::string b = publish("/channels/b", "meanwhile");
    const auto missed = resume("/channels?name=a&name=b", begin->last_event_id).event();
    ASSERT_TRUE(missed);
    EXPECT_EQ(missed->last_event_id, "a:" + a + ",b:" + b);
  }
}

TEST_P(ChannelTest, WhoComesBackForFewerChannelsGoesOn) {
  const std::string a = publish("/channels/a", "1"), b = publish("/channels/b", "1");
  const std::string a2 = publish("/channels/a", "2");
  Client client = resume("/channels/a", "a:" + a + ",b:" + b);
  EXPECT_EQ(client.event(), (ClientEvent{"message", "2", a2}));
}

TEST_P(ChannelTest, AnIdThatIsNoneOfSeveralChannelsIsAGapInEach) {
  Client client = resume("/channels?name=a&name=b", "nonsense");
  EXPECT_EQ(client.event()->type, "gap");
  EXPECT_EQ(client.event()->type, "gap");
}

// Whatever may be asked for gets ids that come back, by header and by query.
TEST_P(ChannelTest, TheLongestIdComesBack) {
  const auto target = [](std::size_t count, std::size_t length) {
    std::string query = "/channels?";
    for (std::size_t i = 0; i < count; ++i) {
      std::string name = std::to_string(i);
      query.append("name=").append(name.append(length - name.size(), 'n')).append("&");
    }
    return query;
  };
  for (const std::size_t count : {2u, 30u, 64u}) {
    std::size_t length = 128;
    while (length > 0) {
      Client client = running_.open(target(count, length));
      if (client.head().status == 200) break;
      --length;
    }
    ASSERT_GE(length, 36u) << "names of so many UUIDs must be taken";
    follow(target(count, length));
    std::string id = begin_, in_query;
    for (std::size_t at = 0; (at = id.find("-0", at)) != id.npos; at += 2) id.replace(at, 2, "-18446744073709551615");
    for (const char c : id) in_query += c == ':' ? "%3A" : c == ',' ? "%2C" : std::string(1, c);
    EXPECT_EQ(resume(target(count, length), id).event()->type, "gap") << count;
    EXPECT_EQ(follow(target(count, length) + "last_event_id=" + in_query).event()->type, "gap") << count;
  }
  const ClientResponse refused = send(get(target(64, 57)));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("shorter names"), std::string::npos) << refused.body;
}

TEST_P(ChannelTest, TheSameSeedInTheNextRunIsAnotherEpoch) {
  const std::string id = publish("/channels/news", "of this run");
  RunningServer next([](Server& server) { server.serve_channels(); }, small());
  const std::string next_id = next.server().hub().channel("news")->publish(Event("of the next run"));
  EXPECT_NE(next_id, id);
  Client client = next.connect();
  client.send("GET /channels/news HTTP/1.1\r\nHost: h\r\nLast-Event-ID: " + id + "\r\n\r\n");
  client.head();
  EXPECT_EQ(client.event()->type, "gap");
}

TEST_P(ChannelTest, OfSeveralChannelsTheTypeAndTheIdAreTheStreamsWhateverElseTheEventHas) {
  Client client = follow("/channels?name=a&name=b");
  const std::string id =
      channel("a")->publish(Event("typed", "1\n2").with_comment("why").with_reconnection_time(1500ms).with_id("own"));
  const std::string block = client.until("\n\n");
  EXPECT_TRUE(block.starts_with(": why\nretry: 1500\nevent: a/typed\ndata: 1\ndata: 2\nid: a:" + id + ",b:")) << block;
}

TEST_P(ChannelTest, AChannelThatIsCalledLikeTheServersOwnEventsForgesNone) {
  Client client = follow("/channels?name=gap&name=begin");
  publish("/channels/gap", "x");
  EXPECT_EQ(client.event()->type, "gap/message");
  publish("/channels/begin?event=tick", "x");
  EXPECT_EQ(client.event()->type, "begin/tick");
}

TEST_P(ChannelTest, PlainTypesAreTheEventsOwn) {
  Client client = follow("/channels?name=a&name=b&types=plain");
  const std::string a = publish("/channels/a", "1");
  const auto plain = client.event();
  EXPECT_EQ(plain->type, "message");
  EXPECT_TRUE(plain->last_event_id.starts_with("a:" + a + ",b:")) << plain->last_event_id;
  publish("/channels/b?event=tick", "2");
  EXPECT_EQ(client.event()->type, "tick");
}

TEST_P(ChannelTest, AClientOfHttp10GetsTheBareEvents) {
  const std::string id = publish("/channels/news", "1");
  int last = 3;
  for (int i = 2; i <= last; ++i) publish("/channels/news", std::to_string(i));
  const std::pair<std::string, std::string> rows[] = {
      {"/channels/news", id},
      {"/channels?name=news&name=other", "news:" + id + ",other:" + channel("other")->id_of(0)}};
  for (const auto& [target, asked] : rows) {
    Client client = running_.connect();
    client.send("GET " + target + " HTTP/1.0\r\nLast-Event-ID: " + asked + "\r\n\r\n");
    EXPECT_EQ(client.head().headers.count("transfer-encoding"), 0u);
    EXPECT_EQ(client.until("\n"), ":\n");
    for (int i = 2; i <= last; ++i) EXPECT_EQ(client.event()->data, std::to_string(i)) << target;
    publish("/channels/news", std::to_string(++last));
    EXPECT_EQ(client.event()->data, std::to_string(last)) << target;
  }
}

// A stream of a channel has no end of its own: whoever is cut off is to come back.
TEST_P(ChannelTest, ADrainHasNoLastChunk) {
  Client client = follow("/channels/news");
  running_.server().stop();
  client.rest();
  EXPECT_TRUE(client.is_ended());
  EXPECT_FALSE(client.has_whole_body());
}

// Else the longest body that the server takes by default is an event that the decoder of the other end refuses.
TEST_P(ChannelTest, TheLongestBodyIsAnEventThatParsersTakeByDefault) {
  const std::string body(ServerOptions().max_body_bytes, 'x');
  Client client = follow("/channels/news");
  publish("/channels/news", body);
  EXPECT_EQ(client.event()->data, body);
}

// A stopped reader falls off the log's tail and catches up with a gap; the others see everything.
TEST_P(ChannelTest, ASlowSubscriberCostsNobodyAnything) {
  Client slow = follow("/channels/news"), quick = follow("/channels/news");
  const std::string data(100'000, 'x');
  const std::shared_ptr<Channel> channel = running_.server().hub().channel("news");
  for (std::uint64_t i = 1; i <= 200; ++i) {
    const std::string id = channel->publish(Event(data));
    const auto event = quick.event();
    ASSERT_TRUE(event && event->type == "message") << i;
    ASSERT_EQ(event->last_event_id, id);
  }
  std::uint64_t last = 0;
  bool had_gap = false;
  while (last != 200) {
    const auto event = slow.event();
    ASSERT_TRUE(event);
    if (event->type == "gap") {
      had_gap = true;
      last = 0;
      continue;
    }
    const std::uint64_t sequence = std::stoull(event->last_event_id.substr(event->last_event_id.find('-') + 1));
    ASSERT_TRUE(last == 0 || sequence == last + 1) << sequence << " after " << last;
    last = sequence;
  }
  EXPECT_TRUE(had_gap);
}

class ChannelSchedules : public testing::TestWithParam<bool> {};

// Publishers and clients that come, leave and resume at random: each client's sequence has no hole, nothing twice and
// nothing out of order but what a gap event has told.
TEST_P(ChannelSchedules, DeliverExactlyTheLogOrSayWhatIsGone) {
  constexpr unsigned kSeed = 20261125;
  std::mt19937 random(kSeed);
  ServerOptions options;
  options.io_uring = GetParam();
  options.channels.channel.history.max_events = 20;
  RunningServer running([](Server& server) { server.serve_channels(); }, options);
  const std::shared_ptr<Channel> channel = running.server().hub().channel("c");
  struct Follower {
    std::optional<Client> client;
    std::string last_id;  // of the last event that it has seen
    std::uint64_t expected = 0;
  };
  std::vector<Follower> followers(4);
  std::uint64_t published = 0;
  const auto sequence_of = [](const std::string& id) { return std::stoull(id.substr(id.find('-') + 1)); };
  for (int step = 0; step < 3000; ++step) {
    Follower& follower = followers[random() % followers.size()];
    switch (random() % 6) {
      case 0:
      case 1:
      case 2:
        for (unsigned count = random() % (random() % 10 == 0 ? 40 : 4); count > 0; --count) {
          channel->publish(Event(std::to_string(++published)));
        }
        break;
      case 3: follower.client.reset(); break;
      case 4:
        if (!follower.client) {
          follower.client.emplace(running.connect());
          follower.client->send("GET /channels/c HTTP/1.1\r\nHost: h\r\nLast-Event-ID: " + follower.last_id +
                                "\r\n\r\n");
          ASSERT_EQ(follower.client->head().status, 200);
          if (follower.last_id.empty()) {
            const auto begin = follower.client->event();
            ASSERT_TRUE(begin && begin->type == "begin");
            follower.last_id = begin->last_event_id;
            follower.expected = published + 1;
          }
        }
        break;
      case 5:  // reads up to what is published by now
        while (follower.client && follower.expected <= published) {
          const auto event = follower.client->event();
          ASSERT_TRUE(event) << "seed " << kSeed << ", step " << step;
          if (event->type == "gap") {
            // What was told to be the first kept comes next.
            const std::string first = event->data.substr(event->data.find("\"first\":\"") + 9);
            follower.expected = sequence_of(first.substr(0, first.find('"')));
            follower.last_id = event->last_event_id;
            continue;
          }
          ASSERT_EQ(event->data, std::to_string(follower.expected)) << "seed " << kSeed << ", step " << step;
          follower.last_id = event->last_event_id;
          ++follower.expected;
        }
        break;
    }
  }
}

TEST_P(ChannelSchedules, ManyPublishersAreOneOrderForAll) {
  constexpr int kPublishers = 4, kEach = 500;
  ServerOptions options;
  options.io_uring = GetParam();
  options.channels.channel.history.max_events = kPublishers * kEach;
  RunningServer running([](Server& server) { server.serve_channels(); }, options);
  std::vector<Client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(running.open("/channels/c"));
    ASSERT_EQ(clients.back().head().status, 200);
    ASSERT_EQ(clients.back().event()->type, "begin");
  }
  std::vector<std::thread> publishers;
  const std::shared_ptr<Channel> channel = running.server().hub().channel("c");
  for (int p = 0; p < kPublishers; ++p) {
    publishers.emplace_back([&, p] {
      for (int i = 0; i < kEach; ++i) channel->publish(Event(std::to_string(p) + ":" + std::to_string(i)));
    });
  }
  std::vector<std::vector<std::string>> seen(clients.size());
  for (std::size_t c = 0; c < clients.size(); ++c) {
    for (int i = 1; i <= kPublishers * kEach; ++i) {
      const auto event = clients[c].event();
      ASSERT_TRUE(event);
      ASSERT_TRUE(event->last_event_id.ends_with("-" + std::to_string(i)));
      seen[c].push_back(event->data);
    }
    EXPECT_EQ(seen[c], seen[0]);
  }
  for (std::thread& publisher : publishers) publisher.join();
}

constexpr auto kName = [](const testing::TestParamInfo<bool>& row) { return row.param ? "ByIoUring" : "BySend"; };
INSTANTIATE_TEST_SUITE_P(Ways, ChannelTest, testing::Bool(), kName);
INSTANTIATE_TEST_SUITE_P(Ways, ChannelSchedules, testing::Bool(), kName);

}  // namespace
}  // namespace tidings
