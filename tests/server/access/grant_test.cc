// Which channels a grant's patterns match.
#include "tidings/server/access/grant.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(Grant, APatternIsANameABeginningWithAStarOrTheStarAlone) {
  struct Row {
    std::vector<std::string> patterns;
    const char* name;
    bool is_matched;
  };
  for (const Row& row : {
           Row{{"news"}, "news", true},
           Row{{"news"}, "newsletter", false},
           Row{{"news"}, "New", false},
           Row{{"*"}, "news", true},
           Row{{"robots.*"}, "robots.1", true},
           Row{{"robots.*"}, "robots.", true},
           Row{{"robots.*"}, "robots", false},
           Row{{"robots.*"}, "other.robots.1", false},
           Row{{"other", "robots.*"}, "robots.1", true},
           Row{{"*.robots"}, "1.robots", false},
           Row{{"**"}, "news", false},
           Row{{"n*s"}, "news", false},
           Row{{""}, "news", false},
           Row{{}, "news", false},
       }) {
    EXPECT_EQ(matches(row.patterns, row.name), row.is_matched)
        << (row.patterns.empty() ? "" : row.patterns.front()) << ' ' << row.name;
  }
}

}  // namespace
}  // namespace tidings
