#include "tidings/server/history/history_writer.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "tidings/server/loop/post_box.h"

namespace tidings {
namespace {

using Outcome = History::Outcome;
using Cleared = History::Cleared;

// What one transaction takes from the queue, and how many channels it trims beside those that it adds to; so that a
// commit is a matter of milliseconds and of little space.
constexpr std::size_t kBatchBytes = std::size_t{2} << 20;
constexpr std::size_t kTrimmedChannels = 16;
constexpr std::uint64_t kTrimmedEvents = 256;

// Between two tries to mend: the first is made at once, and each further one after twice the pause.
constexpr std::chrono::seconds kFirstPause{1}, kLongestPause{8};
constexpr std::chrono::minutes kLongestIdle{1};  // the wall clock may be set meanwhile
constexpr std::int64_t kPageBytes = 4096 + 24;   // in the log
constexpr int kPagesGivenBack = 1024;            // at a time
constexpr int kRounds = 64;                      // of making room, until readers have their turn

constexpr std::uint64_t kMostSequence = (std::uint64_t{1} << HistoryFile::kSequenceBits) - 1;

std::string cannot_write(const SqliteError& error) { return why_not({}, "written", error); }

std::unique_ptr<HistoryFile> open_file(const HistoryFile::Place& place, const HistoryFile::Run& run,
                                       const std::string& named) {
  try {
    return std::make_unique<HistoryFile>(place, run);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(why_not(named, "opened", error));
  }
}

}  // namespace

HistoryWriter::HistoryWriter(const HistoryFile::Place& place, Options options, HistoryQueue& queue,
                             HistoryReader& reader, std::shared_ptr<const Clock> clock)
    : place_(place),
      options_(std::move(options)),
      queue_(queue),
      reader_(reader),
      clock_(std::move(clock)),
      file_(open_file(place, {options_.durability, options_.boot_id, wall_now()}, place.path)),
      reserve_(place.path, place.vfs, options_.reserve_bytes) {
  place_.must_exist = true;  // when it is opened anew
  try {
    load();
  } catch (const SqliteError& error) {
    throw std::runtime_error(why_not(place.path, "opened", error));
  }
  if (!reserve_.hold()) {
    throw std::runtime_error(why_not(place.path, "opened", std::runtime_error("the disk has no room for its reserve")));
  }
}

bool HistoryWriter::step() {
  HistoryQueue::Batch batch = queue_.take(kBatchBytes);
  for (HistoryQueue::Opening& opening : batch.openings) open(opening);
  if (state_ != State::kWell && clock_->now() >= mend_at_) mend();
  const Answers answers = keep(batch);
  queue_.done(batch);
  answer(batch, answers);
  if (state_ == State::kWell && file_->log_pages() >= options_.max_log_pages) take_log();
  if (!queue_.is_empty()) return true;
  return idle_time() <= std::chrono::milliseconds(0);
}

// What publishers are told goes to each loop in one piece.
void HistoryWriter::answer(const HistoryQueue::Batch& batch, const Answers& answers) {
  const PostBox::Gathering gathering;
  for (std::size_t index = 0; index < batch.clearings.size(); ++index) {
    batch.clearings[index].on_cleared(answers.cleared[index], answers.why_not_cleared);
  }
  for (std::size_t index = 0; index < batch.appends.size(); ++index) {
    batch.appends[index].on_receipt(answers.receipts[index]);
  }
}

std::chrono::milliseconds HistoryWriter::idle_time() const {
  using std::chrono::milliseconds;
  if (state_ != State::kWell) return std::chrono::ceil<milliseconds>(mend_at_ - clock_->now());
  if (is_anything_over()) return milliseconds(0);
  if (by_age_.empty()) return kLongestIdle;
  return std::min<milliseconds>(milliseconds(by_age_.begin()->first - wall_now()), kLongestIdle);
}

bool HistoryWriter::is_anything_over() const {
  return !over_.empty() || !buried_.empty() || (!by_age_.empty() && by_age_.begin()->first <= wall_now());
}

void HistoryWriter::close() {
  reader_.disconnect();
  try {
    if (state_ != State::kBroken) file_->close_clean();
  } catch (const SqliteError&) {
    // The next run takes this one for a killed one.
  }
  file_.reset();
}

std::optional<std::string> HistoryWriter::trouble() const {
  const std::lock_guard lock(trouble_mutex_);
  return trouble_;
}

// --- What is known of the channels

void HistoryWriter::load() {
  // Each can fail, and then what is known stays as it was: with nothing known, mending would take all that is kept for
  // what a failed transaction has left.
  const std::uint64_t epoch = file_->epoch();
  const std::uint64_t floor = file_->floor();
  const auto channels = file_->channels();
  epoch_ = epoch;
  floor_ = floor;
  by_age_.clear();
  over_.clear();
  quiet_.clear();
  channels_.clear();
  free_ids_.clear();
  buried_.clear();
  next_id_ = 1;
  for (const Channel& channel : channels) {  // in the order of their ids
    HistoryFile::is_buried(channel) ? buried_.push_back(channel) : settle(channel);
    for (; next_id_ < channel.id; ++next_id_) free_ids_.push_back(next_id_);
    next_id_ = channel.id + 1;
  }
}

void HistoryWriter::settle(const Channel& row) {
  Channel& known = channels_[row.name];
  by_age_.erase({over_age_at(known, options_.limits), &known});
  quiet_.erase({known.oldest, &known});
  known = row;
  if (known.count() > 0) {
    by_age_.insert({over_age_at(known, options_.limits), &known});
  } else {
    quiet_.insert({known.oldest, &known});
  }
  is_over(known, options_.limits, wall_now()) ? void(over_.insert(&known)) : void(over_.erase(&known));
}

void HistoryWriter::open(HistoryQueue::Opening& opening) {
  if (followers_.size() >= sweep_followers_at_) {
    std::erase_if(followers_, [](const auto& each) { return each.second.are_gone(); });
    sweep_followers_at_ = 2 * followers_.size() + 1024;
  }
  Followers& followers = followers_[opening.name];
  std::erase_if(followers.sinks, [](const auto& sink) { return sink.expired(); });
  if (followers.sinks.empty()) followers.beginning = extent_of(opening.name).next;
  followers.sinks.push_back(std::move(opening.sink));
  opening.on_opened(extent_of(opening.name));
}

bool HistoryWriter::Followers::are_gone() const {
  return std::all_of(sinks.begin(), sinks.end(), [](const auto& sink) { return sink.expired(); });
}

bool HistoryWriter::is_followed(const std::string& name) const {
  const auto found = followers_.find(name);
  return found != followers_.end() && !found->second.are_gone();
}

// Of a name that has no row.
std::uint64_t HistoryWriter::beginning_of(const std::string& name) const {
  return is_followed(name) ? followers_.at(name).beginning : floor_;
}

Extent HistoryWriter::extent_of(const std::string& name) const {
  const auto known = channels_.find(name);
  if (known == channels_.end()) return {epoch_, beginning_of(name), beginning_of(name)};
  return {epoch_, known->second.first, known->second.next};
}

template <class Call>
void HistoryWriter::tell_sinks(const std::string& name, Call call) {
  const auto found = followers_.find(name);
  if (found == followers_.end()) return;
  for (const std::weak_ptr<History::Sink>& weak : found->second.sinks) {
    if (const std::shared_ptr<History::Sink> sink = weak.lock()) call(*sink);
  }
}

// --- A transaction

HistoryWriter::Answers HistoryWriter::keep(const HistoryQueue::Batch& batch) {
  const auto all = [&batch](Outcome outcome, Cleared cleared, std::string_view why) {
    return Answers{.receipts = std::vector<History::Receipt>(batch.appends.size(), {outcome, {}, why}),
                   .cleared = std::vector<Cleared>(batch.clearings.size(), cleared),
                   .why_not_cleared = why};
  };
  const bool is_asked = !batch.appends.empty() || !batch.clearings.empty();
  if (state_ == State::kWell && (is_asked || idle_time() <= std::chrono::milliseconds(0))) {
    try {
      Writing writing = write(batch);
      tell(writing);
      return {.receipts = std::move(writing.receipts), .cleared = std::move(writing.cleared)};
    } catch (const SqliteError& error) {
      file_->roll_back();
      if (error.is_busy()) return all(Outcome::kBusy, Cleared::kBusy, "Another program keeps the history locked");
      fall(error);
    }
  }
  Answers answers =
      all(Outcome::kFailed, Cleared::kFailed, trouble_ ? std::string_view(*trouble_) : std::string_view());
  if (auto writing = clear_though_full(batch)) answers.cleared = std::move(writing->cleared);
  return answers;
}

// Room is made of what was cleared. Nothing where it could not be done.
std::optional<HistoryWriter::Writing> HistoryWriter::clear_though_full(const HistoryQueue::Batch& batch) {
  if (state_ != State::kFull || batch.clearings.empty()) return std::nullopt;
  try {
    HistoryQueue::Batch clearings;
    clearings.clearings = batch.clearings;
    Writing writing = write(clearings);
    tell(writing);
    mend_at_ = clock_->now();
    return writing;
  } catch (const SqliteError& error) {
    file_->roll_back();
    if (!error.is_full() && !error.is_busy()) fall(error);
    return std::nullopt;
  }
}

HistoryWriter::Writing HistoryWriter::write(const HistoryQueue::Batch& batch) {
  Writing writing;
  const std::int64_t now = wall_now();
  file_->begin();
  for (const HistoryQueue::Clearing& clearing : batch.clearings) {
    writing.cleared.push_back(clear(clearing.name, writing, now));
  }
  for (const HistoryQueue::Append& append : batch.appends) {
    writing.receipts.push_back(add(append, draft_of(append.name, writing), now));
  }
  add_what_is_over(writing, now);
  trim(writing, now);
  drop_buried(writing);
  forget(writing, now);
  file_->commit();
  return writing;
}

// The channel gets a new row behind a number that no event gets. Before anything is added to it.
History::Cleared HistoryWriter::clear(const std::string& name, Writing& writing, std::int64_t now) {
  const auto known = channels_.find(name);
  if (known == channels_.end() || known->second.count() == 0 || writing.drafts.contains(name)) return Cleared::kNothing;
  Draft& draft = writing.drafts[name];
  draft.buried = known->second;
  draft.row = {.id = new_id(writing), .name = name, .oldest = now};
  draft.row.first = draft.row.next = draft.buried->next + 1;
  file_->bury(*draft.buried);
  file_->put(draft.row);
  return Cleared::kCleared;
}

// Some events of what was cleared, and what has none any more.
void HistoryWriter::drop_buried(Writing& writing) {
  if (buried_.empty()) return;
  writing.buried = buried_.back();
  file_->drop_oldest(*writing.buried, kTrimmedEvents);
  writing.buried->count() > 0 ? file_->put(*writing.buried) : file_->drop_buried(*writing.buried);
}

// The receipt holds once the transaction is committed.
History::Receipt HistoryWriter::add(const HistoryQueue::Append& append, Draft& draft, std::int64_t now) {
  if (append.key) {
    if (const auto known = file_->find(draft.row, *append.key, append.block)) {
      if (!known->is_same) return {Outcome::kKeyTaken, {}, History::kWhyKeyTaken};
      return {Outcome::kKept, {epoch_, known->sequence}, {}};
    }
  }
  if (draft.row.next > kMostSequence || draft.row.id > HistoryFile::kMostChannels) {
    return {Outcome::kFailed, {}, "The history has no numbers left for this channel"};
  }
  const Position at{epoch_, draft.row.next};
  file_->add(draft.row, append.block, append.key, now);
  draft.records.push_back({.at = at, .block = append.block, .time = Clock::WallTime(std::chrono::milliseconds(now))});
  return {Outcome::kKept, at, {}};
}

HistoryWriter::Draft& HistoryWriter::draft_of(const std::string& name, Writing& writing) {
  const auto [found, is_first] = writing.drafts.try_emplace(name);
  Draft& draft = found->second;
  if (!is_first) return draft;
  if (const auto known = channels_.find(name); known != channels_.end()) {
    draft.row = known->second;
  } else {
    draft.row.name = name;
    draft.row.id = new_id(writing);
    draft.row.first = draft.row.next = beginning_of(name);
    draft.is_new = true;
  }
  return draft;
}

std::int64_t HistoryWriter::new_id(Writing& writing) const {
  const std::size_t made = writing.made++, free = free_ids_.size();
  return made < free ? free_ids_[free - 1 - made] : next_id_ + static_cast<std::int64_t>(made - free);
}

void HistoryWriter::add_what_is_over(Writing& writing, std::int64_t now) {
  std::size_t count = 0;
  for (auto each = over_.begin(); each != over_.end() && count < kTrimmedChannels; ++each, ++count) {
    draft_of((*each)->name, writing);
  }
  for (auto each = by_age_.begin(); each != by_age_.end() && each->first <= now && count < kTrimmedChannels;
       ++each, ++count) {
    draft_of(each->second->name, writing);
  }
}

void HistoryWriter::trim(Writing& writing, std::int64_t now) {
  for (auto& [name, draft] : writing.drafts) {
    const bool is_changed = !draft.records.empty();
    if (is_over(draft.row, options_.limits, now)) {
      file_->trim(draft.row, options_.limits, now, std::max<std::uint64_t>(kTrimmedEvents, 2 * draft.records.size()));
    } else if (!is_changed) {
      continue;
    }
    file_->put(draft.row);
  }
}

// Names that have had no event for the longest time, where there are more of them than may stay. A name that somebody
// follows stays: it would go on with a number that is not the one that they await.
void HistoryWriter::forget(Writing& writing, std::int64_t now) {
  std::vector<Channel*> followed;
  std::size_t looked = 0;
  for (auto each = quiet_.begin(); each != quiet_.end(); ++each, ++looked) {
    if (looked == kTrimmedChannels + writing.drafts.size()) break;
    if (quiet_.size() <= options_.max_quiet_channels + writing.forgotten.size()) break;
    Channel& channel = *each->second;
    if (writing.drafts.contains(channel.name)) continue;
    if (is_followed(channel.name)) {
      followed.push_back(&channel);
    } else {
      file_->forget(channel);
      writing.forgotten.push_back(channel);
    }
  }
  for (Channel* channel : followed) {  // others are looked at first the next time
    quiet_.erase({channel->oldest, channel});
    channel->oldest = now;
    quiet_.insert({now, channel});
  }
}

// What the transaction has changed is so from now on.
void HistoryWriter::tell(const Writing& writing) {
  const std::size_t reused = std::min(writing.made, free_ids_.size());
  free_ids_.resize(free_ids_.size() - reused);
  next_id_ += static_cast<std::int64_t>(writing.made - reused);
  if (writing.buried) {
    buried_.back() = *writing.buried;
    if (writing.buried->count() == 0) {
      buried_.pop_back();
      free_ids_.push_back(writing.buried->id);
    }
  }
  for (const auto& entry : writing.drafts) {
    const std::string& name = entry.first;
    const Draft& draft = entry.second;
    if (draft.is_new && draft.records.empty()) continue;
    const auto known = channels_.find(name);
    std::uint64_t first = known == channels_.end() ? beginning_of(name) : known->second.first;
    settle(draft.row);
    if (draft.buried) {
      buried_.push_back(*draft.buried);
      first = draft.buried->next + 1;
      tell_sinks(name, [&](History::Sink& sink) { sink.cleared(first); });
    }
    if (!draft.records.empty()) tell_sinks(name, [&](History::Sink& sink) { sink.kept(draft.records); });
    if (draft.row.first != first) tell_sinks(name, [&](History::Sink& sink) { sink.dropped(draft.row.first); });
  }
  for (const Channel& row : writing.forgotten) {
    quiet_.erase({row.oldest, &channels_.at(row.name)});
    channels_.erase(row.name);
    free_ids_.push_back(row.id);
    floor_ = std::max(floor_, row.next);
  }
}

// A reader that is just reading keeps part of the log where it is: after some time nobody may read for a moment.
void HistoryWriter::take_log() {
  try {
    if (file_->log_pages() < 4 * options_.max_log_pages) {
      file_->checkpoint();
    } else {
      take_whole_log();
    }
  } catch (const SqliteError& error) {
    fall(error);
  }
}

void HistoryWriter::take_whole_log() {
  const auto nobody_reads = reader_.pause();
  file_->truncate_log();
}

// --- When it goes wrong

void HistoryWriter::fall(const SqliteError& error) {
  if (error.is_full()) {
    reserve_.give_up();
    set_state(State::kFull, "The disk of the history is full");
  } else {
    set_state(State::kBroken, cannot_write(error));
  }
  mend_at_ = clock_->now();
  mend_pause_ = kFirstPause;
}

void HistoryWriter::mend() {
  mend_at_ = clock_->now() + mend_pause_;
  mend_pause_ = std::min<std::chrono::seconds>(2 * mend_pause_, kLongestPause);
  try {
    state_ == State::kFull ? make_room() : open_anew();
  } catch (const SqliteError& error) {
    if (file_) file_->roll_back();
    if (state_ == State::kFull && !error.is_full() && !error.is_busy()) {
      set_state(State::kBroken, cannot_write(error));
    }
  } catch (const std::runtime_error& error) {
    set_state(State::kBroken, error.what());
  }
}

void HistoryWriter::make_room() {
  take_whole_log();
  for (int round = 0; round < kRounds && is_anything_over(); ++round) {
    const std::int64_t now = wall_now();
    Writing writing;
    file_->begin();
    add_what_is_over(writing, now);
    trim(writing, now);
    drop_buried(writing);
    file_->commit();
    tell(writing);
    file_->give_back(kPagesGivenBack);
    take_whole_log();
  }
  file_->give_back(kPagesGivenBack);
  take_whole_log();
  // With less room than for a log the next transactions would fail again at once.
  if (reserve_.hold(kPageBytes * options_.max_log_pages)) set_state(State::kWell, {});
}

// From what can be read of the file. What a failed transaction may have left in it goes; where something is missing
// that was kept, another epoch begins.
void HistoryWriter::open_anew() {
  const auto nobody_reads = reader_.pause();
  reader_.disconnect();
  file_.reset();
  file_ = open_file(place_, {options_.durability, options_.boot_id, wall_now()}, {});

  std::vector<Channel> rows = file_->channels();
  std::set<std::string_view> names;
  bool is_less = file_->epoch() != epoch_ || file_->floor() < floor_;
  file_->begin();
  for (Channel& row : rows) {
    if (HistoryFile::is_buried(row)) continue;
    const auto known = channels_.find(row.name);
    std::uint64_t next = known == channels_.end() ? row.first : known->second.next;
    if (known != channels_.end() && known->second.id != row.id) next = row.first;  // it was cleared all the same
    names.insert(row.name);
    is_less = is_less || row.next < next;
    if (row.next <= next) continue;
    file_->drop_from(row, next);
    file_->put(row);
  }
  for (const auto& [name, channel] : channels_) {  // one that is missing may have been forgotten
    if (!names.contains(name)) is_less = is_less || channel.count() > 0 || channel.next > file_->floor();
  }
  if (is_less && file_->epoch() == epoch_) file_->raise_epoch(wall_now());
  file_->commit();
  if (!file_->checkpoint()) throw std::runtime_error("its write-ahead log is being read by another program");

  const std::unordered_map<std::string, Channel> known = channels_;
  load();
  set_state(State::kWell, {});
  for (const auto& [name, followers] : followers_) {
    const Extent extent = extent_of(name);
    if (is_less) {
      tell_sinks(name, [&](History::Sink& sink) { sink.began(extent); });
    } else if (const auto before = known.find(name); before != known.end() && before->second.first != extent.first) {
      const auto now = channels_.find(name);
      const bool is_cleared = now != channels_.end() && now->second.id != before->second.id;
      tell_sinks(name,
                 [&](History::Sink& sink) { is_cleared ? sink.cleared(extent.first) : sink.dropped(extent.first); });
    }
  }
}

// Strangers may read the sentence: where the history lies is for the log alone.
void HistoryWriter::set_state(State state, const std::string& why) {
  state_ = state;
  const std::optional<std::string> trouble = state == State::kWell ? std::nullopt : std::optional(why);
  const std::lock_guard lock(trouble_mutex_);
  if (trouble == trouble_) return;
  trouble_ = trouble;
  trouble ? spdlog::error("{}: {}", place_.path, why) : spdlog::info("{}: The history is kept again", place_.path);
}

std::int64_t HistoryWriter::wall_now() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_->wall_now().time_since_epoch()).count();
}

}  // namespace tidings
