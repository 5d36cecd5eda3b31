// Where it was before programs had it for their own tests.
#pragma once

#include "tidings/server/testing/manual_clock.h"
