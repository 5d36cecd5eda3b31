#include "tidings/protocol/typed/typed.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/protocol/typed/json_reader.h"

namespace robots {

struct Pose {
  double x = 0, y = 0;
  float heading = 0;
  bool operator==(const Pose&) const = default;
};
TIDINGS_EVENT(Pose, "pose", x, y, heading);

struct Joint {
  std::string name;
  std::int16_t angle = 0;
  bool operator==(const Joint&) const = default;
};
TIDINGS_STRUCT(Joint, name, angle);

struct Arm {
  bool is_on = false;
  std::vector<Joint> joints;
  std::optional<Pose> target;
  std::uint64_t ticks = 0;
  std::int64_t offset = 0;
  std::string note = "none";
  std::vector<unsigned char> levels;
  bool operator==(const Arm&) const = default;
};
TIDINGS_EVENT(Arm, "arm", is_on, joints, target, ticks, offset, (note), (levels));

struct Tree {
  int leaf = 0;
  std::vector<Tree> branches;
};
TIDINGS_STRUCT(Tree, leaf, (branches));

struct Many {
  int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z;
};
TIDINGS_STRUCT(Many, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z);

}  // namespace robots

namespace tidings {
namespace {

using robots::Arm;
using robots::Joint;
using robots::Pose;
using robots::Tree;

template <class T>
std::string json(const T& value) {
  return to_json(&value, *describe<T>());
}

// As `path what`.
template <class T>
std::string problem_of(std::string_view text) {
  JsonProblem problem;
  if (from_json<T>(text, problem)) return "";
  return problem.path + ' ' + problem.what;
}

template <class T>
T read(std::string_view text) {
  JsonProblem problem;
  std::optional<T> value = from_json<T>(text, problem);
  EXPECT_TRUE(value) << text << ": " << problem.path << ' ' << problem.what;
  return value.value_or(T());
}

TEST(Typed, AStructIsAnEventOfItsType) {
  const Event event = typed(Pose{1.5, -2, 0.1f});
  EXPECT_EQ(event.type(), "pose");
  EXPECT_EQ(event.data(), R"({"x":1.5,"y":-2,"heading":0.1})");
  EXPECT_EQ(typed("place", Pose()).type(), "place");
}

TEST(Typed, EveryMemberComesBackAsItWas) {
  const Arm arm{true,
                {{"shoulder", -90}, {"a \"quoted\" \\ \n\t\x01 one, \u00e9 \U0001F4F0", 32767}},
                Pose{1e-300, 5e-324, -1.17549435e-38f},
                std::numeric_limits<std::uint64_t>::max(),
                std::numeric_limits<std::int64_t>::min(),
                std::string("a\0b", 3),
                {0, 255}};
  EXPECT_EQ(read<Arm>(json(arm)), arm);
  EXPECT_EQ(read<Arm>(json(Arm())), Arm());
  EXPECT_EQ(json(Arm()), R"({"is_on":false,"joints":[],"ticks":0,"offset":0,"note":"none","levels":[]})");
}

std::uint64_t bits(double number) {
  std::uint64_t bits;
  std::memcpy(&bits, &number, sizeof bits);
  return bits;
}

TEST(Typed, DoublesComeBackExactly) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t any = random();
    double x;
    std::memcpy(&x, &any, sizeof x);
    if (!std::isfinite(x)) continue;
    ASSERT_EQ(bits(read<Pose>(json(Pose{x, 0, 0})).x), any);
    const double y = static_cast<double>(static_cast<int>(random() % 2'000'000) - 1'000'000) / 1000;  // as most are
    ASSERT_EQ(read<Pose>(json(Pose{0, y, 0})).y, y);
  }
}

TEST(Typed, WhatJsonDoesNotKnowAsANumberIsNull) {
  const std::string text = json(Pose{std::numeric_limits<double>::infinity(), std::nan(""), 1});
  EXPECT_EQ(text, R"({"x":null,"y":null,"heading":1})");
  EXPECT_TRUE(std::isnan(read<Pose>(text).x));
}

TEST(Typed, AnIntegerThatJavaScriptWouldRoundIsAText) {
  Arm arm;
  arm.ticks = (std::uint64_t{1} << 53) + 1;
  arm.offset = -(std::int64_t{1} << 53) - 1;
  EXPECT_NE(json(arm).find(R"("ticks":"9007199254740993","offset":"-9007199254740993")"), std::string::npos);
  arm.ticks -= 1;
  EXPECT_NE(json(arm).find(R"("ticks":9007199254740992,)"), std::string::npos);
  EXPECT_EQ(read<Arm>(R"({"is_on":true,"joints":[],"ticks":18446744073709551615,"offset":"-1"})").offset, -1);
}

TEST(Typed, MalformedUtf8IsReplaced) { EXPECT_EQ(json(Joint{"a\xFFz", 0}), "{\"name\":\"a\uFFFDz\",\"angle\":0}"); }

TEST(Typed, WhatIsNotDescribedIsIgnoredAndTheOrderDoesNotMatter) {
  const Pose pose{1, 2, 3};
  for (
      const char* text : {
          R"({"heading":3,"y":2,"x":1})",
          R"( { "x" : 1 , "z" : { "a" : [ 1 , "}" , null , { } , [ ] ] , "b" : -1.5e+3 } , "y" : 2 , "heading" : 3 } )",
          R"({"x":9,"x":1,"y":2,"heading":3})",
          R"({"\u0078":1,"y":2.0e0,"heading":3})",
      }) {
    EXPECT_EQ(read<Pose>(text), pose) << text;
  }
}

