#include "server/cors.h"

#include <algorithm>

namespace tidings {

Request::Fields CorsPolicy::fields(std::optional<std::string_view> origin) const {
  if (origins_.empty()) return {};
  Request::Fields fields{{"Vary", "Origin"}};  // also for those it refuses: a cache must not mix them up
  const auto is_listed = [&](std::string_view each) {
    return std::find(origins_.begin(), origins_.end(), each) != origins_.end();
  };
  if (!origin) return fields;
  if (is_listed(*origin)) {
    fields.emplace_back("Access-Control-Allow-Origin", *origin);
    fields.emplace_back("Access-Control-Allow-Credentials", "true");
  } else if (is_listed("*")) {
    fields.emplace_back("Access-Control-Allow-Origin", "*");
  }
  return fields;
}

std::optional<Answer> CorsPolicy::preflight(const Request& request, std::string_view allowed_methods) const {
  if (!request.header("Access-Control-Request-Method")) return std::nullopt;
  Request::Fields said = fields(request.header("Origin"));
  if (said.size() < 2) return std::nullopt;
  said.emplace_back("Access-Control-Allow-Methods", allowed_methods);
  said.emplace_back("Access-Control-Allow-Headers", "Authorization, Cache-Control, Content-Type, Last-Event-ID");
  said.emplace_back("Access-Control-Max-Age", "600");
  return Answer{.status = 204, .content_type = {}, .body = {}, .headers = std::move(said)};
}

}  // namespace tidings
