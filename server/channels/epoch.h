// What the ids of a channel begin with, until something that was acknowledged may be lost: then another epoch begins,
// and ids of this one are a gap. Immutable: any thread.
#pragma once

#include <cstdint>
#include <string>

namespace tidings {

struct Epoch {
  std::string text;          // ASCII letters and digits
  std::uint64_t number = 0;  // the history's
  std::uint64_t next = 1;    // the first event of its own; those before it were kept in an earlier epoch

  std::string id_of(std::uint64_t sequence) const { return text + '-' + std::to_string(sequence); }
};

}  // namespace tidings
