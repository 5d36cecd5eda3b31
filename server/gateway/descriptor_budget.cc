#include "tidings/server/gateway/descriptor_budget.h"

#include <sys/resource.h>

#include <limits>

namespace tidings {

DescriptorBudget DescriptorBudget::of_process() {
  constexpr int kMost = std::numeric_limits<int>::max();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > kMost) return DescriptorBudget(kMost);
  return DescriptorBudget(static_cast<int>(limit.rlim_cur));
}

}  // namespace tidings
