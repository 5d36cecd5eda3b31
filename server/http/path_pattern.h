// The paths that a route serves: literal text with captures.
//
//   /channels/:name    one segment, perhaps an empty one: /channels/news
//   /files/*path       all the rest, slashes too, perhaps nothing: /files/a/b.txt
//
// Matching takes time linear in the path, no more stack for a longer one, and never goes back. Not a regular
// expression: the ones of the standard library recurse for each character, and a long path ends the process. Immutable:
// any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

class PathPattern {
 public:
  // `text` begins with a slash. Each of its segments is literal, of letters, digits, - . _ ~ ! & ' , ; = @ and what is
  // not ASCII; or `:` and a name; or, as the last, `*` and a name. Throws std::invalid_argument with a sentence for
  // anything else, and where two captures have one name.
  explicit PathPattern(std::string_view text);

  // What each capture stands for, where the whole of the percent-decoded path matches; else empty.
  std::optional<std::vector<std::string>> match(std::string_view path) const;
  // What the captures are called.
  const std::shared_ptr<const std::vector<std::string>>& names() const { return names_; }

  // Whether they match the same paths, whatever their captures are called.
  bool operator==(const PathPattern& other) const { return segments_ == other.segments_; }

 private:
  enum class Kind { kLiteral, kSegment, kRest };
  struct Segment {
    Kind kind;
    std::string text;  // of a literal
    bool operator==(const Segment&) const = default;
  };

  std::vector<Segment> segments_;
  std::shared_ptr<const std::vector<std::string>> names_;
};

}  // namespace tidings
