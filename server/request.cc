#include "server/request.h"

#include <functional>

#include "server/text.h"

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

std::optional<std::string_view> Request::parameter(std::string_view name) const {
  return first(parameters, name, std::equal_to<std::string_view>());
}

std::optional<std::string_view> Request::header(std::string_view name) const { return first_field(headers, name); }

std::optional<std::string_view> Request::last_event_id() const {
  for (const auto id : {header("Last-Event-ID"), parameter("last_event_id"), parameter("lastEventId")}) {
    if (id && !id->empty()) return id;
  }
  return std::nullopt;
}

std::optional<std::string_view> first_field(const Request::Fields& fields, std::string_view name) {
  return first(fields, name, equal_but_for_case);
}

}  // namespace tidings
