// What answers requests at a path: a program gives these to its server. They run on worker threads, several at a time.
#pragma once

#include <functional>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/request.h"

namespace tidings {

// What it throws is a 500, or what a Refusal says.
using Handler = std::function<Answer(const Request&)>;
// Throws a Refusal where a request's head is enough for it.
using Admission = std::function<void(const Request&)>;

}  // namespace tidings
