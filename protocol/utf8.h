// UTF-8 as the standard decodes it: malformed bytes become U+FFFD, never an error.
// Source: WHATWG Encoding, "UTF-8 decoder" (one U+FFFD for each maximal ill-formed prefix). Pure functions: any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidings {

// How many bytes from the front are well-formed.
std::size_t valid_utf8_prefix(std::string_view bytes);

inline bool is_valid_utf8(std::string_view bytes) { return valid_utf8_prefix(bytes) == bytes.size(); }

// Appends `bytes` to `out` with every malformed sequence replaced by U+FFFD (EF BF BD).
void append_utf8(std::string_view bytes, std::string& out);

}  // namespace tidings
