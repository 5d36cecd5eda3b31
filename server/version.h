// The version of Tidings, and what it was built with. CHANGELOG.md's newest heading and MODULE.bazel have the same
// version: a test says so. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace tidings {

inline constexpr std::string_view kVersion = "0.1.0";

// The compiler and the libraries by name and version, for whoever reports a fault.
std::string built_with();

}  // namespace tidings
