#include "tidings/client_wasm/base/url.h"

namespace tidings {

std::string with_parameter(std::string_view url, std::string_view name, std::string_view value) {
  std::size_t length = 0;  // without a fragment
  char separator = '?';
  for (; length < url.size() && url[length] != '#'; ++length) {
    if (url[length] == '?') separator = '&';
  }
  std::string result;
  const auto put = [&](std::string_view text) { result.append(text.data(), text.size()); };
  put({url.data(), length});
  put({&separator, 1});
  put(name);
  put({"=", 1});
  for (const char& c : value) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                          c == '.' || c == '_' || c == '~';
    if (is_plain) {
      put({&c, 1});
    } else {
      constexpr const char* kDigits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      const char encoded[] = {'%', kDigits[byte >> 4], kDigits[byte & 15]};
      put({encoded, sizeof encoded});
    }
  }
  put({url.data() + length, url.size() - length});
  return result;
}

}  // namespace tidings
