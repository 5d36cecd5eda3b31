#include "tidings/bench/kills/reading.h"

#include <algorithm>
#include <utility>

namespace tidings::bench {

Reading::Reading(std::string name, std::vector<std::size_t> channels, Ledger& ledger, Verdict& verdict)
    : name_(std::move(name)), ledger_(ledger), verdict_(verdict) {
  for (const std::size_t number : channels) channels_.push_back({number});
}

void Reading::start_at_the_first(bool may_be_told_a_gap) {
  const std::lock_guard lock(mutex_);
  last_event_id_ = ledger_.id_of(channels_.front().number, 0);
  channels_.front().epoch = Place::of(last_event_id_).value_or(Place()).epoch;
  may_be_told_a_gap_ = may_be_told_a_gap;
}

void Reading::take(const ParsedEvent& event) {
  const std::lock_guard lock(mutex_);
  if (event.type == "begin" || event.type == "gap") {
    const bool may_be_a_gap = may_be_told_a_gap_ || ledger_.losses() == Ledger::Losses::kTold;
    if (event.type == "gap" && !may_be_a_gap) wrong(Fault::kGap, "is told a gap: " + std::string(event.data));
    if (event.type == "begin" && !last_event_id_.empty()) wrong(Fault::kOther, "is told once more where it begins");
    if (event.type == "gap") ++gaps_;
    take_place(event);
  } else {
    take_publication(event);
  }
  may_be_told_a_gap_ = false;
  last_event_id_ = event.last_event_id;
}

std::string Reading::last_event_id() const {
  const std::lock_guard lock(mutex_);
  return last_event_id_;
}

std::uint64_t Reading::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::uint64_t Reading::gaps() const {
  const std::lock_guard lock(mutex_);
  return gaps_;
}

bool Reading::is_at_the_end() const {
  const std::lock_guard lock(mutex_);
  return std::all_of(channels_.begin(), channels_.end(),
                     [this](const Channel& channel) { return ledger_.is_at_the_end(channel.number, channel.place()); });
}

void Reading::end() {
  const std::lock_guard lock(mutex_);
  for (const Channel& channel : channels_) ledger_.end(channel.number, channel.place(), name_);
}

std::optional<std::vector<std::string_view>> Reading::ids_in(std::string_view id) const {
  if (channels_.size() == 1) return std::vector{id};
  std::vector<std::string_view> ids;
  for (const Channel& channel : channels_) {
    const std::string name = channel_name(channel.number) + ':';
    if (!id.starts_with(name)) return std::nullopt;
    id.remove_prefix(name.size());
    ids.push_back(id.substr(0, id.find(',')));
    id.remove_prefix(std::min(id.size(), ids.back().size() + 1));
  }
  return ids;
}

// A gap is one channel's, and leaves the places in all others alone.
void Reading::take_place(const ParsedEvent& event) {
  const auto ids = ids_in(event.last_event_id);
  if (!ids) return wrong(Fault::kOther, "stands nowhere: " + std::string(event.last_event_id));
  for (std::size_t index = 0; index < ids->size(); ++index) {
    Channel& channel = channels_[index];
    ledger_.begun(channel.number, ids->at(index));
    const auto place = Place::of(ids->at(index));
    if (!place) continue;
    const bool may_move = event.type == "begin" || ids->size() == 1 ||
                          event.data.find('"' + channel_name(channel.number) + '"') != event.data.npos;
    if (!may_move && (place->epoch != channel.epoch || place->sequence != channel.sequence)) {
      wrong(Fault::kLost, "is moved to " + std::string(ids->at(index)) + " of " + channel_name(channel.number) +
                              " by the gap of another channel");
    }
    channel.epoch = place->epoch;
    channel.sequence = place->sequence;
  }
}

void Reading::take_publication(const ParsedEvent& event) {
  const auto publication = Publication::of(event.data);
  const auto ids = ids_in(event.last_event_id);
  if (!publication || !ids) {
    return wrong(Fault::kOther, "gets what nobody has published: " + std::string(event.last_event_id) + ' ' +
                                    std::string(event.data.substr(0, 40)));
  }
  const std::string type = channels_.size() == 1 ? "message" : channel_name(publication->channel());
  bool is_of_ours = false;
  for (std::size_t index = 0; index < ids->size(); ++index) {
    Channel& channel = channels_[index];
    const auto place = Place::of(ids->at(index));
    const std::uint64_t expected = channel.sequence + (channel.number == publication->channel() ? 1 : 0);
    const bool is_in_epoch = place && place->epoch == channel.epoch;
    if (!is_in_epoch || place->sequence != expected) {
      wrong(is_in_epoch && place->sequence < expected ? Fault::kTwice : Fault::kLost,
            "gets " + std::string(event.last_event_id) + " where " + channel.epoch + '-' + std::to_string(expected) +
                " of " + channel_name(channel.number) + " should stand");
    }
    if (is_in_epoch) {
      channel.sequence = std::max(channel.sequence, place->sequence);
    } else if (place) {
      channel.epoch = place->epoch;
      channel.sequence = place->sequence;
    }
    if (channel.number != publication->channel()) continue;
    is_of_ours = true;
    ledger_.seen(*publication, ids->at(index));
  }
  if (!is_of_ours || event.type != type) {
    wrong(Fault::kOther, "gets " + publication->key() + " as " + std::string(event.type));
  }
  ++count_;
}

void Reading::wrong(Fault fault, const std::string& what) { verdict_.add(fault, name_ + ' ' + what); }

}  // namespace tidings::bench
