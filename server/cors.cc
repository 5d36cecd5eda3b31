#include "server/cors.h"

#include <algorithm>
#include <cstddef>

#include "server/text.h"

namespace tidings {
namespace {

constexpr std::size_t kMostAskedBytes = 1024;

}  // namespace

bool CorsPolicy::is_listed(std::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

bool CorsPolicy::allows(std::string_view origin) const { return is_listed(origin) || is_listed("*"); }

Request::Fields CorsPolicy::fields(std::optional<std::string_view> origin) const {
  if (origins_.empty()) return {};
  Request::Fields fields{{"Vary", "Origin"}};  // also for those it refuses: a cache must not mix them up
  if (!origin || !allows(*origin)) return fields;
  fields.emplace_back("Access-Control-Allow-Origin", is_listed(*origin) ? *origin : "*");
  if (is_listed(*origin)) fields.emplace_back("Access-Control-Allow-Credentials", "true");
  fields.emplace_back("Access-Control-Expose-Headers", "Retry-After");
  return fields;
}

void CorsPolicy::mark(Answer& answer, std::optional<std::string_view> origin) const {
  for (auto& [name, value] : fields(origin)) {
    const auto same = std::find_if(answer.headers.begin(), answer.headers.end(),
                                   [&name = name](const auto& each) { return equal_but_for_case(each.first, name); });
    if (same == answer.headers.end()) {
      answer.headers.emplace_back(name, value);
    } else if (name == "Vary") {
      same->second.append(", ").append(value);
    } else {
      same->second = value;
    }
  }
}

std::optional<Answer> CorsPolicy::preflight(const Request& request, std::string_view allowed_methods) const {
  const auto origin = request.header("Origin");
  if (!origin || !allows(*origin) || !request.header("Access-Control-Request-Method")) return std::nullopt;
  Answer answer{.status = 204, .content_type = {}, .body = {}, .headers = {}};
  answer.headers.emplace_back("Access-Control-Allow-Methods", allowed_methods);
  if (const auto asked = request.header("Access-Control-Request-Headers"); asked && !asked->empty()) {
    const bool is_wrong = any_list_member(*asked, [](std::string_view name) { return !is_token(name); });
    if (is_wrong || asked->size() > kMostAskedBytes) {
      throw Refusal(400, "Access-Control-Request-Headers must be a list of field names, of at most 1,024 bytes.");
    }
    answer.headers.emplace_back("Access-Control-Allow-Headers", *asked);
  }
  answer.headers.emplace_back("Access-Control-Max-Age", "600");
  return answer;
}

}  // namespace tidings
