// Routes that a client may ask only so often: how they say so, and how event streams are held to it. Any thread.
#pragma once

#include <chrono>
#include <string>

#include "tidings/server/access/rate_limit.h"
#include "tidings/server/http/admission.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/loop/clock.h"

namespace tidings {

// A 429 with a Retry-After of that time, in whole seconds.
Refusal too_soon(const std::string& sentence, std::chrono::nanoseconds wait);

// `admit`, behind the limit: each request counts for its address (client_of()), also one that `admit` refuses then, so
// that whoever is asked there is not asked more often than that. Limit and clock outlive it.
AnyAdmission held_to(RateLimit& limit, const Clock& clock, AnyAdmission admit);

}  // namespace tidings
