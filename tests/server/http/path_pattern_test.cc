#include "tidings/server/http/path_pattern.h"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tidings {
namespace {

using namespace std::string_literals;
using Captures = std::optional<std::vector<std::string>>;

TEST(PathPattern, MatchesTheWholePathAndCaptures) {
  struct Row {
    const char* pattern;
    std::string path;
    Captures captures;
  };
  const Captures none = std::vector<std::string>{};
  for (const Row& row : {
           Row{"/", "/", none},
           Row{"/", "", std::nullopt},
           Row{"/", "//", std::nullopt},
           Row{"/a.b", "/a.b", none},
           Row{"/a.b", "/axb", std::nullopt},
           Row{"/a", "/a/", std::nullopt},
           Row{"/a/", "/a/", none},
           Row{"/a/", "/a", std::nullopt},
           Row{"/a", "//a", std::nullopt},
           Row{"/a", "/A", std::nullopt},
           Row{"/a", "/a\0"s, std::nullopt},
           Row{"/\xC3\xBC", "/\xC3\xBC", none},
           Row{"/c/:name", "/c/x", {{"x"}}},
           Row{"/c/:name", "/c/", {{""}}},
           Row{"/c/:name", "/c", std::nullopt},
           Row{"/c/:name", "/c/x/", std::nullopt},
           Row{"/c/:name", "/c/x/y", std::nullopt},
           Row{"/c/:name", "/c/:name", {{":name"}}},
           Row{"/:a/b/:c", "/x/b/y", {{"x", "y"}}},
           Row{"/:a/b/:c", "//b/", {{"", ""}}},
           Row{"/:a/b/:c", "/x/y/z", std::nullopt},
           Row{"/*path", "/", {{""}}},
           Row{"/*path", "", std::nullopt},
           Row{"/*path", "/a//b/", {{"a//b/"}}},
           Row{"/f/:a/*path", "/f/x/y/z", {{"x", "y/z"}}},
           Row{"/f/*path", "/f", std::nullopt},
       }) {
    EXPECT_EQ(PathPattern(row.pattern).match(row.path), row.captures) << row.pattern << " and " << row.path;
  }
}

TEST(PathPattern, KnowsWhatItsCapturesAreCalled) {
  EXPECT_EQ(*PathPattern("/").names(), std::vector<std::string>());
  EXPECT_EQ(*PathPattern("/:a/b/*rest").names(), (std::vector<std::string>{"a", "rest"}));
  EXPECT_EQ(PathPattern("/:a"), PathPattern("/:b"));
}

TEST(PathPattern, WhatIsNoneIsASentence) {
  for (const char* wrong : {"",     "a",    "a/b",     "/(.*)", "/([0-9]+)", "/a?",   "/a+",    "/[a]",  "/a{2}",
                            "/a|b", "/^a$", "/a\\.js", "/a*",   "/.*",       "/:",    "/*",     "/:a-b", "/*path/b",
                            "/:a*", "/a b", "/a%20b",  "/a#b",  "/a\n",      "/:a:b", "/:a/:a", "/:a/*a"}) {
    try {
      PathPattern pattern(wrong);
      FAIL() << wrong;
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find("such as /news"), std::string::npos) << wrong;
    }
  }
}

TEST(PathPattern, ALongPathCostsNoStack) {
  const std::string segments = [] {
    std::string path;
    for (int i = 0; i < 1'000'000; ++i) path += "/x";
    return path;
  }();
  EXPECT_EQ(PathPattern("/*path").match(segments)->at(0).size(), segments.size() - 1);
  EXPECT_EQ(PathPattern("/:a").match('/' + std::string(5'000'000, 'x'))->at(0).size(), 5'000'000u);
  EXPECT_FALSE(PathPattern("/:a/:b").match(segments));
}

}  // namespace
}  // namespace tidings
