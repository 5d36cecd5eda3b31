// Where a line ends, which is where a parser and an encoder spend their time: one pass that also tells whether the line
// is ASCII, so that UTF-8 need not be looked at again. Pure: any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace tidings {

struct LineScan {
  std::size_t length;  // of the line: where the first CR or LF is, or the size of the bytes where there is none
  bool has_end;        // there is a CR or LF
  bool is_ascii;       // no byte of the line is above 0x7F
};

// Scans the line that `bytes` begin with.
LineScan scan_line(std::string_view bytes);

}  // namespace tidings
