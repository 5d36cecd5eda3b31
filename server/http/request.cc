#include "tidings/server/http/request.h"

#include <algorithm>
#include <cstddef>
#include <functional>

#include "tidings/server/http/text.h"

namespace tidings {
namespace {

template <class Same>
std::optional<std::string_view> first(const Request::Fields& fields, std::string_view name, Same same) {
  for (const auto& [key, value] : fields) {
    if (same(key, name)) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> Request::capture(std::string_view name) const {
  if (capture_names == nullptr) return std::nullopt;
  const auto found = std::find(capture_names->begin(), capture_names->end(), name);
  if (found == capture_names->end()) return std::nullopt;
  return captures.at(static_cast<std::size_t>(found - capture_names->begin()));
}

std::optional<std::string_view> Request::parameter(std::string_view name) const {
  return first(parameters, name, std::equal_to<std::string_view>());
}

std::optional<std::string_view> Request::header(std::string_view name) const { return first_field(headers, name); }

std::optional<std::string_view> Request::cookie(std::string_view name) const {
  std::string_view rest = header("Cookie").value_or("");
  while (!rest.empty()) {
    const std::string_view pair = trimmed(rest.substr(0, rest.find(';')));
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
    rest.remove_prefix(std::min(rest.find(';'), rest.size() - 1) + 1);
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::last_event_id() const {
  if (const auto id = header("Last-Event-ID"); id && !id->empty()) return id;
  for (const std::string_view name : {"lastEventId", "last_event_id"}) {
    std::optional<std::string_view> last;
    for (const auto& [key, value] : parameters) {
      if (key == name && !value.empty()) last = value;
    }
    if (last) return last;
  }
  return std::nullopt;
}

std::optional<std::string_view> first_field(const Request::Fields& fields, std::string_view name) {
  return first(fields, name, equal_but_for_case);
}

}  // namespace tidings
