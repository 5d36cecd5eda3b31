#include "tidings/server/redis/redis_url.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace tidings {
namespace {

struct Right {
  const char *name, *text, *shown, *user, *password;
  unsigned database;
};

class RedisUrlThatIsRight : public ::testing::TestWithParam<Right> {};

TEST_P(RedisUrlThatIsRight, IsRead) {
  const Right& row = GetParam();
  const RedisUrl url = parse_redis_url(row.text);
  EXPECT_EQ(url.shown(), row.shown);
  EXPECT_EQ(url.user, row.user);
  EXPECT_EQ(url.password, row.password);
  EXPECT_EQ(url.database, row.database);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, RedisUrlThatIsRight,
    ::testing::Values(Right{"Host", "redis://localhost", "localhost:6379", "", "", 0},
                      Right{"HostAndPort", "redis://10.0.0.1:7000", "10.0.0.1:7000", "", "", 0},
                      Right{"Slash", "redis://localhost/", "localhost:6379", "", "", 0},
                      Right{"Database", "redis://localhost:1/15", "localhost:1", "", "", 15},
                      Right{"UserAndPassword", "redis://u:p@h", "h:6379", "u", "p", 0},
                      Right{"PasswordAlone", "redis://:p@h:1", "h:1", "", "p", 0},
                      Right{"PasswordWithSigns", "redis://u:a%40b%2F%25:c@d@h", "h:6379", "u", "a@b/%:c@d", 0},
                      Right{"Version6", "redis://[::1]:7000/2", "[::1]:7000", "", "", 2},
                      Right{"Version6WithoutPort", "redis://[fe80::1]", "[fe80::1]:6379", "", "", 0},
                      Right{"UnixSocket", "unix:/run/redis.sock", "unix:/run/redis.sock", "", "", 0},
                      Right{"UnixSocketOfAFolder", "unix:redis.sock?db=3", "unix:redis.sock", "", "", 3},
                      Right{"UnixSocketWithPassword", "unix://u:p@/run/redis.sock?db=1", "unix:/run/redis.sock", "u",
                            "p", 1},
                      Right{"UnixSocketWithSlashes", "unix:///run/a@b.sock", "unix:/run/a@b.sock", "", "", 0}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(RedisUrl, AWrongOneIsASentenceThatRepeatsNothingOfIt) {
  struct Wrong {
    const char *text, *says;
  };
  for (const Wrong& row : {Wrong{"", "begins neither"},
                           Wrong{"localhost:6379", "begins neither"},
                           Wrong{"http://hidden@h", "begins neither"},
                           Wrong{"redis://", "no host"},
                           Wrong{"redis://u:hidden@", "no host"},
                           Wrong{"redis://u:hidden@/1", "no host"},
                           Wrong{"redis://hidden@h", "a user comes with a password"},
                           Wrong{"redis://u:@h", "the password is empty"},
                           Wrong{"redis://u:hidden%4@h", "two hexadecimal digits"},
                           Wrong{"redis://u:hidden%zz@h", "two hexadecimal digits"},
                           Wrong{"redis://u:hidden@h:0", "the port"},
                           Wrong{"redis://u:hidden@h:65536", "the port"},
                           Wrong{"redis://u:hidden@h:", "the port"},
                           Wrong{"redis://u:hidden@h:6379x", "the port"},
                           Wrong{"redis://u:hidden@h/x", "the database"},
                           Wrong{"redis://u:hidden@h/1/2", "the database"},
                           Wrong{"redis://u:hidden@[::1", "must end with ]"},
                           Wrong{"redis://u:hidden@[::1]x", "after ]"},
                           Wrong{"redis://u:hid den@h", "printable ASCII"},
                           Wrong{"unix:", "no path"},
                           Wrong{"unix:/run/x?hidden=1", "db=DATABASE"},
                           Wrong{"rediss://u:hidden@h", "stunnel"}}) {
    try {
      parse_redis_url(row.text);
      ADD_FAILURE() << row.text << " is taken";
    } catch (const std::runtime_error& error) {
      const std::string sentence = error.what();
      EXPECT_NE(sentence.find(row.says), std::string::npos) << sentence;
      EXPECT_EQ(sentence.find("hid"), std::string::npos) << sentence;
      EXPECT_TRUE(sentence.starts_with("--redis: ")) << sentence;
    }
  }
}

}  // namespace
}  // namespace tidings
