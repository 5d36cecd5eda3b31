// What is a message about a channel, and what is none.
#include "tidings/server/redis/redis_scripts.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {
namespace {

TEST(RedisMessage, OfEventsHasTheirBlocksByteForByte) {
  const std::optional<RedisMessage> message = RedisMessage::parse("E 7 3 2 1700000000000 11 0 1\nE 1 1 1 1\n\n\n");
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->kind, 'E');
  EXPECT_EQ(message->epoch, 7u);
  EXPECT_EQ(message->numbers, (std::array<std::uint64_t, 3>{3, 2, 1'700'000'000'000}));
  EXPECT_EQ(message->blocks, (std::vector<std::string_view>{"E 1 1 1 1\n\n", "", "\n"}));
}

TEST(RedisMessage, OfEachKindIsOne) {
  for (const std::string_view text :
       {"E 1 1 0 0 0\n", "E 1 1 1 0 0", "E 1 1 0 0 1 2\nabc", "E 1 1 2 0 1 2\nabc", "C 1 2", "D 1 1", "B 1 1 1",
        "B 1 4 9", "L 1 1", "E 4503599627370495 9007199254740991 9007199254740991 0 0\n"}) {
    EXPECT_TRUE(RedisMessage::parse(text).has_value()) << text;
  }
}

TEST(RedisMessage, OfSomebodyElseIsNone) {
  const std::string many_zeros = "E 1 " + std::string(1000, '0') + "1 0 0 0\n";
  for (const std::string_view text : {std::string_view(),
                                      std::string_view("E"),
                                      std::string_view("E 1"),
                                      std::string_view("E 1 1"),
                                      std::string_view("E 1 1 0"),
                                      std::string_view("E 1 1 0 0"),
                                      std::string_view("E 1 1 0 0\n"),
                                      std::string_view("E 1 1 0 0\nx"),
                                      std::string_view("E 1 1 0 0 2\nx"),
                                      std::string_view("E 1 1 0 0 0\nx"),
                                      std::string_view("E 1 1 0 0 1\n"),
                                      std::string_view("E 1 1 0 0 1 1\nx"),
                                      std::string_view("E 1 1 0 0 1 \nx"),
                                      std::string_view("E 1 1 0 0  1\nx"),
                                      std::string_view("E  1 1 0 0 1\nx"),
                                      std::string_view("E 1 -1 0 0 1\nx"),
                                      std::string_view("E 1 +1 0 0 1\nx"),
                                      std::string_view("E 1 1 0 x 1\nx"),
                                      std::string_view("E 1 1 0 0 x\nx"),
                                      std::string_view("E 1 1 0 0 18446744073709551615 2\nx"),
                                      std::string_view("E 0 1 0 0 1\nx"),
                                      std::string_view("E 1 0 0 0 1\nx"),
                                      std::string_view("E 1 1 2 0 1\nx"),
                                      std::string_view("E 1 9007199254740992 0 0 1\nx"),
                                      std::string_view("E 1 9007199254740991 0 0 1 0\nx"),
                                      std::string_view("E 4503599627370496 1 0 0 1\nx"),
                                      std::string_view("E 1 18446744073709551616 0 0 1\nx"),
                                      std::string_view("C 1 1"),
                                      std::string_view("C 1 9007199254740992"),
                                      std::string_view("D 1 0"),
                                      std::string_view("B 1 2 1"),
                                      std::string_view("B 1 0 1"),
                                      std::string_view("L 1 0"),
                                      std::string_view("Z 1 1"),
                                      std::string_view("e 1 1 0 0 1\nx"),
                                      std::string_view(many_zeros)}) {
    EXPECT_FALSE(RedisMessage::parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace tidings
