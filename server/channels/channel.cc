#include "tidings/server/channels/channel.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "tidings/protocol/channel_rules.h"
#include "tidings/protocol/encode.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/loop/roster.h"

namespace tidings {
namespace {

constexpr std::size_t kListenersPerTurn = 64;

// Where a thread encodes what it publishes; the memory of a large event is not kept for the next one.
constexpr std::size_t kMostScratchBytes = 64 * 1024;
thread_local std::string encoded;

}  // namespace

// The listeners of a channel on one loop: a publisher rings once for all of them, however many they are. Loop thread
// only, but for ring().
class Channel::Bell : public std::enable_shared_from_this<Bell> {
 public:
  explicit Bell(Loop& loop) : loop_(loop) {}

  Loop& loop() const { return loop_; }
  Roster<Listener, &Listener::index_>& listeners() { return listeners_; }

  void ring() {
    if (is_rung_.exchange(true)) return;
    loop_.post([self = shared_from_this()] { self->answer(); });
  }

 private:
  void answer() {
    is_rung_ = false;  // before they look into the log: what is published from now on rings again
    if (untold_ > 0) {
      is_rung_meanwhile_ = true;
    } else {
      untold_ = listeners_.size();
      tell();
    }
  }

  // Tells some listeners in a turn, from the roster's end, so that the loop gets to its other work. A listener that
  // comes meanwhile need not be told: it looks into the log after it has begun to listen.
  void tell() {
    const TellRest rest{*this};
    for (std::size_t count = 0; count < kListenersPerTurn; ++count) {
      untold_ = std::min(untold_, listeners_.size());
      if (untold_ == 0) break;
      listeners_[--untold_].on_published();
    }
  }

  // Those who are left are told in another turn, also when a listener has thrown.
  struct TellRest {
    Bell& bell;
    ~TellRest() {
      if (bell.untold_ == 0 && std::exchange(bell.is_rung_meanwhile_, false)) bell.untold_ = bell.listeners_.size();
      if (bell.untold_ > 0) bell.loop_.post([self = bell.shared_from_this()] { self->tell(); });
    }
  };

  Loop& loop_;
  std::atomic<bool> is_rung_ = false;  // from ring() until answer() runs
  bool is_rung_meanwhile_ = false;     // since some are untold_: when those are told, all are told once more
  std::size_t untold_ = 0;             // how many from the roster's beginning have not been told yet
  Roster<Listener, &Listener::index_> listeners_;
};

Channel::Channel(std::shared_ptr<ChannelShelf> shelf, std::string name, std::string epoch, Options options,
                 Sequence first)
    : shelf_(std::move(shelf)),
      name_(std::move(name)),
      epoch_(std::move(epoch)),
      options_(options),
      log_(options.history, first) {}

Channel::~Channel() { shelf_->forget(name_); }

std::string Channel::id_of(Sequence sequence) const { return epoch_ + '-' + std::to_string(sequence); }

std::string Channel::publish(const Event& event) {
  if (const std::string_view reason = reason_not_to_publish(event); !reason.empty()) {
    throw std::invalid_argument(std::string(reason));
  }
  for (;; shelf_->keep(shared_from_this())) {
    std::unique_lock lock(mutex_);
    if (!is_kept_) continue;
    std::string id = id_of(log_.next());
    encoded.clear();
    const EventLines lines = encode_with_id(event, id, encoded);
    const Clock::Time now = shelf_->clock().now();
    log_.append(encoded, lines, now);
    if (encoded.capacity() > kMostScratchBytes) std::string().swap(encoded);  // assigning would keep it
    for (const std::shared_ptr<Bell>& bell : bells_) bell->ring();
    lock.unlock();
    shelf_->published(*this, now);
    return id;
  }
}

bool Channel::is_own_id(std::string_view id) const {
  return id.size() > epoch_.size() + 1 && id.starts_with(epoch_) && id[epoch_.size()] == '-';
}

Channel::Place Channel::place_after(std::optional<std::string_view> last_event_id) {
  const std::lock_guard lock(mutex_);
  log_.expire(shelf_->clock().now());
  if (!last_event_id || last_event_id->empty()) return {log_.next()};
  const std::string_view id = *last_event_id;
  if (is_own_id(id)) {
    Sequence had = 0;
    const auto [end, error] = std::from_chars(id.data() + epoch_.size() + 1, id.data() + id.size(), had);
    if (error == std::errc() && end == id.data() + id.size() && had >= log_.first() - 1 && had < log_.next()) {
      return {had + 1};
    }
  }
  return place_behind();
}

Channel::Place Channel::place_of(Sequence cursor) const {
  const std::lock_guard lock(mutex_);
  if (cursor >= log_.first()) return {cursor};
  return place_behind();
}

Channel::Place Channel::place_behind() const {
  const bool is_latest = options_.fallen_behind == FallenBehind::kLatest && !log_.is_empty();
  return {is_latest ? log_.next() - 1 : log_.first(), true};
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

void Channel::listen(Listener& listener, Loop& loop) {
  const std::lock_guard lock(mutex_);
  auto bell = std::find_if(bells_.begin(), bells_.end(), [&](const auto& each) { return &each->loop() == &loop; });
  if (bell == bells_.end()) bell = bells_.insert(bell, std::make_shared<Bell>(loop));
  (*bell)->listeners().add(listener);
}

void Channel::stop_listening(Listener& listener, Loop& loop) {
  const std::lock_guard lock(mutex_);
  const auto bell =
      std::find_if(bells_.begin(), bells_.end(), [&](const auto& each) { return &each->loop() == &loop; });
  (*bell)->listeners().remove(listener);
  if ((*bell)->listeners().empty()) bells_.erase(bell);
}

void Channel::set_kept() {
  const std::lock_guard lock(mutex_);
  is_kept_ = true;
}

Channel::Sequence Channel::set_let_go() {
  const std::lock_guard lock(mutex_);
  is_kept_ = false;
  return log_.next();
}

void Channel::drop_events() {
  const std::lock_guard lock(mutex_);
  if (!is_kept_) log_.clear();
}

void Channel::drop_old_events() {
  const std::lock_guard lock(mutex_);
  log_.expire(shelf_->clock().now());
}

}  // namespace tidings
