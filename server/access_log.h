// The program's access log: a line when an event stream opens and one when it has ended, with the number that both
// have; who, what, and at the end why, how long and how much. Any thread.
#pragma once

#include <memory>
#include <string>

#include "tidings/server/http/request.h"
#include "tidings/server/log.h"
#include "tidings/server/loop/clock.h"
#include "tidings/server/streams/stream_end.h"

namespace tidings {

// The clock outlives what is returned.
OnStream access_log(const Log& log, const Clock& clock);

// What a stream's client has asked for, on one line: its path, and the parameters that the server and its channels know
// with their values. Of others the name alone is told, since a value may be a secret, as a token's is.
std::string described_target(const Request& request);

}  // namespace tidings
