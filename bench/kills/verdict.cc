#include "tidings/bench/kills/verdict.h"

#include <cstdio>
#include <numeric>

namespace tidings::bench {
namespace {

constexpr std::uint64_t kMostPrinted = 20;

}  // namespace

void Verdict::add(Fault fault, const std::string& sentence) {
  counts_[static_cast<std::size_t>(fault)] += 1;
  if (count() <= kMostPrinted) std::fprintf(stderr, "WRONG: %s.\n", sentence.c_str());
}

std::uint64_t Verdict::count() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& each) { return sum + each; });
}

}  // namespace tidings::bench
