// A line on a <canvas>, of values over the last stretch of time; its colour is the canvas's text colour. It draws a
// line and the area below it, no axes and no words, which are for the page. The canvas has its size from a style sheet,
// for its attributes are the number of pixels. It is drawn anew where the canvas gets another size, and at the end of a
// transition to another colour: `transition: color 1ms` will do. The page has one thread.
#pragma once

#include <cstddef>

#include "tidings/client_wasm/dom/dom.h"

namespace tidings::dom {

class Plot {
 public:
  static constexpr std::size_t kMost = 100;  // points

  // Shows the last `span` of time, in whatever unit times are given, and at most the newest kMost points. Where two are
  // more than `gap` apart the line is broken.
  Plot(Element canvas, double span, double gap);

  // Times do not go back.
  void add(double time, double value);

  // The largest and the smallest of the values shown; 0 where there are none.
  double largest() const;
  double smallest() const;

  // Draws the points with the next frame, with the values `bottom` and `top` at the edges.
  void draw(double bottom, double top);

 private:
  struct Point {
    double time, value;
  };
  // plot.js reads it as it stands, as far as there are points.
  struct Picture {
    double span, gap, bottom, top;
    Point points[kMost];
  };

  Element canvas_;
  std::size_t count_ = 0;
  Picture picture_;
};

}  // namespace tidings::dom
