// A Redis that is none, or answers garbage, too much, in part, or never: one sentence, in time, and nothing of the
// password.
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "tidings/server/redis/redis_history.h"
#include "tidings/tests/server/redis/fake_redis.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

struct Row {
  const char* name;
  std::string answer;  // to whatever comes
  std::string says;
};

class NoRedis : public ::testing::TestWithParam<Row> {};

std::string bulk(const std::string& text) { return '$' + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }

TEST_P(NoRedis, IsOneSentence) {
  FakeRedis peer([](const std::string&) { return GetParam().answer; });
  try {
    RedisHistory history({.url = "redis://u:hidden@127.0.0.1:" + std::to_string(peer.port()), .greeting_time = 300ms});
    ADD_FAILURE() << "it is taken for a Redis";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(error.what(), "Redis at 127.0.0.1:" + std::to_string(peer.port()) + ' ' + GetParam().says + '.');
  }
}

INSTANTIATE_TEST_SUITE_P(
    Peers, NoRedis,
    ::testing::Values(
        Row{"ThatIsSilent", "", "does not answer"},
        Row{"ThatSpeaksHttp", "HTTP/1.1 400 Bad Request\r\n\r\n", "says what no Redis says"},
        Row{"ThatSpeaksNothing", std::string(1000, '\0'), "says what no Redis says"},
        Row{"ThatSaysHalf", "+O", "does not answer"}, Row{"ThatSaysHalfOfAString", "$1000000\r\nx", "does not answer"},
        Row{"ThatAnnouncesTooMany", "*1000000000\r\n", "says what no Redis says"},
        Row{"ThatAnnouncesManyInOneAnother", "*60000\r\n*60000\r\n", "says what no Redis says"},
        Row{"ThatAnnouncesANegativeNumber", "*-7\r\n", "says what no Redis says"},
        Row{"ThatAnnouncesMoreThanFits", "$99999999999999999999999\r\n", "says what no Redis says"},
        Row{"ThatIsDeep", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
            "says what no Redis says"},
        Row{"ThatSaysOkToAll", "+OK\r\n+OK\r\n+OK\r\n+OK\r\n", "says what no Redis says"},
        Row{"ThatSaysMoreThanItIsAsked",
            [] {
              std::string all;
              for (int i = 0; i < 10'000; ++i) all += ":1\r\n";
              return all;
            }(),
            "says what no Redis says"},
        Row{"ThatClosesTheConnection", FakeRedis::kClose, "has closed the connection"},
        Row{"ThatIsOld", "+OK\r\n" + bulk("# Server\r\nredis_version:6.0.16\r\nrole:master\r\n"),
            "is version 6.0.16, and Redis 7.0 is the least that will do"},
        Row{"ThatIsOfACluster", "+OK\r\n" + bulk("redis_version:7.0.15\r\nrole:master\r\ncluster_enabled:1\r\n"),
            "is part of a Redis Cluster, whose keys lie on several servers: that will not do"},
        Row{"ThatLoads", "+OK\r\n" + bulk("redis_version:7.0.15\r\nloading:1\r\n"), "is still loading its data"},
        Row{"ThatLetsNobodyIn", "-ERR max number of clients reached\r\n",
            "refuses what is asked: ERR max number of clients reached"},
        Row{"ThatLies", "-\x1b[31m\x07" + std::string(10'000, 'x') + "\r\n",
            "refuses what is asked: ?[31m?" + std::string(58, 'x')}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace tidings
