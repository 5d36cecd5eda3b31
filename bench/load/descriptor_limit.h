// A client takes a descriptor, and the server, which inherits the limit, another.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>

namespace tidings::bench {

// As many as this user may have; 100,000 where that is fewer and raising it is allowed. Returns for how many clients
// that is enough.
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
