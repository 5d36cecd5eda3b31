// The robot's battery as an event stream: its charge at once, then every second.
#pragma once

#include "tidings/server/server.h"

namespace standalone {

tidings::EventStream battery(tidings::Request request, tidings::Loop& loop);

}  // namespace standalone
