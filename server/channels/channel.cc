#include "tidings/server/channels/channel.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <future>
#include <stdexcept>
#include <utility>

#include "tidings/protocol/channel_rules.h"
#include "tidings/protocol/encode.h"
#include "tidings/server/loop/failure.h"
#include "tidings/server/loop/loop.h"

namespace tidings {
namespace {

// Where a thread encodes what it publishes; the memory of a large event is not kept for the next one.
constexpr std::size_t kMostScratchBytes = 64 * 1024;
thread_local std::string encoded;

void give_back_scratch() {
  if (encoded.capacity() > kMostScratchBytes) std::string().swap(encoded);  // assigning would keep it
}

// A record as a channel's log has it, with its id.
void append(const Record& record, const Epoch& epoch, Clock::Time time, std::string& scratch, EventLog& log) {
  scratch.assign(record.block);
  scratch.append("id: ").append(epoch.id_of(record.at.sequence)).append("\n\n");
  log.append(scratch, lines_without_id(record.block), time);
}

void require_publishable(const Event& event) {
  if (const std::string_view reason = reason_not_to_publish(event); !reason.empty()) {
    throw std::invalid_argument(std::string(reason));
  }
}

// How far another server that shares the history may have been ahead when a client left it. The client waits here until
// this one has been told of as much.
constexpr Channel::Sequence kMostAhead = 1'000'000;

}  // namespace

Channel::Channel(std::shared_ptr<ChannelShelf> shelf, std::string name, std::string epoch, Options options,
                 Sequence first)
    : shelf_(std::move(shelf)),
      name_(std::move(name)),
      options_(options),
      first_epoch_{.text = std::move(epoch), .next = first},
      log_(options.history, first),
      counted_from_(first) {}

Channel::~Channel() { shelf_->forget(name_); }

void Channel::set_history(const std::shared_ptr<History>& history, EpochText epoch_text) {
  is_open_ = is_asked_ = false;
  has_history_ = true;
  has_others_ = history->is_shared();
  history_ = history;
  epoch_text_ = std::move(epoch_text);
}

bool Channel::open() {
  if (is_asked_) return true;
  const std::shared_ptr<History> history = history_.lock();
  if (!history || is_asked_.exchange(true)) return true;
  history->open(name_, std::shared_ptr<History::Sink>(shared_from_this(), this),
                [weak = weak_from_this()](const std::optional<Extent>& extent) {
                  if (const auto self = weak.lock()) self->opened(extent);
                });
  return is_asked_;
}

void Channel::opened(const std::optional<Extent>& extent) {
  if (!extent) {
    is_asked_ = false;
    return;
  }
  const std::lock_guard lock(mutex_);
  begin_epoch(*extent);
  is_open_ = true;
  ring();
}

std::string Channel::id_of(Sequence sequence) const { return epoch()->id_of(sequence); }

void Channel::publish(const Event& event, std::optional<std::string> key, OnPublished then) {
  require_publishable(event);
  if (!has_history_) return then(publish_to_memory(event, key));
  const std::shared_ptr<History> history = history_.lock();
  if (!history) return then({.outcome = History::Outcome::kFailed, .id = {}, .why = "the server is gone"});
  encoded.clear();
  encode_without_id(event, encoded);
  history->append(name_, encoded, std::move(key),
                  [self = shared_from_this(), then = std::move(then)](const History::Receipt& receipt) {
                    self->tell(receipt, then);
                  });
  give_back_scratch();
}

// What the publisher does with it must not end the history's thread.
void Channel::tell(const History::Receipt& receipt, const OnPublished& then) const {
  Published published{.outcome = receipt.outcome, .id = {}, .why = std::string(receipt.why)};
  if (receipt.outcome == History::Outcome::kKept) {
    published.id = Epoch{.text = epoch_text_(receipt.at.epoch, name_)}.id_of(receipt.at.sequence);
  }
  try {
    then(published);
  } catch (...) {
    spdlog::error("what was to be done with a publication's id failed: {}", describe(std::current_exception()));
  }
}

Publication Channel::publish(const Event& event, Loop& loop, std::optional<std::string> key) {
  const auto answer = std::make_shared<Publication::Answer>(loop);
  publish(event, std::move(key), [answer](const Published& published) { answer->give(published); });
  return Publication(answer);
}

std::string Channel::publish(const Event& event, std::chrono::milliseconds most_time) {
  if (!has_history_) {
    require_publishable(event);
    return kept_id(publish_to_memory(event, std::nullopt));
  }
  const auto promise = std::make_shared<std::promise<Published>>();
  publish(event, std::nullopt, [promise](const Published& published) { promise->set_value(published); });
  std::future<Published> future = promise->get_future();
  if (future.wait_for(most_time) != std::future_status::ready) {
    throw NotPublished(History::Outcome::kFailed, "The event was not kept within the time; it may be all the same.");
  }
  return kept_id(future.get());
}

Published Channel::publish_to_memory(const Event& event, const std::optional<std::string>& key) {
  for (;; shelf_->keep(shared_from_this())) {
    std::unique_lock lock(mutex_);
    if (!is_kept_) continue;
    const Clock::Time now = shelf_->clock().now();
    if (key) {
      log_.expire(now);
      if (!keys_) keys_ = std::make_unique<KnownKeys>();
      if (const auto known = keys_->find(*key, log_.first())) return publish_again(event, *known);
    }
    Published published{.id = id_of(log_.next()), .why = {}};
    encoded.clear();
    const EventLines lines = encode_with_id(event, published.id, encoded);
    log_.append(encoded, lines, now);
    if (key) keys_->add(*key, log_.next() - 1);
    give_back_scratch();
    ring();
    lock.unlock();
    shelf_->published(*this, now);
    return published;
  }
}

// With the key of an event that the log has.
Published Channel::publish_again(const Event& event, Sequence known) const {
  const EventLog::Run run = log_.read(known, 1);
  encoded.clear();
  encode_without_id(event, encoded);
  const bool is_same = run.block.substr(0, run.lines.id) == encoded;
  give_back_scratch();
  if (is_same) return {.id = id_of(known), .why = {}};
  return {.outcome = History::Outcome::kKeyTaken, .id = {}, .why = std::string(History::kWhyKeyTaken)};
}

void Channel::kept(std::span<const Record> records) {
  const Clock::Time now = shelf_->clock().now();
  for (;; shelf_->keep(shared_from_this())) {
    const std::lock_guard lock(mutex_);
    if (!is_kept_) continue;
    for (const Record& record : records) {
      if (record.at.sequence != log_.next()) skip_to(record.at.sequence);
      append(record, *epoch(), now, encoded, log_);
    }
    give_back_scratch();
    ring();
    break;
  }
  for (std::size_t i = 0; i < records.size(); ++i) shelf_->published(*this, now);
}

void Channel::dropped(std::uint64_t first) {
  const std::lock_guard lock(mutex_);
  first_kept_ = first;
}

void Channel::cleared(std::uint64_t next) {
  std::optional<EventLog> gone;  // which takes a while, and no lock
  const std::lock_guard lock(mutex_);
  gone = clear_to(next);
}

bool Channel::clear() {
  std::optional<EventLog> gone;
  const std::lock_guard lock(mutex_);
  log_.expire(shelf_->clock().now());
  if (log_.is_empty() || !is_kept_) return false;  // or it was let go, and its events are about to go
  gone = clear_to(log_.next() + 1);
  return true;
}

// Returns the log as it was.
EventLog Channel::clear_to(Sequence next) {
  counted_from_ += next - log_.next();
  EventLog log(options_.history, next);
  std::swap(log, log_);
  keys_ = nullptr;
  cold_runs_.clear();
  first_kept_ = next;
  cleared_to_ = next;
  ring();
  return log;
}

void Channel::began(const Extent& extent) {
  const std::lock_guard lock(mutex_);
  begin_epoch(extent);
  ring();
}

void Channel::begin_epoch(const Extent& extent) {
  later_epochs_.push_back(std::make_unique<const Epoch>(
      Epoch{.text = epoch_text_(extent.epoch, name_), .number = extent.epoch, .next = extent.next}));
  epoch_ = later_epochs_.back().get();
  first_kept_ = extent.first;
  cleared_to_ = 0;
  skip_to(extent.next);
  cold_runs_.clear();
}

// What was published elsewhere, or before, does not count.
void Channel::skip_to(Sequence next) {
  counted_from_ += next - log_.next();
  log_.begin_at(next);
}

void Channel::ring() const {
  for (const std::shared_ptr<Bell>& bell : bells_) bell->ring();
}

bool Channel::is_own_id(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  return epoch_of(id) != nullptr;
}

Channel::Place Channel::place_of_opening() const {
  const std::lock_guard lock(mutex_);
  const Epoch& epoch = *later_epochs_.front();
  return {.next = epoch.next, .epoch = &epoch};
}

Channel::Place Channel::place_after(std::optional<std::string_view> last_event_id) {
  const std::lock_guard lock(mutex_);
  log_.expire(shelf_->clock().now());
  if (!last_event_id || last_event_id->empty()) return {.next = log_.next(), .epoch = epoch_};
  const std::string_view id = *last_event_id;
  const Epoch* const epoch = epoch_of(id);
  if (!epoch) return place_of_stranger();
  Sequence had = 0;
  const auto [end, error] = std::from_chars(id.data() + epoch->text.size() + 1, id.data() + id.size(), had);
  const bool is_number = error == std::errc() && end == id.data() + id.size();
  const bool is_ahead = epoch == epoch_ && had >= log_.next();
  const bool may_be_ahead = has_others_ && had - log_.next() < kMostAhead;
  if (!is_number || (is_ahead && !may_be_ahead)) return place_of_stranger();
  if (epoch != epoch_) return place_after_epoch(had + 1, epoch);
  if (had < first_kept() - 1) return place_behind();
  return {.next = had + 1, .is_cold = had + 1 < log_.first(), .epoch = epoch_};
}

// The epoch that gave the id out; null where none of this channel's did.
const Epoch* Channel::epoch_of(std::string_view id) const {
  const auto has_given = [&](const Epoch& each) {
    return id.size() > each.text.size() + 1 && id.starts_with(each.text) && id[each.text.size()] == '-';
  };
  for (auto each = later_epochs_.rbegin(); each != later_epochs_.rend(); ++each) {
    if (has_given(**each)) return each->get();
  }
  return has_given(first_epoch_) ? &first_epoch_ : nullptr;
}

Channel::Place Channel::place_of(Sequence next, const Epoch* epoch) const {
  const std::lock_guard lock(mutex_);
  if (epoch != epoch_) return place_after_epoch(next, epoch);
  if (next < cleared_to_) {
    // Of what came since then it has fallen behind only where that is gone too.
    const Sequence cleared = cleared_to_;
    Place place{.next = cleared, .has_missed = true, .is_cold = cleared < log_.first(), .epoch = epoch};
    if (first_kept() > cleared) place = place_behind();
    place.was_cleared = true;
    return place;
  }
  if (next < first_kept()) return place_behind();
  return {.next = next, .is_cold = next < log_.first(), .epoch = epoch};
}

Channel::Place Channel::place_behind_hole(Sequence end) const {
  const std::lock_guard lock(mutex_);
  return missing_from(std::max(end, first_kept()));
}

Channel::Place Channel::place_behind() const { return missing_from(first_kept()); }

// What an unknown id's owner has had cannot be told. It gets as many events as memory may hold, not all of a long
// history.
Channel::Place Channel::place_of_stranger() const {
  const Sequence most = options_.history.max_events;
  return missing_from(std::max(first_kept(), log_.next() > most ? log_.next() - most : 1));
}

// Sequences go on in another epoch: who was at `next` has had what is before it and is still kept.
Channel::Place Channel::place_after_epoch(Sequence next, const Epoch* epoch) const {
  for (auto each = later_epochs_.rbegin(); each != later_epochs_.rend() && each->get() != epoch; ++each) {
    next = std::min(next, (*each)->next);
  }
  return missing_from(std::max(next, first_kept()));
}

Channel::Place Channel::missing_from(Sequence next) const {
  if (options_.fallen_behind == FallenBehind::kLatest && log_.next() > first_kept()) {
    next = std::max(next, log_.next() - 1);
  }
  return {.next = next, .has_missed = true, .is_cold = next < log_.first(), .epoch = epoch_};
}

std::shared_ptr<const ColdRun> Channel::read_cold(Sequence from) {
  std::unique_lock lock(mutex_);
  if (cold_runs_.size() >= cold_runs_to_sweep_) {
    std::erase_if(cold_runs_, [](const auto& each) { return each.second.expired(); });
    cold_runs_to_sweep_ = std::max<std::size_t>(64, 2 * cold_runs_.size());
  }
  std::weak_ptr<ColdRun>& known = cold_runs_[from];
  if (auto run = known.lock(); run && (run->state() == ColdRun::State::kAwaited || run->has(from))) return run;
  const auto run = std::make_shared<ColdRun>(shelf_->cold_runs());
  known = run;
  lock.unlock();
  const std::shared_ptr<History> history = history_.lock();
  if (!history) return run;
  history->read(name_, from, run->share(),
                [self = shared_from_this(), run, from](const std::shared_ptr<const History::Run>& records) {
                  self->fill(*run, from, records);
                });
  return run;
}

// By the history's thread, before anybody else looks into the run. What is not visible yet is left out; where nothing
// is kept up to what memory has, the run is empty and begins with that. A run of an epoch that is over is as good as
// none, and so is one that goes no further than `from`.
void Channel::fill(ColdRun& run, Sequence from, const std::shared_ptr<const History::Run>& records) {
  const Clock::Time now = shelf_->clock().now();
  const Clock::WallTime wall = shelf_->clock().wall_now();
  const Epoch* const epoch = this->epoch();
  const Sequence in_memory = first_in_memory(), visible = next();
  Sequence end = from;
  if (records && records->begin.epoch == epoch->number) {
    EventLog& log = run.begin(std::min(records->begin.sequence, in_memory));
    std::string block;
    for (const Record& record : records->records) {
      if (record.at.sequence != log.next() || log.next() == visible) break;
      const auto age = std::chrono::duration_cast<Clock::Time::duration>(wall - record.time);
      append(record, *epoch, now - age, block, log);
    }
    end = log.next();
  }
  const std::lock_guard lock(mutex_);
  if (end > from && epoch == epoch_) {
    run.set_there();
    ring();
  } else {
    run.set_refused();
    for (const std::shared_ptr<Bell>& bell : bells_) bell->ring_soon();
  }
}

EventLog::Run Channel::read(Sequence from, const Epoch* epoch, std::size_t max_bytes) const {
  const std::lock_guard lock(mutex_);
  if (epoch != epoch_ || from < log_.first() || from >= log_.next()) return {};
  return log_.read(from, max_bytes);
}

Channel::Sequence Channel::next() const {
  const std::lock_guard lock(mutex_);
  return log_.next();
}

Channel::Sequence Channel::first() const {
  const std::lock_guard lock(mutex_);
  return first_kept();
}

Channel::Sequence Channel::first_in_memory() const {
  const std::lock_guard lock(mutex_);
  return log_.first();
}

// Whoever comes or goes meanwhile calls it too, so that what was told last is what there is.
void Channel::tell_whether_watched() {
  if (!options_.on_watched) return;
  const std::lock_guard lock(watching_mutex_);
  const bool is_watched = subscribers() > 0;
  if (std::exchange(was_watched_, is_watched) != is_watched) options_.on_watched(name_, is_watched);
}

Channel::Figures Channel::figures() {
  const std::lock_guard lock(mutex_);
  const Clock::Time now = shelf_->clock().now();
  log_.expire(now);
  Figures figures{.subscribers = subscribers(),
                  .published = log_.next() - counted_from_,
                  .kept = log_.next() - first_kept(),
                  .first = log_.first(),
                  .next = log_.next(),
                  .bytes = log_.bytes(),
                  .age = {}};
  if (!log_.is_empty()) figures.age = now - log_.oldest();
  return figures;
}

void Channel::listen(Listener& listener, Loop& loop) {
  const std::lock_guard lock(mutex_);
  auto bell = std::find_if(bells_.begin(), bells_.end(), [&](const auto& each) { return &each->loop() == &loop; });
  if (bell == bells_.end()) bell = bells_.insert(bell, std::make_shared<Bell>(loop, options_.gather_time));
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
  if (is_kept_) return;
  log_.clear();
  keys_ = nullptr;
}

void Channel::drop_old_events() {
  const std::lock_guard lock(mutex_);
  log_.expire(shelf_->clock().now());
  if (log_.is_empty()) keys_ = nullptr;
}

}  // namespace tidings
