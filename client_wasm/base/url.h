// A parameter in a URL's query. Source: RFC 3986, "Query" and "Percent-Encoding". Not a URL parser. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace tidings {

// The URL with `name=value` at the end of its query; all of the value's bytes that could mean something are encoded, so
// that it arrives as it is. A parameter of that name that is there already stays.
std::string with_parameter(std::string_view url, std::string_view name, std::string_view value);

}  // namespace tidings
