#include "tidings/server/http/path_pattern.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tidings/server/http/text.h"

namespace tidings {
namespace {

// Not what regular expressions and percent-encoding are made of: whoever writes that means something else than the
// text.
bool is_literal_character(char c) {
  return is_alphanumeric(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("-._~!&',;=@").find(c) != std::string_view::npos;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '_'; });
}

// The next segment of a path that begins with a slash, which is taken too.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

}  // namespace

PathPattern::PathPattern(std::string_view text) {
  const auto require = [text](bool is_right) {
    if (is_right) return;
    throw std::invalid_argument("The pattern \"" + std::string(text) +
                                "\" is none: give a path such as /news, /channels/:name (a segment) or /files/*path "
                                "(all the rest), decoded and not as a regular expression.");
  };
  std::vector<std::string> names;
  const auto add_name = [&](std::string_view name) {
    require(is_name(name) && std::find(names.begin(), names.end(), name) == names.end());
    names.emplace_back(name);
  };
  std::string_view rest = text;
  do {
    require(rest.starts_with('/'));
    const std::string_view segment = take_segment(rest);
    if (segment.starts_with(':')) {
      add_name(segment.substr(1));
      segments_.push_back({Kind::kSegment, {}});
    } else if (segment.starts_with('*')) {
      require(rest.empty());
      add_name(segment.substr(1));
      segments_.push_back({Kind::kRest, {}});
    } else {
      require(std::all_of(segment.begin(), segment.end(), is_literal_character));
      segments_.push_back({Kind::kLiteral, std::string(segment)});
    }
  } while (!rest.empty());
  names_ = std::make_shared<const std::vector<std::string>>(std::move(names));
}

std::optional<std::vector<std::string>> PathPattern::match(std::string_view path) const {
  std::vector<std::string> captures;
  for (const Segment& each : segments_) {
    if (!path.starts_with('/')) return std::nullopt;
    if (each.kind == Kind::kRest) {
      captures.emplace_back(path.substr(1));
      return captures;
    }
    const std::string_view segment = take_segment(path);
    if (each.kind == Kind::kSegment) {
      captures.emplace_back(segment);
    } else if (segment != each.text) {
      return std::nullopt;
    }
  }
  if (!path.empty()) return std::nullopt;
  return captures;
}

}  // namespace tidings
