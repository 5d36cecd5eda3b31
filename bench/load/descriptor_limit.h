// Raises the limit on descriptors: each client takes one here and one in the server, which inherits the limit.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>

namespace tidings::bench {

// Raises it to what this user may have, and to 100,000 where that is more and it is allowed. Returns for how many
// clients the limit is enough then.
inline std::size_t raise_descriptor_limit() {
  constexpr rlim_t kWanted = 100'000, kOthers = 100;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t most = std::max(limit.rlim_max, kWanted);
  const rlimit raised{.rlim_cur = most, .rlim_max = most},
      allowed{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) != 0) setrlimit(RLIMIT_NOFILE, &allowed);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur - std::min(limit.rlim_cur, kOthers);
}

}  // namespace tidings::bench
