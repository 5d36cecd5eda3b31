#include "tidings/server/channels/channel_cursor.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "tidings/server/http/text.h"

namespace tidings {
namespace {

// How much is kept of an id that is none of the channel's: a client may send anything.
constexpr std::size_t kMostAskedBytes = 128;

// Stands for an id that can't stand in a vector. It is no channel's id, so it leads to a gap as that one did.
constexpr std::string_view kUnknownId = "?";

bool is_plain(std::string_view id) {
  return !id.empty() && id.size() <= std::string_view("abcdefgh-18446744073709551615").size() &&
         std::all_of(id.begin(), id.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
}

}  // namespace

void ChannelCursor::come() {
  if (!channel_->is_open()) {
    next_ = kFromOpening;
    return;
  }
  const Channel::Place place = channel_->place_after(std::nullopt);
  next_ = place.next;
  epoch_ = place.epoch;
}

void ChannelCursor::place(std::optional<std::string_view> last_event_id) {
  const bool has_come = next_ != 0 && (!last_event_id || last_event_id->empty());
  if (has_come && epoch_) return;
  const Channel::Place place = has_come ? channel_->place_of_opening() : channel_->place_after(last_event_id);
  next_ = place.next;
  epoch_ = place.epoch;
  if (place.has_missed) {
    behind_ = std::make_unique<Behind>(Behind{std::string(last_event_id->substr(0, kMostAskedBytes)), 0, {}});
  }
}

ChannelCursor::Found ChannelCursor::advance(std::size_t max_bytes, EventLog::Run& run) {
  if (has_missed()) return Found::kGap;
  run = {};
  if (epoch_ == channel_->epoch()) {
    if (next_ < channel_->cleared_to()) behind_ = nullptr;  // what was read of that for it is dropped too
    if (behind_ && behind_->cold_run->state() == ColdRun::State::kAwaited) return Found::kNothing;
    if (read_behind(max_bytes, run)) return Found::kEvents;
    if (const Channel::Sequence end = hole_end(); end > next_) return miss(channel_->place_behind_hole(end), end);
    behind_ = nullptr;
    run = channel_->read(next_, epoch_, max_bytes);
    if (!run.is_empty()) {
      next_ = run.next;
      return Found::kEvents;
    }
  }
  const Channel::Place place = channel_->place_of(next_, epoch_);
  if (place.has_missed) {
    const bool ends = channel_->fallen_behind() == FallenBehind::kDisconnect && !place.was_cleared;
    return ends ? Found::kEnd : miss(place, 0);
  }
  if (!place.is_cold) return Found::kNothing;
  behind_ = std::make_unique<Behind>(Behind{{}, 0, channel_->read_cold(next_)});
  return read_behind(max_bytes, run) ? Found::kEvents : Found::kNothing;  // it may be there for somebody else
}

// Up to where the events that come next are missing from the history, which is nobody's falling behind; 0 where they
// are not, as far as is known.
Channel::Sequence ChannelCursor::hole_end() const {
  return behind_ && behind_->cold_run->state() == ColdRun::State::kThere ? behind_->cold_run->first() : 0;
}

ChannelCursor::Found ChannelCursor::miss(const Channel::Place& place, Channel::Sequence first_kept) {
  behind_ = std::make_unique<Behind>(Behind{epoch_->id_of(next_ - 1), first_kept, {}});
  next_ = place.next;
  epoch_ = place.epoch;
  return Found::kGap;
}

// Whether the next event is in the run that was read from the history, and stepped over.
bool ChannelCursor::read_behind(std::size_t max_bytes, EventLog::Run& run) {
  if (!behind_ || !behind_->cold_run->has(next_)) return false;
  run = behind_->cold_run->read(next_, max_bytes);
  next_ = run.next;
  return true;
}

std::string ChannelCursor::id() const {
  if (!has_missed()) return epoch_->id_of(next_ - 1);
  return is_plain(*behind_->missed_after) ? *behind_->missed_after : std::string(kUnknownId);
}

Event ChannelCursor::gap() {
  const auto behind = std::exchange(behind_, nullptr);
  const Channel::Sequence first = std::max(channel_->first(), behind->first_kept);
  const nlohmann::ordered_json data{
      {"channel", channel_->name()}, {"asked", *behind->missed_after}, {"first", channel_->id_of(first)}};
  return Event("gap", data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace tidings
