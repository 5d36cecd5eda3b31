// Samples of one figure, and their percentiles. One thread at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace tidings::bench {

class Percentiles {
 public:
  void add(double sample) {
    samples_.push_back(sample);
    is_sorted_ = false;
  }
  void add(const Percentiles& other) {
    samples_.insert(samples_.end(), other.samples_.begin(), other.samples_.end());
    is_sorted_ = false;
  }
  std::size_t count() const { return samples_.size(); }

  // The smallest sample such that at least `percent` of all samples are not above it (the nearest rank); 0 where there
  // are no samples.
  double at(double percent) {
    if (samples_.empty()) return 0;
    sort();
    const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(samples_.size())));
    return samples_[std::clamp<std::size_t>(rank, 1, samples_.size()) - 1];
  }

 private:
  void sort() {
    if (!is_sorted_) std::sort(samples_.begin(), samples_.end());
    is_sorted_ = true;
  }

  std::vector<double> samples_;
  bool is_sorted_ = true;
};

}  // namespace tidings::bench
