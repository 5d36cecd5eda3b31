// A broadcaster and its streams on a loop that the test turns by hand, so that what comes in between is known.
#include "tidings/server/subscribers/channel_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/channels/hub.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/server/channels/fake_history.h"
#include "tidings/tests/server/socket_pair.h"

namespace tidings {
namespace {

class ChannelStreamTest : public testing::Test {
 protected:
  static Hub::Options keeping(std::size_t events) {
    Hub::Options options;
    options.channel.history.max_events = events;
    return options;
  }

  void follow() {
    const auto stream = std::make_shared<ChannelStream>(loop_, options_, Heartbeat::kComment,
                                                        std::vector{broadcasters_.of(channel_)}, std::nullopt);
    StreamSession::open(stream, loop_.sockets().add(pair_.take()), *limits_.take_slot("here"), {});
  }
  void publish(const char* data) { channel_->publish(Event(data)); }
  void turn() { loop_.context().poll(); }

  SocketPair pair_;
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(Clock::WallTime());
  StreamOptions options_;
  StreamLimits limits_{{}};
  Hub hub_{keeping(2), clock_, 1};
  std::shared_ptr<Channel> channel_ = hub_.channel("c");
  Broadcasters broadcasters_{loop_};
  EventLoop loop_{*clock_, 1};  // its streams let go of their broadcasters
};

TEST_F(ChannelStreamTest, WhoIsWhereTheLogBeginsGetsItAlsoWhenTheFeedHasFallenBehind) {
  const std::shared_ptr<Broadcaster> broadcaster = broadcasters_.of(channel_);
  publish("before");  // wakes the broadcaster, which has had no turn yet
  follow();
  publish("one");
  publish("two");  // the log has lost what the broadcaster would read next
  turn();
  const std::string stream = pair_.received();
  EXPECT_EQ(stream.find("before"), std::string::npos) << stream;
  EXPECT_NE(stream.find("data: one\n"), std::string::npos) << stream;
  EXPECT_NE(stream.find("data: two\n"), std::string::npos) << stream;
  EXPECT_EQ(stream.find("gap"), std::string::npos) << stream;
}

TEST_F(ChannelStreamTest, WhoCameWhileTheFeedWasWokenGetsNothingTwice) {
  const std::shared_ptr<Broadcaster> broadcaster = broadcasters_.of(channel_);
  publish("before");
  follow();
  publish("one");
  turn();
  publish("two");
  turn();
  const std::string stream = pair_.received();
  EXPECT_EQ(stream.find("before"), std::string::npos) << stream;
  EXPECT_NE(stream.find("data: one\n"), std::string::npos) << stream;
  EXPECT_EQ(stream.find("data: one\n"), stream.rfind("data: one\n")) << stream;
  EXPECT_EQ(stream.find("data: two\n"), stream.rfind("data: two\n")) << stream;
  EXPECT_NE(stream.find("data: two\n"), std::string::npos) << stream;
}

TEST_F(ChannelStreamTest, WhoIsBehindHasOneTurnAtATimeHoweverOftenItIsWoken) {
  Hub hub(keeping(1000), clock_, 1);
  const std::shared_ptr<Channel> a = hub.channel("a"), b = hub.channel("b");
  const std::string begin = "a:" + a->id_of(a->next() - 1) + ",b:" + b->id_of(b->next() - 1);
  for (int i = 0; i < 200; ++i) {
    a->publish(Event("x"));
    b->publish(Event("x"));
  }
  StreamSession::open(std::make_shared<ChannelStream>(loop_, options_, Heartbeat::kComment,
                                                      std::vector{broadcasters_.of(a), broadcasters_.of(b)}, begin),
                      loop_.sockets().add(pair_.take()), *limits_.take_slot("here"), {});
  const auto received = [&] {
    const std::string stream = pair_.received();
    std::size_t events = 0;
    for (std::size_t at = 0; (at = stream.find("data: x\n", at)) != std::string::npos; ++at) ++events;
    return events;
  };
  EXPECT_EQ(received(), 0u) << "others may have come with it";
  loop_.context().poll_one();
  const std::size_t a_turn = received();
  EXPECT_GT(a_turn, 0u);
  EXPECT_LT(a_turn, 200u);
  a->publish(Event("x"));
  b->publish(Event("x"));
  for (int wakes = 0; wakes < 2; ++wakes) loop_.context().poll_one();
  EXPECT_LE(received(), a_turn);
  std::size_t rest = 0;
  for (std::size_t more = 1; more > 0; rest += more = received()) turn();
  EXPECT_GT(rest, 300u);
}

TEST_F(ChannelStreamTest, WhoHasHadEverythingIsNotHeldUpByACrowd) {
  const std::shared_ptr<Channel> other = hub_.channel("other");
  std::vector<SocketPair> pairs(200);
  for (SocketPair& pair : pairs) {  // each sends for itself, since it follows several channels
    StreamSession::open(
        std::make_shared<ChannelStream>(loop_, options_, Heartbeat::kComment,
                                        std::vector{broadcasters_.of(channel_), broadcasters_.of(other)}, std::nullopt),
        loop_.sockets().add(pair.take()), *limits_.take_slot("here"), {});
  }
  follow();
  turn();
  publish("one");
  std::string stream;
  while (stream.find("data: one\n") == std::string::npos && loop_.context().poll_one() > 0) stream += pair_.received();
  publish("two");
  while (stream.find("data: two\n") == std::string::npos && loop_.context().poll_one() > 0) stream += pair_.received();
  EXPECT_NE(stream.find("data: two\n"), std::string::npos) << stream;
  std::size_t served = 0;
  for (SocketPair& pair : pairs) served += pair.received().find("data: one\n") != std::string::npos ? 1 : 0;
  EXPECT_LT(served, pairs.size());
  turn();
  for (SocketPair& pair : pairs) served += pair.received().find("data: one\n") != std::string::npos ? 1 : 0;
  EXPECT_EQ(served, pairs.size());
}

// Its head has gone out, so its client publishes, or has somebody publish.
TEST_F(ChannelStreamTest, WhoCameBeforeItsChannelsWereOpenMissesNothingThatWasPublishedSince) {
  const auto history = std::make_shared<FakeHistory>();
  Hub hub(keeping(2), clock_, 1, history);
  const auto settle = [&] {
    while (history->step() || loop_.context().poll() > 0) {
    }
  };
  const auto a = hub.channel("a");
  a->publish(Event("before"), std::nullopt, [](const auto&) {});
  settle();
  const auto b = hub.channel("b");
  ASSERT_FALSE(b->is_open());
  StreamSession::open(
      std::make_shared<ChannelStream>(loop_, options_, Heartbeat::kComment,
                                      std::vector{broadcasters_.of(a), broadcasters_.of(b)}, std::nullopt),
      loop_.sockets().add(pair_.take()), *limits_.take_slot("here"), {});
  std::string stream = pair_.received();
  EXPECT_NE(stream.find("200 OK"), std::string::npos);
  for (const auto& channel : {a, b}) channel->publish(Event("since"), std::nullopt, [](const auto&) {});
  settle();
  stream += pair_.received();
  EXPECT_NE(stream.find("event: begin\n"), std::string::npos) << stream;
  EXPECT_LT(stream.find("event: begin\n"), stream.find("event: a\n")) << stream;
  for (const char* event : {"event: a\ndata: since\n", "event: b\ndata: since\n"}) {
    EXPECT_NE(stream.find(event), std::string::npos) << stream;
    EXPECT_EQ(stream.find(event), stream.rfind(event)) << stream;
  }
  EXPECT_EQ(stream.find("before"), std::string::npos) << stream;
}

// A stream of several channels, and what its client has had.
struct OneOfSeveral {
  std::vector<std::shared_ptr<Channel>> channels;
  ChannelTypes types = ChannelTypes::kByChannel;
  Framing framing = Framing::kChunked;
  SocketPair pair = {};
  std::map<std::string, std::string> places = {};  // the id of its last event in each channel
  std::size_t events = 0;

