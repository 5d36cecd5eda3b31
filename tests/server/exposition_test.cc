#include "tidings/server/exposition.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace tidings {
namespace {

TEST(Exposition, HasAHeadForEachMetricAndALineForEachSample) {
  Exposition text;
  text.begin("a_total", "counter", "What a is.");
  text.add(3);
  text.begin("b", "gauge", "What b is.");
  text.add(1, {{"x", "1"}, {"y", "2"}});
  text.add_real(0.25, {{"le", "+Inf"}}, "_bucket");
  EXPECT_EQ(text.text(),
            "# HELP a_total What a is.\n# TYPE a_total counter\na_total 3\n"
            "# HELP b What b is.\n# TYPE b gauge\nb{x=\"1\",y=\"2\"} 1\nb_bucket{le=\"+Inf\"} 0.25\n");
}

TEST(Exposition, ALabelsValueMayBeAnything) {
  Exposition text;
  text.begin("a", "gauge", "A.");
  text.add(1, {{"path", "C:\\\"quoted\"\nnext"}});
  EXPECT_NE(text.text().find("a{path=\"C:\\\\\\\"quoted\\\"\\nnext\"} 1\n"), std::string::npos) << text.text();
}

TEST(Exposition, NumbersHaveNoExponent) {
  EXPECT_EQ(decimal(0.0005), "0.0005");
  EXPECT_EQ(decimal(1796068382.5), "1796068382.5");
  EXPECT_EQ(decimal(1e21), "1000000000000000000000");
  EXPECT_EQ(decimal(std::numeric_limits<double>::max()).size(), 309u);
}

}  // namespace
}  // namespace tidings
