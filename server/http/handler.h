// What answers requests at a path: a program gives these to its server. They run on worker threads, several at a time.
#pragma once

#include <functional>
#include <variant>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/reply.h"
#include "tidings/server/http/request.h"

namespace tidings {

// A Refusal that it throws is answered with what it says, any other exception with a 500.
using Handler = std::function<Answer(const Request&)>;
// The same for one that answers later: it returns at once, and whoever has the answer gives it to the Reply. The
// request is valid during the call.
// A client that has had no answer within ServerOptions::answer_timeout gets a 503.
using LaterHandler = std::function<void(const Request&, Reply)>;
using AnyHandler = std::variant<Handler, LaterHandler>;

}  // namespace tidings
