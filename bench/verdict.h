// Whether a run may count: collects what was lost or failed, says it at once, and becomes the exit code.
#pragma once

#include <cstdio>
#include <string>

namespace tidings::bench {

class Verdict {
 public:
  void expect(bool holds, const std::string& what_is_wrong) {
    if (holds) return;
    std::fflush(stdout);
    std::fprintf(stderr, "FAILED: %s\n", what_is_wrong.c_str());
    has_failed_ = true;
  }
  int exit_code() const { return has_failed_ ? 1 : 0; }

 private:
  bool has_failed_ = false;
};

}  // namespace tidings::bench
