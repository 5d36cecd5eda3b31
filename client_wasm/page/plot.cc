#include "tidings/client_wasm/page/plot.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "tidings/client_wasm/dom/frame.h"

extern "C" tidings::dom::Operation tidings_dom_plot();  // plot.js

namespace tidings::dom {

Plot::Plot(Element canvas, double span, double gap) : canvas_(std::move(canvas)) {
  picture_.span = span;
  picture_.gap = gap;
}

void Plot::add(double time, double value) {
  Point* const begin = picture_.points;
  Point* const end = begin + count_;
  Point* first = count_ == kMost ? begin + 1 : begin;
  while (first != end && first->time < time - picture_.span) ++first;
  Point* const last = std::copy(first, end, begin);
  *last = {time, value};
  count_ = std::size_t(last - begin) + 1;
}

double Plot::largest() const {
  double found = count_ == 0 ? 0 : picture_.points[0].value;
  for (std::size_t i = 1; i < count_; ++i) found = std::max(found, picture_.points[i].value);
  return found;
}

double Plot::smallest() const {
  double found = count_ == 0 ? 0 : picture_.points[0].value;
  for (std::size_t i = 1; i < count_; ++i) found = std::min(found, picture_.points[i].value);
  return found;
}

void Plot::draw(double bottom, double top) {
  static const Operation plot = tidings_dom_plot();
  picture_.bottom = bottom;
  picture_.top = top;
  const char* const begin = reinterpret_cast<const char*>(&picture_);
  const char* const end = reinterpret_cast<const char*>(picture_.points + count_);
  replace(canvas_.number(), plot, {}, {begin, std::size_t(end - begin)});
}

}  // namespace tidings::dom
