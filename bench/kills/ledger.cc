#include "tidings/bench/kills/ledger.h"

#include <charconv>

namespace tidings::bench {
namespace {

constexpr std::uint64_t kMostSequence = 10'000'000;  // more than is published; a wrong one must not fill the memory

// Takes a number and the character behind it from the front of the text.
template <class Number>
std::optional<Number> take_number(std::string_view& text, char behind) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != behind) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

}  // namespace

std::string channel_name(std::size_t channel) { return "channel" + std::to_string(channel); }

std::string Publication::key() const { return std::to_string(publisher) + '.' + std::to_string(number); }

std::string Publication::data() const {
  const std::size_t mixed = (number * std::size_t{2654435761} + publisher) % 4096;
  std::string data = key() + ' ';
  data.append(mixed < 8 ? 20'000 : mixed % 200, static_cast<char>('a' + mixed % 26));
  return data;
}

std::optional<Publication> Publication::of(std::string_view data) {
  std::string_view rest = data;
  const auto publisher = take_number<std::uint32_t>(rest, '.');
  const auto number = publisher ? take_number<std::uint32_t>(rest, ' ') : std::nullopt;
  if (!number) return std::nullopt;
  const Publication found{.publisher = *publisher, .number = *number};
  return found.data() == data ? std::optional(found) : std::nullopt;
}

std::optional<Place> Place::of(std::string_view id) {
  const std::size_t dash = id.find('-');
  if (dash == id.npos || dash == 0) return std::nullopt;
  Place place{.epoch = id.substr(0, dash)};
  const auto [end, error] = std::from_chars(id.data() + dash + 1, id.data() + id.size(), place.sequence);
  if (error != std::errc() || end != id.data() + id.size() || place.sequence > kMostSequence) return std::nullopt;
  return place;
}

void Ledger::acknowledged(const Publication& publication, std::string_view id) { place(publication, id, true); }

void Ledger::seen(const Publication& publication, std::string_view id) { place(publication, id, false); }

void Ledger::begun(std::size_t channel, std::string_view id) {
  const std::lock_guard lock(mutex_);
  sequence_in(channels_[channel], id);
}

bool Ledger::is_known(const Publication& publication) const {
  const std::lock_guard lock(mutex_);
  const std::vector<Known>& known = publications_[publication.publisher];
  return publication.number < known.size() && known[publication.number].sequence > 0;
}

std::uint64_t Ledger::last(std::size_t channel) const {
  const std::lock_guard lock(mutex_);
  return channels_[channel].places.size();
}

std::string Ledger::id_of(std::size_t channel, std::uint64_t sequence) const {
  const std::lock_guard lock(mutex_);
  return channels_[channel].id_of(sequence);
}

std::uint64_t Ledger::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

void Ledger::end(std::size_t channel, std::uint64_t sequence, const std::string& reader) {
  const std::lock_guard lock(mutex_);
  const Channel& known = channels_[channel];
  while (sequence < known.places.size()) {
    const auto& publication = known.places[sequence++];
    if (!publication) continue;
    verdict_.add(Fault::kLost, reader + " does not get " + publication->key() + ", which has the id " +
                                   known.id_of(sequence) + " of " + channel_name(channel));
  }
}

void Ledger::close() {
  const std::lock_guard lock(mutex_);
  for (std::size_t number = 0; number < kChannels; ++number) {
    const Channel& channel = channels_[number];
    std::vector<std::int64_t> last(publications_.size(), -1);
    for (std::size_t index = 0; index < channel.places.size(); ++index) {
      const std::string id = channel.id_of(index + 1) + " of " + channel_name(number);
      const auto& publication = channel.places[index];
      if (!publication) {
        verdict_.add(Fault::kLost, "nobody has seen " + id);
        continue;
      }
      if (publication->number <= last[publication->publisher]) {
        verdict_.add(Fault::kOther, id + " is " + publication->key() + ", which stands behind a later one");
      }
      last[publication->publisher] = publication->number;
    }
  }
}

void Ledger::place(const Publication& publication, std::string_view id, bool is_acknowledged) {
  const std::lock_guard lock(mutex_);
  if (publication.publisher >= publications_.size() || publication.number >= kMostSequence) {
    return verdict_.add(Fault::kOther, "nobody has published " + publication.key());
  }
  Channel& channel = channels_[publication.channel()];
  const auto sequence = sequence_in(channel, id);
  if (!sequence) return;
  if (*sequence == 0) return verdict_.add(Fault::kOther, std::string(id) + " is no event's id");
  if (channel.places.size() < *sequence) channel.places.resize(*sequence);
  auto& there = channel.places[*sequence - 1];
  if (there && *there != publication) {
    verdict_.add(Fault::kIdUsedTwice, std::string(id) + " of " + channel_name(publication.channel()) + " is " +
                                          there->key() + " and " + publication.key());
  }
  std::vector<Known>& of_publisher = publications_[publication.publisher];
  if (of_publisher.size() <= publication.number) of_publisher.resize(publication.number + 1);
  Known& known = of_publisher[publication.number];
  if (known.sequence > 0 && known.sequence != *sequence) {
    verdict_.add(Fault::kTwice,
                 publication.key() + " has the ids " + channel.id_of(known.sequence) + " and " + std::string(id));
  }
  if (!there) there = publication;
  if (known.sequence == 0) known.sequence = *sequence;
  if (is_acknowledged && !known.is_acknowledged) ++acknowledged_;
  known.is_acknowledged |= is_acknowledged;
}

std::optional<std::uint64_t> Ledger::sequence_in(Channel& channel, std::string_view id) {
  const auto place = Place::of(id);
  if (!place) {
    verdict_.add(Fault::kOther, '"' + std::string(id) + "\" is no id");
    return std::nullopt;
  }
  if (channel.epoch.empty()) channel.epoch = place->epoch;
  if (place->epoch == channel.epoch) return place->sequence;
  verdict_.add(Fault::kGap, std::string(id) + " is of another epoch than " + channel.epoch);
  return std::nullopt;
}

}  // namespace tidings::bench
