// The version of Tidings, and what it was built with. CHANGELOG.md's newest heading and MODULE.bazel have the same
// version: a test says so. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidings {

inline constexpr std::string_view kVersion = "0.1.0";

// The compiler, or a library.
struct Component {
  std::string_view key;  // lower-case letters
  std::string name;      // as people know it; empty where the version begins with it
  std::string version;
};

// For whoever reports a fault. What the program alone is built with is in build_info.h.
std::vector<Component> built_with();

}  // namespace tidings
