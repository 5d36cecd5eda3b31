// What the program is, for --version and for /metrics: Tidings' version, and what the program was built with. Any
// thread.
#pragma once

#include <string>

namespace tidings {

// Two lines, for people.
std::string version_text();

// A metric that is always 1, whose labels say the same, in Prometheus's text.
std::string build_info();

}  // namespace tidings
