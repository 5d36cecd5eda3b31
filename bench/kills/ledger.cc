#include "tidings/bench/kills/ledger.h"

#include <algorithm>
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
  find(channels_[channel], id);
}

bool Ledger::is_known(const Publication& publication) const {
  const std::lock_guard lock(mutex_);
  const Channel& channel = channels_[publication.channel()];
  return std::any_of(channel.begin(), channel.end(),
                     [&](const Epoch& epoch) { return epoch.sequence_of(publication) > 0; });
}

std::uint64_t Ledger::last(std::size_t channel) const {
  const std::lock_guard lock(mutex_);
  return channels_[channel].empty() ? 0 : channels_[channel].back().places.size();
}

std::string Ledger::id_of(std::size_t channel, std::uint64_t sequence) const {
  const std::lock_guard lock(mutex_);
  return (channels_[channel].empty() ? Epoch() : channels_[channel].back()).id_of(sequence);
}

std::uint64_t Ledger::acknowledged() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  for (const std::vector<bool>& each : acknowledged_) {
    count += static_cast<std::uint64_t>(std::count(each.begin(), each.end(), true));
  }
  return count;
}

std::uint64_t Ledger::lost() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  for (std::uint32_t publisher = 0; publisher < acknowledged_.size(); ++publisher) {
    for (std::uint32_t number = 0; number < acknowledged_[publisher].size(); ++number) {
      const Publication publication{.publisher = publisher, .number = number};
      if (!acknowledged_[publisher][number]) continue;
      if (channels_[publication.channel()].back().sequence_of(publication) == 0) ++count;
    }
  }
  return count;
}

bool Ledger::is_at_the_end(std::size_t channel, const Place& place) const {
  const std::lock_guard lock(mutex_);
  if (channels_[channel].empty()) return true;
  const Epoch& newest = channels_[channel].back();
  return place.epoch == newest.text && place.sequence >= newest.places.size();
}

void Ledger::end(std::size_t channel, const Place& place, const std::string& reader) {
  const std::lock_guard lock(mutex_);
  if (channels_[channel].empty()) return;
  const Epoch& newest = channels_[channel].back();
  if (place.epoch != newest.text) {
    return verdict_.add(
        Fault::kLost, reader + " was never told that " + channel_name(channel) + " has begun anew, as " + newest.text);
  }
  for (std::uint64_t sequence = place.sequence; sequence < newest.places.size();) {
    const auto& publication = newest.places[sequence++];
    if (!publication) continue;
    verdict_.add(Fault::kLost, reader + " does not get " + publication->key() + ", which has the id " +
                                   newest.id_of(sequence) + " of " + channel_name(channel));
  }
}

void Ledger::close() {
  const std::lock_guard lock(mutex_);
  for (std::size_t number = 0; number < kChannels; ++number) {
    for (const Epoch& epoch : channels_[number]) {
      close(channel_name(number), epoch, &epoch == &channels_[number].back());
    }
  }
}

// Of an epoch that has ended, nobody may ever have been told some of the events that are lost. Of what the newest one
// has taken over from it, what is kept no more was told under its older id.
void Ledger::close(const std::string& channel, const Epoch& epoch, bool is_newest) {
  std::vector<std::int64_t> last(acknowledged_.size(), -1);
  bool must_be_known = losses_ == Losses::kNone;
  for (std::size_t index = 0; index < epoch.places.size(); ++index) {
    const std::string id = epoch.id_of(index + 1) + " of " + channel;
    const auto& publication = epoch.places[index];
    if (!publication) {
      if (must_be_known) verdict_.add(Fault::kLost, "nobody has seen " + id);
      continue;
    }
    must_be_known |= is_newest;
    if (publication->number <= last[publication->publisher]) {
      verdict_.add(Fault::kOther, id + " is " + publication->key() + ", which stands behind a later one");
    }
    last[publication->publisher] = publication->number;
  }
}

void Ledger::place(const Publication& publication, std::string_view id, bool is_acknowledged) {
  const std::lock_guard lock(mutex_);
  if (publication.publisher >= acknowledged_.size() || publication.number >= kMostSequence) {
    return verdict_.add(Fault::kOther, "nobody has published " + publication.key());
  }
  const std::string channel = channel_name(publication.channel());
  const Found found = find(channels_[publication.channel()], id);
  if (found.epoch == nullptr) return;
  Epoch& epoch = *found.epoch;
  if (found.sequence == 0) return verdict_.add(Fault::kOther, std::string(id) + " is no event's id");
  if (epoch.places.size() < found.sequence) epoch.places.resize(found.sequence);
  auto& there = epoch.places[found.sequence - 1];
  if (there && *there != publication) {
    verdict_.add(Fault::kIdUsedTwice,
                 std::string(id) + " of " + channel + " is " + there->key() + " and " + publication.key());
  }
  if (!there) there = publication;
  epoch.sequences.resize(acknowledged_.size());
  std::vector<std::uint64_t>& sequences = epoch.sequences[publication.publisher];
  if (sequences.size() <= publication.number) sequences.resize(publication.number + 1);
  std::uint64_t& sequence = sequences[publication.number];
  if (sequence > 0 && sequence != found.sequence) {
    verdict_.add(Fault::kTwice,
                 publication.key() + " has the ids " + epoch.id_of(sequence) + " and " + std::string(id));
  }
  if (sequence == 0) sequence = found.sequence;
  if (!is_acknowledged) return;
  std::vector<bool>& acknowledged = acknowledged_[publication.publisher];
  if (acknowledged.size() <= publication.number) acknowledged.resize(publication.number + 1);
  acknowledged[publication.number] = true;
}

Ledger::Found Ledger::find(Channel& channel, std::string_view id) {
  const auto place = Place::of(id);
  if (!place) {
    verdict_.add(Fault::kOther, '"' + std::string(id) + "\" is no id");
    return {};
  }
  const auto known =
      std::find_if(channel.begin(), channel.end(), [&](const Epoch& epoch) { return epoch.text == place->epoch; });
  if (known != channel.end()) return {&*known, place->sequence};
  if (!channel.empty() && losses_ == Losses::kNone) {
    verdict_.add(Fault::kGap, std::string(id) + " is of another epoch than " + channel.back().text);
    return {};
  }
  channel.push_back({.text = std::string(place->epoch), .places = {}, .sequences = {}});
  return {&channel.back(), place->sequence};
}

std::uint64_t Ledger::Epoch::sequence_of(const Publication& publication) const {
  if (publication.publisher >= sequences.size()) return 0;
  const std::vector<std::uint64_t>& of_publisher = sequences[publication.publisher];
  return publication.number < of_publisher.size() ? of_publisher[publication.number] : 0;
}

}  // namespace tidings::bench