TEST(Typed, TextsHaveTheirEscapesTakenOff) {
  EXPECT_EQ(read<Joint>(R"({"name":"\"\\\/\b\f\n\r\tA\u00e9\u20AC\ud83d\udcf0","angle":1})").name,
            "\"\\/\b\f\n\r\tA\u00e9\u20ac\U0001F4F0");
  EXPECT_EQ(read<Joint>(R"({"name":"\ud83d!\udcf0\ud83d\u0041\ud83d","angle":1})").name,
            "\uFFFD!\uFFFD\uFFFD"
            "A\uFFFD");
}

TEST(Typed, WhatIsWrongIsSaidWithItsPath) {
  struct Row {
    std::string text, problem;
  };
  for (const Row& row : {
           Row{"", " is no object"},
           Row{"[]", " is no object"},
           Row{"{", " is no JSON"},
           Row{"{}", "is_on is missing"},
           Row{R"({"is_on":true,"joints":[],"ticks":1,"offset":0} x)", " is no JSON"},
           Row{R"({"is_on":true,"joints":[],"ticks":1,"offset":0,})", " is no JSON"},
           Row{R"({"is_on":true "joints":[]})", " is no JSON"},
           Row{R"({"is_on":1})", "is_on is neither true nor false"},
           Row{R"({"is_on":null})", "is_on is neither true nor false"},
           Row{R"({"is_on":true,"joints":{}})", "joints is no list"},
           Row{R"({"joints":[{"name":"a","angle":1},{"name":"b"}]})", "joints[1].angle is missing"},
           Row{R"({"joints":[{"name":"a","angle":32768}]})", "joints[0].angle is out of range"},
           Row{R"({"joints":[{"name":"a","angle":-32769}]})", "joints[0].angle is out of range"},
           Row{R"({"joints":[{"name":"a","angle":1.5}]})", "joints[0].angle is no integer"},
           Row{R"({"joints":[{"name":"a","angle":"1"}]})", "joints[0].angle is no integer"},
           Row{R"({"joints":[{"name":1}]})", "joints[0].name is no text"},
           Row{"{\"joints\":[{\"name\":\"a\nb\"}]}", "joints[0].name is no text"},
           Row{R"({"joints":[{"name":"\x"}]})", "joints[0].name is no text"},
           Row{R"({"joints":[{"name":"\u12g4"}]})", "joints[0].name is no text"},
           Row{R"({"joints":[{"name":"a)", "joints[0].name is no text"},
           Row{R"({"target":{"x":1,"y":2}})", "target.heading is missing"},
           Row{R"({"target":{"x":1e400}})", "target.x is out of range"},
           Row{R"({"target":{"heading":-3.5e38}})", "target.heading is out of range"},
           Row{R"({"target":{"x":01}})", "target.x is no number"},
           Row{R"({"target":{"x":.5}})", "target.x is no number"},
           Row{R"({"target":{"x":1.}})", "target.x is no number"},
           Row{R"({"target":{"x":+1}})", "target.x is no number"},
           Row{R"({"target":{"x":NaN}})", "target.x is no number"},
           Row{R"({"ticks":-1})", "ticks is out of range"},
           Row{R"({"ticks":18446744073709551616})", "ticks is out of range"},
           Row{R"({"ticks":" 1"})", "ticks is no integer"},
           Row{R"({"offset":9223372036854775808})", "offset is out of range"},
           Row{R"({"levels":[0,256]})", "levels[1] is out of range"},
           Row{R"({"unknown":[1,]})", " is no JSON"},
           Row{R"({"unknown":{"a":1,"b"}})", " is no JSON"},
       }) {
    EXPECT_EQ(problem_of<Arm>(row.text), row.problem) << row.text;
  }
}

TEST(Typed, ATextThatIsCutAnywhereIsRefused) {
  Arm arm;
  arm.joints = {{"a", 1}};
  arm.target = Pose{1, 2, 3};
  const std::string text = json(arm);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_NE(problem_of<Arm>(std::string(text, 0, size)), "") << size;
  }
}

TEST(Typed, WhatIsNestedTooDeepIsRefused) {
  const auto nested = [](const std::string& open, const std::string& close) {
    std::string text = "{\"leaf\":1,\"unknown\":";
    for (int i = 0; i < 100'000; ++i) text += open;
    text += "1";
    for (int i = 0; i < 100'000; ++i) text += close;
    return text + "}";
  };
  EXPECT_EQ(problem_of<Tree>(nested("[", "]")), " is no JSON");
  EXPECT_EQ(problem_of<Tree>(nested("{\"a\":", "}")), " is no JSON");
  std::string tree = "{\"leaf\":1}";
  for (int i = 0; i < 20; ++i) tree = "{\"leaf\":1,\"branches\":[" + tree + "]}";
  EXPECT_EQ(problem_of<Tree>(tree), "");
  for (int i = 0; i < 1000; ++i) tree = "{\"leaf\":1,\"branches\":[" + tree + "]}";
  EXPECT_NE(problem_of<Tree>(tree), "");
}

TEST(Typed, AStructMayHaveManyMembers) {
  const auto many =
      robots::Many{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26};
  EXPECT_EQ(describe<robots::Many>()->count, 26u);
  EXPECT_EQ(read<robots::Many>(json(many)).z, 26);
}

}  // namespace
}  // namespace tidings
