// A plot on a canvas of 100 by 100 pixels, of which its edges are kept free for the dot.
#include "client_wasm/plot.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string_view>
#include <utility>

extern "C" {
// fake_document.js
void fake_document_install();
int fake_document_paint();
bool fake_document_has_lines(const char* lines, std::size_t length);
}

namespace tidings::dom {
namespace {

class PlotTest : public testing::Test {
 protected:
  PlotTest() : canvas_((fake_document_install(), Element::by_id("canvas"))) {}
  // Whether these lines were drawn since the last look, as "x,y,x,y x,y,x,y".
  static bool has_lines(std::string_view lines) { return fake_document_has_lines(lines.data(), lines.size()); }

  Element canvas_;
};

TEST_F(PlotTest, DrawsALineFromTheFirstToTheNewestAtTheRight) {
  Plot plot(std::move(canvas_), 60, 1000, 100);
  plot.add(100, 0);
  plot.add(130, 50);
  plot.add(160, 100);
  plot.draw(0, 100);
  EXPECT_EQ(fake_document_paint(), 1);
  EXPECT_TRUE(has_lines("0,97,49,50 49,50,97,3"));
}

TEST_F(PlotTest, BreaksTheLineWhereNothingCame) {
  Plot plot(std::move(canvas_), 60, 10, 100);
  for (const double time : {100, 106, 148, 154, 160}) plot.add(time, 0);
  plot.draw(0, 1);
  fake_document_paint();
  EXPECT_TRUE(has_lines("0,97,10,97 78,97,87,97 87,97,97,97"));
}

TEST_F(PlotTest, HoldsWhatIsWithinItsSpanAndNoMoreThanItsMost) {
  Plot plot(std::move(canvas_), 60, 1000, 3);
  EXPECT_EQ(plot.largest(), 0);
  EXPECT_EQ(plot.smallest(), 0);
  plot.add(0, 99);
  plot.add(1, -99);
  EXPECT_EQ(plot.largest(), 99);
  EXPECT_EQ(plot.smallest(), -99);
  plot.add(61, 5);
  EXPECT_EQ(plot.largest(), 5);
  EXPECT_EQ(plot.smallest(), -99);
  plot.add(62, 6);
  plot.add(63, 7);
  plot.add(64, 8);
  EXPECT_EQ(plot.smallest(), 6);
  plot.draw(0, 10);
  fake_document_paint();
  EXPECT_TRUE(has_lines("94,41,95,31 95,31,97,22"));
}

}  // namespace
}  // namespace tidings::dom
