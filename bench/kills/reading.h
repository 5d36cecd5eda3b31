// What one subscriber sees of some channels, over any number of connections: each event once and in its order, with
// nothing left out but where it is told a gap, and as everybody else sees it. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/bench/kills/ledger.h"
#include "tidings/bench/kills/verdict.h"
#include "tidings/protocol/parser.h"

namespace tidings::bench {

class Reading {
 public:
  // Of one channel or of all.
  Reading(std::string name, std::vector<std::size_t> channels, Ledger& ledger, Verdict& verdict);

  // From the first event of its one channel, instead of where it begins to follow. With `may_be_told_a_gap` what is
  // kept may begin later.
  void start_at_the_first(bool may_be_told_a_gap);

  // The next event of the stream, the server's own among them.
  void take(const ParsedEvent& event);

  std::string last_event_id() const;  // empty before it has begun
  std::uint64_t count() const;        // events of publishers
  std::uint64_t gaps() const;         // that it was told
  // Whether it has seen all that the ledger knows of.
  bool is_at_the_end() const;
  // Nothing more comes.
  void end();

 private:
  struct Channel {
    std::size_t number;
    std::string epoch = {};      // empty before it has begun
    std::uint64_t sequence = 0;  // of the last event

    Place place() const { return {.epoch = epoch, .sequence = sequence}; }
  };

  // The id of each channel that a last event ID holds, in their order. Nothing where it is none of these channels.
  std::optional<std::vector<std::string_view>> ids_in(std::string_view id) const;
  void take_place(const ParsedEvent& event);
  void take_publication(const ParsedEvent& event);
  void wrong(Fault fault, const std::string& what);

  const std::string name_;
  Ledger& ledger_;
  Verdict& verdict_;
  mutable std::mutex mutex_;
  std::vector<Channel> channels_;
  std::string last_event_id_;
  std::uint64_t count_ = 0, gaps_ = 0;
  bool may_be_told_a_gap_ = false;
};

}  // namespace tidings::bench
