#include "client_wasm/plot.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "client_wasm/frame.h"

extern "C" tidings::dom::Operation tidings_dom_plot();  // plot.js

namespace tidings::dom {

Plot::Plot(Element canvas, double span, double gap, std::size_t most)
    : canvas_(std::move(canvas)), span_(span), gap_(gap), most_(std::max<std::size_t>(most, 2)) {}

void Plot::add(double time, double value) {
  const auto is_shown = [&](const Point& point) { return point.time >= time - span_; };
  auto first = std::find_if(points_.begin(), points_.end(), is_shown);
  if (first == points_.begin() && points_.size() == most_) ++first;
  points_.erase(points_.begin(), first);
  points_.push_back({time, value});
}

double Plot::largest() const {
  double found = points_.empty() ? 0 : points_[0].value;
  for (const Point& point : points_) found = std::max(found, point.value);
  return found;
}

double Plot::smallest() const {
  double found = points_.empty() ? 0 : points_[0].value;
  for (const Point& point : points_) found = std::min(found, point.value);
  return found;
}

void Plot::draw(double bottom, double top) const {
  static const Operation plot = tidings_dom_plot();
  // Pairs of x and y, from 0 at the left and the bottom to 1; a break is a pair that is no number.
  constexpr float kBreak = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> pairs;
  const Point* before = nullptr;
  for (const Point& point : points_) {
    if (before && point.time - before->time > gap_) pairs.insert(pairs.end(), {kBreak, kBreak});
    pairs.push_back(static_cast<float>(1 - (points_.back().time - point.time) / span_));
    pairs.push_back(static_cast<float>((point.value - bottom) / (top - bottom)));
    before = &point;
  }
  replace(canvas_.number(), plot, {}, {reinterpret_cast<const char*>(pairs.data()), pairs.size() * sizeof(float)});
}

}  // namespace tidings::dom
