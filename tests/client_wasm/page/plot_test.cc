// A plot on a canvas of 100 by 100 pixels, of which its edges are kept free for the dot.
#include "tidings/client_wasm/page/plot.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string_view>
#include <utility>

extern "C" {
// fake_document.js
void fake_document_install();
int fake_document_paint();
void fake_document_widen_canvas(int width);
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
  Plot plot(std::move(canvas_), 60, 1000);
  plot.add(100, 0);
  plot.add(130, 50);
  plot.add(160, 100);
  plot.draw(0, 100);
  EXPECT_EQ(fake_document_paint(), 1);
  EXPECT_TRUE(has_lines("0,97,49,50 49,50,97,3"));
}

TEST_F(PlotTest, BreaksTheLineWhereNothingCame) {
  Plot plot(std::move(canvas_), 60, 10);
  for (const double time : {100, 106, 148, 154, 160}) plot.add(time, 0);
  plot.draw(0, 1);
  fake_document_paint();
  EXPECT_TRUE(has_lines("0,97,10,97 78,97,87,97 87,97,97,97"));
}

TEST_F(PlotTest, IsDrawnAnewWhereItsCanvasGetsAnotherSize) {
  Plot plot(std::move(canvas_), 60, 1000);
  plot.add(100, 0);
  plot.draw(0, 1);
  fake_document_paint();
  plot.add(160, 0);
  plot.draw(0, 1);
  fake_document_paint();
  EXPECT_TRUE(has_lines("0,97,97,97"));
  fake_document_widen_canvas(200);
  EXPECT_TRUE(has_lines("0,97,197,97"));
}

TEST_F(PlotTest, HoldsWhatIsWithinItsSpan) {
  Plot plot(std::move(canvas_), 60, 1000);
  EXPECT_EQ(plot.largest(), 0);
  EXPECT_EQ(plot.smallest(), 0);
  plot.add(0, 99);
  plot.add(1, -99);
  EXPECT_EQ(plot.largest(), 99);
  EXPECT_EQ(plot.smallest(), -99);
  plot.add(61, 5);
  EXPECT_EQ(plot.largest(), 5);
  EXPECT_EQ(plot.smallest(), -99);
  plot.add(91, 5);
  plot.add(121, 0);
  plot.draw(0, 10);
  fake_document_paint();
  EXPECT_TRUE(has_lines("0,50,49,50 49,50,97,97"));
}

TEST_F(PlotTest, HoldsTheNewest) {
  Plot plot(std::move(canvas_), 1000, 1);
  for (std::size_t i = 0; i <= Plot::kMost; ++i) plot.add(double(i), double(i));
  EXPECT_EQ(plot.smallest(), 1);
  EXPECT_EQ(plot.largest(), double(Plot::kMost));
}

}  // namespace
}  // namespace tidings::dom
