// One contender, once: started, subscribed to, published to, stopped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/contenders.h"

namespace tidings::bench {

struct Broadcast {
  std::size_t subscribers = 2000;
  std::size_t events = 50, bytes = 100, rate = 10;  // rate: a second
};

struct BroadcastOutcome {
  std::string failure;                // empty, or why there are no figures
  double open_s = 0;                  // until all streams had their response's head
  double idle_kib = 0, used_kib = 0;  // for each subscriber, over the server without any; after opening, at the end
  double cpu_us = 0;                  // the server's and its children's, for a delivered event
  double p50_ms = 0, p99_ms = 0, max_ms = 0;  // from publishing until the subscriber has the event
  double late_ms = 0;                         // the publisher, behind its schedule at most
  double own_cpu_us = 0;                      // the load generator's, for a delivered event
  double others = 0;                          // of the machine's CPU, what neither of them took
  std::uint64_t lost = 0, misplaced = 0;
};

// No events: opens the streams and measures memory alone. Takes 100 s and the time of publishing at most. Does not
// throw: what goes wrong is the outcome's failure.
BroadcastOutcome run(const Broadcast& broadcast, Contenders& contenders, const Contender& contender);

}  // namespace tidings::bench
