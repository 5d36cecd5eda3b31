// An endpoint that is tested: greeting_test.cc is how.
#pragma once

#include "tidings/server/server.h"

// `/greeting/:name`: greets at once, then every second. Throws a Refusal (404) for who is called nothing.
tidings::EventStream greeting(tidings::Request request, tidings::Loop& loop);