  static int sequence(const std::string& id) { return std::stoi(id.substr(id.find('-') + 1)); }

  // Takes what has come. Each event's data is its channel and its id there.
  void take() {
    std::istringstream lines(pair.received());
    std::string channel;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("data: ") && line != "data: {}") {
        channel = line.substr(6, line.find(' ', 6) - 6);
        const std::string id = line.substr(7 + channel.size());
        EXPECT_EQ(sequence(id), sequence(std::exchange(places[channel], id)) + 1) << line;
        ++events;
      } else if (line.starts_with("event: ") && line != "event: begin") {
        EXPECT_EQ(types, ChannelTypes::kByChannel);
      } else if (line.starts_with("id: ")) {
        std::string vector;
        for (const auto& each : channels) {
          vector += (vector.empty() ? "" : ",") + each->name() + ':' + places[each->name()];
        }
        EXPECT_EQ(line, "id: " + vector) << channel;
      }
    }
  }
};

// Most of them get bytes that were made for another one.
TEST_F(ChannelStreamTest, EachOfManyThatFollowSeveralChannelsGetsItsOwnIds) {
  Hub hub(keeping(1000), clock_, 1);
  std::mt19937 random(18);
  for (int round = 0; round < 20; ++round) {
    const auto a = hub.channel("a"), b = hub.channel("b"), c = hub.channel("c" + std::to_string(round));
    std::vector<OneOfSeveral> streams;
    const auto add_three = [&](std::vector<std::shared_ptr<Channel>> channels,
                               ChannelTypes types = ChannelTypes::kByChannel, Framing framing = Framing::kChunked) {
      if (random() % 3 == 0) return;  // the last one's bytes are another kind's now and then
      for (int i = 0; i < 3; ++i) streams.push_back({.channels = channels, .types = types, .framing = framing});
    };
    add_three({a, b});
    add_three({b, a});
    add_three({a, b}, ChannelTypes::kPlain);
    add_three({a, b}, ChannelTypes::kByChannel, Framing::kNone);
    add_three({a, c});
    add_three({a, b, c});
    for (OneOfSeveral& each : streams) {
      std::vector<std::shared_ptr<Broadcaster>> broadcasters;
      for (const auto& channel : each.channels) {
        broadcasters.push_back(broadcasters_.of(channel));
        each.places[channel->name()] = channel->id_of(channel->next() - 1);
      }
      StreamSession::open(
          std::make_shared<ChannelStream>(loop_, options_, Heartbeat::kComment, broadcasters, std::nullopt, each.types),
          loop_.sockets().add(each.pair.take()), *limits_.take_slot("here"), {.framing = each.framing});
    }
    std::map<std::string, std::size_t> published;
    for (int i = 0; i < 100; ++i) {
      const auto channel = std::array{a, b, c}[random() % 3];  // which is gone when the line is
      channel->publish(Event(channel->name() + ' ' + channel->id_of(channel->next())));
      ++published[channel->name()];
      for (unsigned polls = random() % 4; polls > 0; --polls) loop_.context().poll_one();
    }
    turn();
    for (OneOfSeveral& each : streams) {
      each.take();
      std::size_t expected = 0;
      for (const auto& channel : each.channels) expected += published[channel->name()];
      EXPECT_EQ(each.events, expected);
      each.pair.leave();
    }
    turn();
  }
}

// The schedule is the machine's: some of the rounds have a wake-up while the broadcaster is being made.
TEST_F(ChannelStreamTest, AFeedThatIsMadeWhileSomebodyPublishesHearsWhatComesLater) {
  for (int round = 0; round < 50; ++round) {
    std::atomic<bool> is_made = false, is_under_way = false;
    std::thread publisher([&] {
      while (!is_made) {
        publish("early");
        is_under_way = true;
      }
    });
    while (!is_under_way) std::this_thread::yield();
    const std::shared_ptr<Broadcaster> broadcaster = broadcasters_.of(channel_);
    is_made = true;
    publisher.join();
    turn();
    pair_ = SocketPair();
    follow();
    pair_.received();
    publish("late");
    turn();
    ASSERT_NE(pair_.received().find("data: late\n"), std::string::npos) << "in round " << round;
    pair_.leave();
    turn();
  }
}

}  // namespace
}  // namespace tidings
