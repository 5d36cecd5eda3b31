// What is known of the events of some channels over all lives of a server: which publication each id was given to, and
// which publications were acknowledged. Whatever anybody is told must agree with it. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/bench/kills/verdict.h"

namespace tidings::bench {

inline constexpr std::size_t kChannels = 3;
std::string channel_name(std::size_t channel);

// The publication of this number, from 0, by this publisher. Its channel and its data follow from both.
struct Publication {
  std::uint32_t publisher = 0, number = 0;

  bool operator==(const Publication&) const = default;

  std::size_t channel() const { return (publisher + number) % kChannels; }
  std::string key() const;
  std::string data() const;  // begins with the key; mostly short
  // Nothing where that is no publication's data, whole and unchanged.
  static std::optional<Publication> of(std::string_view data);
};

// The parts of an id `E-7`.
struct Place {
  std::string_view epoch;
  std::uint64_t sequence = 0;

  static std::optional<Place> of(std::string_view id);
};

class Ledger {
 public:
  // What the servers may lose of what they have acknowledged.
  enum class Losses {
    kNone,
    kTold,  // some, where another epoch begins and everybody who misses an event is told a gap
  };

  Ledger(std::size_t publishers, Verdict& verdict, Losses losses = Losses::kNone)
      : verdict_(verdict), losses_(losses), acknowledged_(publishers) {}

  Losses losses() const { return losses_; }

  // Somebody was told this id of the publication, the publisher or a reader.
  void acknowledged(const Publication& publication, std::string_view id);
  void seen(const Publication& publication, std::string_view id);
  // Somebody was told that a stream stands there.
  void begun(std::size_t channel, std::string_view id);

  bool is_known(const Publication& publication) const;
  // The last sequence that was given out in the channel's newest epoch; 0 where none was.
  std::uint64_t last(std::size_t channel) const;
  // The id of the channel's event of this sequence in its newest epoch.
  std::string id_of(std::size_t channel, std::uint64_t sequence) const;
  std::uint64_t acknowledged() const;
  // The acknowledged publications that the newest epochs do not have, as far as anybody was told.
  std::uint64_t lost() const;

  // Whether nothing is known of the channel that comes behind this place.
  bool is_at_the_end(std::size_t channel, const Place& place) const;
  // That a reader has all of the channel up to this place, and nothing comes behind it: what is acknowledged there is
  // lost.
  void end(std::size_t channel, const Place& place, const std::string& reader);
  // That nothing more comes: each sequence is some publication's, and those of a publisher stand in order.
  void close();

 private:
  struct Epoch {
    std::string text;                                   // what its ids begin with
    std::vector<std::optional<Publication>> places;     // by sequence - 1
    std::vector<std::vector<std::uint64_t>> sequences;  // by publisher and number; 0: not known

    std::string id_of(std::uint64_t sequence) const { return text + '-' + std::to_string(sequence); }
    // 0 where it is not known.
    std::uint64_t sequence_of(const Publication& publication) const;
  };
  // An epoch, and a sequence in it; no epoch where the id is none.
  struct Found {
    Epoch* epoch = nullptr;
    std::uint64_t sequence = 0;
  };
  using Channel = std::vector<Epoch>;  // its epochs as they were first told of, the newest last

  void place(const Publication& publication, std::string_view id, bool is_acknowledged);
  Found find(Channel& channel, std::string_view id);
  void close(const std::string& channel, const Epoch& epoch, bool is_newest);

  Verdict& verdict_;
  const Losses losses_;
  mutable std::mutex mutex_;
  std::vector<std::vector<bool>> acknowledged_;  // by publisher and number
  Channel channels_[kChannels];
};

}  // namespace tidings::bench
