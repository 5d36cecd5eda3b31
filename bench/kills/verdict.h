// Which promises a server has broken, and how often. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tidings::bench {

enum class Fault {
  kLost,         // an acknowledged event, or one that somebody has seen, is not there
  kTwice,        // an event is there twice, or has come twice
  kIdUsedTwice,  // one id was given to two events
  kGap,          // a client was told that events are gone which must be there
  kOther,        // the server ended by itself, did not answer, or said something that is wrong
};

class Verdict {
 public:
  // Counts it, and prints the sentence unless it is one of very many.
  void add(Fault fault, const std::string& sentence);

  std::uint64_t count(Fault fault) const { return counts_[static_cast<std::size_t>(fault)]; }
  std::uint64_t count() const;

 private:
  std::array<std::atomic<std::uint64_t>, 5> counts_{};
};

}  // namespace tidings::bench
