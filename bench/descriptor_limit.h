// A client takes a descriptor, and the server, which inherits the limit, another.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace tidings::bench {

// As many as this user may have; 100,000 where that is fewer and raising it is allowed.
inline void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::max<rlim_t>(limit.rlim_max, 100'000);
  const rlimit raised{.rlim_cur = wanted, .rlim_max = wanted};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// After raise_descriptor_limit(): throws std::runtime_error where this program or a server can't have so many clients.
inline void require_descriptors(std::size_t clients) {
  constexpr std::size_t kOthers = 64;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= clients + kOthers) return;
  throw std::runtime_error(std::to_string(clients) + " clients take more than the " + std::to_string(limit.rlim_cur) +
                           " descriptors of this user: raise the limit (ulimit -Hn) or give --clients fewer.");
}

}  // namespace tidings::bench
