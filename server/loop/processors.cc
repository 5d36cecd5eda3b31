#include "tidings/server/loop/processors.h"

namespace tidings {

Processors::Processors() { CPU_ZERO_S(sizeof sets_, sets_.data()); }

Processors Processors::of_this_thread() {
  Processors all;
  sched_getaffinity(0, sizeof all.sets_, all.sets_.data());
  return all;
}

Processors Processors::one(unsigned number) {
  Processors one;
  if (number < kMost) CPU_SET_S(number, sizeof one.sets_, one.sets_.data());
  return one;
}

bool Processors::take() const { return sched_setaffinity(0, sizeof sets_, sets_.data()) == 0; }

bool Processors::contains(unsigned number) const {
  return number < kMost && CPU_ISSET_S(number, sizeof sets_, sets_.data());
}

std::string Processors::text() const {
  std::string text;
  for (unsigned number = 0; number < kMost; ++number) {
    if (!contains(number)) continue;
    text.append(text.empty() ? "" : ",").append(std::to_string(number));
    if (!contains(number + 1)) continue;
    while (contains(number + 1)) ++number;
    text.append("-").append(std::to_string(number));
  }
  return text;
}

}  // namespace tidings
