#include "server/channel.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "protocol/encode.h"

namespace tidings {

Channel::Channel(std::string name, std::string epoch, Options options, const Clock& clock)
    : name_(std::move(name)), epoch_(std::move(epoch)), options_(options), clock_(clock), log_(options.history) {}

std::string Channel::id_of(Sequence sequence) const { return epoch_ + '-' + std::to_string(sequence); }

std::string Channel::publish(const Event& event) {
  const std::lock_guard lock(mutex_);
  std::string id = id_of(log_.next());
  encoded_.clear();
  encode(Event(event).with_id(*FieldValue::from(id)), encoded_);
  log_.append(encoded_, clock_.now());
  for (Follower* follower : followers_) follower->wake();
  return id;
}

Channel::Place Channel::place_after(std::optional<std::string_view> last_event_id) {
  const std::lock_guard lock(mutex_);
  log_.expire(clock_.now());
  if (!last_event_id || last_event_id->empty()) return {log_.next()};
  Sequence had = 0;
  const std::string_view id = *last_event_id;
  const bool is_ours = id.size() > epoch_.size() + 1 && id.starts_with(epoch_) && id[epoch_.size()] == '-';
  if (is_ours) {
    const auto [end, error] = std::from_chars(id.data() + epoch_.size() + 1, id.data() + id.size(), had);
    if (error == std::errc() && end == id.data() + id.size() && had + 1 >= log_.first() && had < log_.next()) {
      return {had + 1};
    }
  }
  return place_behind(log_.first(), log_.next());
}

Channel::Place Channel::place_of(Sequence cursor) const {
  const std::lock_guard lock(mutex_);
  if (cursor >= log_.first()) return {cursor};
  return place_behind(log_.first(), log_.next());
}

Channel::Place Channel::place_behind(Sequence first, Sequence next) const {
  const bool is_latest = options_.fallen_behind == FallenBehind::kLatest && next > first;
  return {is_latest ? next - 1 : first, true};
}

EventLog::Run Channel::read(Sequence from, std::size_t max_bytes) const {
  const std::lock_guard lock(mutex_);
  if (from < log_.first() || from >= log_.next()) return {};
  return log_.read(from, max_bytes);
}

Channel::Sequence Channel::next() const {
  const std::lock_guard lock(mutex_);
  return log_.next();
}

Channel::Sequence Channel::first() const {
  const std::lock_guard lock(mutex_);
  return log_.first();
}

bool Channel::expire() {
  const std::lock_guard lock(mutex_);
  log_.expire(clock_.now());
  return log_.is_empty() && followers_.empty();
}

void Channel::follow(Follower& follower) {
  const std::lock_guard lock(mutex_);
  followers_.push_back(&follower);
}

void Channel::unfollow(Follower& follower) {
  const std::lock_guard lock(mutex_);
  followers_.erase(std::remove(followers_.begin(), followers_.end(), &follower), followers_.end());
}

}  // namespace tidings
