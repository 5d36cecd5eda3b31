#include "tidings/server/access/own_page.h"

#include <optional>
#include <string_view>

#include "tidings/server/http/text.h"

namespace tidings {
namespace {

// Whether the origin's host and port are the Host field's. Its scheme counts where it is known: a proxy that takes TLS
// off is asked by https and asks by http. Some name the port of the scheme, browsers never do.
bool is_asked_origin(std::string_view origin, const Request& request) {
  struct Form {
    Request::Scheme scheme;
    std::string_view begin, port;
  };
  std::string_view host = request.header("Host").value_or("");
  for (const Form& form :
       {Form{Request::Scheme::kHttp, "http://", ":80"}, Form{Request::Scheme::kHttps, "https://", ":443"}}) {
    if (!origin.starts_with(form.begin)) continue;
    if (request.scheme != Request::Scheme::kUnknown && request.scheme != form.scheme) return false;
    if (host.ends_with(form.port)) host.remove_suffix(form.port.size());
    return equal_but_for_case(origin.substr(form.begin.size()), host);
  }
  return false;
}

}  // namespace

// A page can't forge Sec-Fetch-Site, which tells the truth where a proxy has changed Host. Not every browser sends it,
// and none to a plain http:// address that is not this machine.
bool is_of_own_page(const Request& request, const CorsPolicy& cors) {
  const auto origin = request.header("Origin");
  return !origin || request.header("Sec-Fetch-Site") == "same-origin" || cors.allows(*origin) ||
         is_asked_origin(*origin, request);
}

}  // namespace tidings
