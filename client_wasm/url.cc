#include "client_wasm/url.h"

namespace tidings {

std::string with_parameter(std::string_view url, std::string_view name, std::string_view value) {
  const std::string_view resource = url.substr(0, url.find('#'));
  std::string result(resource);
  result += resource.find('?') == std::string_view::npos ? '?' : '&';
  result += name;
  result += '=';
  for (const char c : value) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                          c == '.' || c == '_' || c == '~';
    if (is_plain) {
      result += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      result += '%';
      result += "0123456789ABCDEF"[byte >> 4];
      result += "0123456789ABCDEF"[byte & 15];
    }
  }
  result += url.substr(resource.size());
  return result;
}

}  // namespace tidings
