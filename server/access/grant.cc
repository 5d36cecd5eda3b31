#include "tidings/server/access/grant.h"

#include <algorithm>

namespace tidings {

bool matches(const std::vector<std::string>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(), [name](std::string_view pattern) {
    const std::size_t star = pattern.find('*');
    if (star == pattern.npos) return pattern == name;
    return star + 1 == pattern.size() && name.starts_with(pattern.substr(0, star));
  });
}

}  // namespace tidings
