#include "tidings/server/redis/redis_history.h"

#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <random>
#include <stdexcept>
#include <utility>
#include <variant>

#include "tidings/server/loop/post_box.h"
#include "tidings/server/redis/script_replies.h"

namespace tidings {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kClosed = "The history is closed";
constexpr std::string_view kLost = "Redis can't be reached at the moment";
constexpr std::string_view kForeign = "Redis has something else where the events of this channel would be";
constexpr std::string_view kTooLarge = "An event may have 16 MiB at most in Redis";
constexpr std::string_view kTooFewReplicas = "Not as many replicas of Redis have it as are wanted";

constexpr std::size_t kMostBlockBytes = std::size_t{16} << 20;
constexpr std::size_t kAppendsAtATime = 256,
                      kAppendBytesAtATime = std::size_t{256} << 10;  // which Redis stands still for
constexpr std::size_t kReadingsAtATime = 32;
constexpr std::size_t kCatchUpBytes = std::size_t{1} << 20;
constexpr milliseconds kPatience{100};  // with what has come early
constexpr int kSweepsToTidy = 5;
constexpr milliseconds kClosingTime{5000};
constexpr std::string_view kSweptAtATime = "32";
constexpr std::size_t kMostListed = 10'000;  // as elements of a reply, well below what a connection takes

// Of whom this is the thread.
thread_local const RedisHistory* calling = nullptr;

// Why Redis keeps nothing at the moment though it is there, as a sentence for strangers. Nothing for other errors.
std::optional<std::string_view> refusal_of(std::string_view error) {
  if (error.starts_with("OOM")) return "Redis has no memory left for events";
  if (error.starts_with("MISCONF")) return "Redis can't write to its disk";
  if (error.starts_with("NOREPLICAS")) return "Redis has too few replicas to write";
  return {};
}

// The channel's key is somebody else's, or something in it is, by which a script fails: the connection is as good as
// ever.
bool is_foreign(RedisReply reply) {
  return reply.is_error() && (reply.text().starts_with("WRONGTYPE") || reply.text().starts_with("ERR"));
}

// What Redis does not do now, though the connection is as good as ever.
bool is_of_its_channel(RedisReply reply) { return is_foreign(reply) || (reply.is_error() && refusal_of(reply.text())); }

std::string text_of(RedisReply reply) {
  std::string text(reply.text().substr(0, 64));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

[[noreturn]] void fail(RedisReply reply) {
  if (!reply.is_error()) throw RedisFailure("says what no Redis says");
  if (reply.text().starts_with(kNotArrived)) throw RedisFailure("has dropped its data");
  throw RedisFailure("refuses what is asked: " + text_of(reply));
}

// Each so many events a channel is trimmed, where that is soon enough: a 64th more than the limits may be kept.
std::uint64_t trimming_period(const HistoryLimits& limits) {
  constexpr std::uint64_t kLongest = 64, kEventBytes = 1024;
  const auto ms = static_cast<std::uint64_t>(limits.max_age.count());
  return std::clamp<std::uint64_t>(
      std::min({limits.max_events / kLongest, limits.max_bytes / (kLongest * kEventBytes), ms / (kLongest * 1000)}), 1,
      kLongest);
}

std::string text_of(std::uint64_t number) { return std::to_string(number); }
std::string text_of(milliseconds time) { return std::to_string(time.count()); }

}  // namespace

RedisHistory::RedisHistory(const Options& options, const Surroundings& surroundings)
    : options_(options),
      clock_(surroundings.clock),
      inbox_({.append_bytes = options.max_waiting_bytes,
              .openings = options.max_waiting_openings,
              .readings = options.max_waiting_reads}),
      link_({.url = parse_redis_url(options.url),
             .prefix = options.prefix,
             .greeting_time = options.greeting_time,
             .answer_time = options.answer_time,
             .beat_time = options.beat_time},
            *this, clock_, surroundings.seed ? *surroundings.seed : std::random_device()()),
      sweep_at_(clock_->now() + options_.sweep_time),
      tidy_at_(clock_->now() + kSweepsToTidy * options_.sweep_time) {
  inbox_.set_trouble(std::string(kLost), true);
  std::future<std::optional<std::string>> start = start_.get_future();
  thread_ = std::thread(&RedisHistory::live, this);
  const std::optional<std::string> failure = start.get();
  if (!failure) return;
  thread_.join();
  throw std::runtime_error("Redis at " + parse_redis_url(options.url).shown() + ' ' + *failure + '.');
}

RedisHistory::~RedisHistory() { close(); }

void RedisHistory::open(std::string name, std::weak_ptr<Sink> sink, OnOpened on_opened) {
  Opening opening{std::move(name), std::move(sink), std::move(on_opened)};
  if (inbox_.push(opening) != RedisInbox::Pushed::kTaken) opening.on_opened(std::nullopt);
}

void RedisHistory::append(std::string name, std::string block, std::optional<std::string> key, OnReceipt on_receipt) {
  if (block.size() > kMostBlockBytes) return on_receipt({Outcome::kFailed, {}, kTooLarge});
  Append append{std::move(name), std::move(block), std::move(key), std::move(on_receipt)};
  if (take_ahead(append)) return;
  switch (inbox_.push(append)) {
    case RedisInbox::Pushed::kTaken: return;
    case RedisInbox::Pushed::kTooMuch:
      return append.on_receipt({Outcome::kBusy, {}, "Too much waits to be kept in Redis"});
    case RedisInbox::Pushed::kAway: return append.on_receipt({Outcome::kFailed, {}, kLost});
    case RedisInbox::Pushed::kClosed: return append.on_receipt({Outcome::kFailed, {}, kClosed});
  }
}

// As the thread would do it, which is not woken for it where it waits.
bool RedisHistory::take_ahead(Append& append) {
  if (calling == this || options_.wait_replicas > 0) return false;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || close_by_ || !link_.is_there() || !inbox_.pass(append)) return false;
  ++unanswered_;
  take(append);
  send_all();
  if (!link_.flush_ahead()) inbox_.wake();
  return true;
}

void RedisHistory::read(std::string name, std::uint64_t from, std::size_t max_bytes, OnRun on_run) {
  Reading reading{std::move(name), from, max_bytes, std::move(on_run)};
  if (inbox_.push(reading) != RedisInbox::Pushed::kTaken) reading.on_run(nullptr);
}

void RedisHistory::clear(std::string name, OnCleared on_cleared) {
  Clearing clearing{std::move(name), std::move(on_cleared)};
  switch (inbox_.push(clearing)) {
    case RedisInbox::Pushed::kTaken: return;
    case RedisInbox::Pushed::kTooMuch:
      return clearing.on_cleared(Cleared::kBusy, "Too many channels wait to be cleared");
    case RedisInbox::Pushed::kAway: return clearing.on_cleared(Cleared::kFailed, kLost);
    case RedisInbox::Pushed::kClosed: return clearing.on_cleared(Cleared::kFailed, kClosed);
  }
}

void RedisHistory::list(std::string after, std::size_t most, OnListed on_listed) {
  Listing listing{std::move(after), most, std::move(on_listed)};
  if (inbox_.push(listing) != RedisInbox::Pushed::kTaken) listing.on_listed(std::nullopt);
}

std::optional<std::string> RedisHistory::trouble() const { return inbox_.trouble(); }

void RedisHistory::close() {
  if (std::exchange(is_closed_, true)) return;
  inbox_.close();
  thread_.join();
}

// --- The thread

void RedisHistory::live() {
  calling = this;
  std::unique_lock lock(mutex_);
  while (!is_over()) turn(lock);
  end();
}

bool RedisHistory::is_over() const {
  const bool has_failed_to_start = has_started_ && !link_.has_been_there();
  if (has_failed_to_start) return true;
  return close_by_ && (!link_.is_there() || unanswered_ == 0 || clock_->now() >= *close_by_);
}

void RedisHistory::turn(std::unique_lock<std::mutex>& lock) {
  Clock::Time next = std::min({link_.next_time(), sweep_at_, tidy_at_});
  if (!waiting_.empty()) next = std::min(next, clock_->now() + kPatience);
  if (close_by_) next = std::min(next, *close_by_);
  const auto time = inbox_.wait() ? std::chrono::ceil<milliseconds>(next - clock_->now()) : milliseconds(0);
  const std::array<pollfd, 2> link = link_.polled();
  std::array<pollfd, 3> polled = {link[0], link[1], pollfd{inbox_.descriptor(), POLLIN, 0}};
  lock.unlock();
  ::poll(polled.data(), polled.size(), static_cast<int>(std::clamp<std::int64_t>(time.count(), 0, 60'000)));
  lock.lock();
  link_.turn(std::span(polled).first<2>());
  if (polled[2].revents != 0) inbox_.hush();
  take_in();
  send_all();
  do_at_times();
  finish_turn();
  tell_start();
}

// Whoever makes this waits for it.
void RedisHistory::tell_start() {
  if (has_started_ || (!link_.is_there() && !link_.failure())) return;
  has_started_ = true;
  start_.set_value(link_.is_there() ? std::nullopt : link_.failure());
}

void RedisHistory::take_in() {
  const bool is_closed = inbox_.is_closed();  // before: then nothing comes behind what is taken
  for (RedisInbox::Item& item : inbox_.take()) {
    ++unanswered_;
    std::visit([this](auto& each) { take(each); }, item);
    if (is_much_waiting_) send_all();
  }
  if (is_closed && !close_by_) close_by_ = clock_->now() + kClosingTime;
}

// First what Redis is to do, so that it does it while the followers are told of what it has done.
void RedisHistory::finish_turn() {
  wait_for_replicas();
  for (Channel* const channel : touched_) catch_up(*channel);
  link_.flush();
  for (Channel* const channel : std::exchange(touched_, {})) {
    channel->is_touched = false;
    channel->order.flush();
    std::erase_if(channel->untold, [&](const Kept& kept) {
      if (!channel->order.is_told(kept.at)) return false;
      answers_.push_back({kept.append, {Outcome::kKept, kept.at, {}}});
      return true;
    });
    if (!channel->order.is_waiting()) {
      channel->waits_since.reset();
    } else if (!channel->waits_since) {
      channel->waits_since = clock_->now();
      waiting_.push_back(channel->name);
    }
  }
  if (answers_.empty()) return;
  const std::vector<Answer> answers = std::exchange(answers_, {});
  RedisInbox::Done done;
  for (const Answer& answer : answers) done.append_bytes += answer.append->bytes();
  inbox_.done(done);
  unanswered_ -= answers.size();
  const PostBox::Gathering gathering;
  for (const Answer& answer : answers) answer.append->on_receipt(answer.receipt);
}

void RedisHistory::do_at_times() {
  give_up_waiting();
  const Clock::Time now = clock_->now();
  if (now >= sweep_at_) {
    sweep_at_ = now + options_.sweep_time;
    if (link_.is_there()) sweep();
  }
  if (now >= tidy_at_) {
    tidy_at_ = now + kSweepsToTidy * options_.sweep_time;
    drop_unfollowed();
    inbox_.forget_foreign();
    has_warned_ = false;
  }
}

// Whatever still waits is answered.
void RedisHistory::end() {
  inbox_.close();
  link_.close();
  take_in();
  for (const auto& [name, channel] : channels_) open_all(*channel, {});
  finish_turn();
}

// --- Redis comes and goes

void RedisHistory::came() {
  inbox_.set_trouble(std::nullopt, false);
  refusal_.reset();
  for (const auto& [name, channel] : channels_) link_.subscribe(link_.names().messages() + name);
}

void RedisHistory::left(std::string_view why) {
  inbox_.set_trouble(std::string(why), true);
  if (batch_) {
    for (const Kept& kept : *batch_) refuse(kept.append, why);
  }
  batch_.reset();
  refuse(std::exchange(strays_, {}), why);
  is_waiting_for_replicas_ = false;
  for (const auto& [name, channel] : channels_) {
    channel->state = State::kUnheard;
    channel->is_reading = false;
    channel->ask_again = false;
    refuse(std::exchange(channel->appends, {}), why);
    channel->append_bytes = 0;
    channel->heard = {};
    for (const Kept& kept : std::exchange(channel->untold, {})) refuse(kept.append, why);
  }
  for (Reading& reading : std::exchange(readings_, {})) {
    --unanswered_;
    inbox_.done({.readings = 1});
    reading.on_run(nullptr);
  }
}

void RedisHistory::subscribed(std::string_view channel) {
  channel.remove_prefix(std::min(channel.size(), link_.names().messages().size()));
  Channel* const known = find(channel);
  if (!known || known->state != State::kUnheard) return;
  look(*known);
  send_soon(*known);
}

void RedisHistory::heard(std::string_view channel, std::string_view text, const Owner& owner) {
  channel.remove_prefix(std::min(channel.size(), link_.names().messages().size()));
  Channel* const known = find(channel);
  const std::optional<RedisMessage> message = RedisMessage::parse(text);
  if (!known || !message) return;
  InOrder& order = known->order;
  const auto& numbers = message->numbers;
  Position at = {message->epoch, numbers[0]};
  switch (message->kind) {
    case 'E':
      if (at <= known->heard) known->has_gone_back = true;
      // What was dropped when they were added is told behind the last one.
      for (std::size_t left = message->blocks.size(); const std::string_view block : message->blocks) {
        order.offer({.at = at,
                     .first = --left == 0 ? numbers[1] : 0,
                     .time = time_of_redis(numbers[2]),
                     .block = block,
                     .owner = owner});
        ++at.sequence;
      }
      --at.sequence;
      break;
    case 'C':
      --at.sequence;
      order.offer({.at = at, .is_clearing = true});
      break;
    case 'D':
      if (order.has_begun()) order.drop(at);
      at = {};
      break;
    case 'B':
      if (order.has_begun()) order.meet({.epoch = message->epoch, .first = numbers[0], .next = numbers[1]});
      at.sequence = numbers[1] - 1;
      break;
    case 'L':
      --at.sequence;
      if (at < known->heard) known->has_gone_back = true;
      known->heard = std::max(known->heard, at);
      break;
    default: break;
  }
  if (order.has_begun() && order.is_told(at)) known->heard = std::max(known->heard, at);
  touch(*known);
}

// --- Opening

RedisHistory::Channel* RedisHistory::find(std::string_view name) {
  const auto found = channels_.find(name);
  return found == channels_.end() ? nullptr : found->second.get();
}

void RedisHistory::touch(Channel& channel) {
  if (std::exchange(channel.is_touched, true)) return;
  touched_.push_back(&channel);
}

void RedisHistory::take(Opening& opening) {
  Channel* channel = find(opening.name);
  if (!channel) {
    channel = channels_.emplace(opening.name, std::make_unique<Channel>(opening.name, options_.max_early_bytes))
                  .first->second.get();
    if (link_.is_there()) link_.subscribe(link_.names().messages() + channel->name);
  }
  channel->openings.push_back(std::move(opening));
  if (channel->order.has_begun()) {
    channel->order.flush();
    return open_all(*channel, channel->order.extent());
  }
  if (channel->state == State::kKnown) look(*channel);  // it was foreign
}

// What they are told is what there is up to where the sink is told of from now on.
void RedisHistory::open_all(Channel& channel, const std::optional<Extent>& extent) {
  const std::vector<Opening> openings = std::exchange(channel.openings, {});
  unanswered_ -= openings.size();
  inbox_.done({.openings = openings.size()});
  for (const Opening& opening : openings) {
    opening.on_opened(extent);
    if (extent) channel.followers.sinks.push_back(opening.sink);
  }
}

void RedisHistory::look(Channel& channel) {
  channel.state = State::kAsked;
  const bool has_begun = channel.order.has_begun();
  Extent known = has_begun ? channel.order.extent() : Extent{0, 0, 0};
  const bool has_gone_back = channel.has_gone_back;
  if (has_gone_back) known.next = kMostRedisNumber;  // more than it has: then another epoch begins
  link_.run(RedisScript::kLook, {channel.name, text_of(known.epoch), text_of(known.next)},
            [this, name = channel.name, has_gone_back](RedisReply reply, const Owner&) {
              looked(name, has_gone_back, reply);
            });
}

void RedisHistory::looked(const std::string& name, bool has_gone_back, RedisReply reply) {
  Channel* const channel = find(name);
  if (!reply.is_there() || !channel) return;
  channel->state = State::kKnown;
  if (is_foreign(reply)) {
    warn_of(name, reply);
    channel->ask_again = channel->order.has_begun();
    inbox_.add_foreign(name);
    return open_all(*channel, {});
  }
  if (reply.is_error() && refusal_of(reply.text())) {
    channel->ask_again = true;
    return;
  }
  const std::optional<Extent> extent = extent_in(reply);
  if (!extent) fail(reply);
  if (has_gone_back) channel->has_gone_back = false;
  if (channel->order.has_begun()) {
    channel->order.meet(*extent);
  } else {
    open_all(*channel, extent);
    channel->order.begin(*extent);
  }
  touch(*channel);
}

void RedisHistory::drop_unfollowed() {
  std::erase_if(channels_, [this](const auto& each) {
    Channel& channel = *each.second;
    std::erase_if(channel.followers.sinks, [](const auto& sink) { return sink.expired(); });
    if (channel.ask_again && link_.is_there() && channel.state == State::kKnown) {
      channel.ask_again = false;
      look(channel);
    }
    const bool is_in_use = !channel.followers.sinks.empty() || !channel.openings.empty() || !channel.appends.empty() ||
                           !channel.untold.empty() || channel.is_touched || channel.is_sending || channel.is_reading;
    if (is_in_use || (link_.is_there() && channel.state != State::kKnown)) return false;
    if (link_.is_there()) link_.unsubscribe(link_.names().messages() + channel.name);
    return true;
  });
}

// --- Publishing

void RedisHistory::take(Append& append) {
  auto shared = std::make_shared<Append>(std::move(append));
  if (!link_.is_there()) return refuse(shared, kLost);
  Channel* const channel = find(shared->name);
  if (!channel) return strays_.push_back(std::move(shared));
  channel->append_bytes += shared->bytes();
  channel->appends.push_back(std::move(shared));
  if (!channel->order.has_begun() && channel->state == State::kUnheard) return;
  is_much_waiting_ =
      is_much_waiting_ || channel->appends.size() >= kAppendsAtATime || channel->append_bytes >= kAppendBytesAtATime;
  send_soon(*channel);
}

void RedisHistory::send_soon(Channel& channel) {
  if (!std::exchange(channel.is_sending, true)) sending_.push_back(&channel);
}

// Not before what was sent is answered, unless it has become much: what comes meanwhile goes together, as with Nagle's
// algorithm.
void RedisHistory::send_all() {
  if (sends_under_way_ > 0 && !is_much_waiting_) return;
  is_much_waiting_ = false;
  for (const auto& stray : std::exchange(strays_, {})) send(stray->name, {stray});
  for (Channel* const channel : std::exchange(sending_, {})) {
    channel->is_sending = false;
    channel->append_bytes = 0;
    Appends together;
    std::size_t bytes = 0;
    for (auto& append : std::exchange(channel->appends, {})) {
      if (together.size() == kAppendsAtATime || bytes >= kAppendBytesAtATime) {
        send(channel->name, std::exchange(together, {}));
        bytes = 0;
      }
      bytes += append->bytes();
      together.push_back(std::move(append));
    }
    if (!together.empty()) send(channel->name, std::move(together));
  }
}

void RedisHistory::send(std::string_view name, Appends appends) {
  const Channel* const channel = find(name);
  const Extent known = channel && channel->order.has_begun() ? channel->order.extent() : Extent{0, 0, 0};
  const HistoryLimits& limits = options_.limits;
  // A channel that has not been looked at since the floor rose is in an epoch that is over.
  const std::uint64_t floor = known.epoch >= link_.floor() ? link_.floor() : 0;
  const std::string numbers[] = {
      text_of(known.epoch),       text_of(known.next),       text_of(floor),         text_of(trimming_period(limits)),
      text_of(limits.max_events), text_of(limits.max_bytes), text_of(limits.max_age)};
  std::vector<std::string_view> arguments = {name};
  arguments.insert(arguments.end(), std::begin(numbers), std::end(numbers));
  for (const std::shared_ptr<Append>& append : appends) {
    arguments.push_back(append->block);
    arguments.push_back(append->key ? std::string_view(*append->key) : std::string_view());
  }
  ++sends_under_way_;
  if (options_.wait_replicas > 0 && !batch_) batch_ = std::make_shared<Batch>();
  link_.run(RedisScript::kAppend, arguments,
            [this, appends = std::move(appends), batch = batch_](RedisReply reply, const Owner&) {
              --sends_under_way_;
              appended(appends, batch, reply);
            });
}

void RedisHistory::appended(const Appends& appends, const std::shared_ptr<Batch>& batch, RedisReply reply) {
  if (!reply.is_there()) return refuse(appends, kLost);
  if (is_foreign(reply)) {
    warn_of(appends.front()->name, reply);
    return refuse(appends, kForeign);
  }
  const std::optional<Appended> appended = appended_in(reply, appends.size());
  if (!appended) {
    const std::optional<std::string_view> why = refusal_of(reply.text());
    refuse(appends, why.value_or(kLost));
    if (!why) fail(reply);
    return set_refusal(why);
  }
  set_refusal({});
  const std::uint64_t last = *std::max_element(appended->sequences.begin(), appended->sequences.end());
  Channel* const channel = find(appends.front()->name);
  for (std::size_t i = 0; i < appends.size(); ++i) {
    const std::shared_ptr<Append>& append = appends[i];
    const Kept kept{append, {appended->epoch, appended->sequences[i]}};
    if (kept.at.sequence == 0) {
      answers_.push_back({append, {Outcome::kKeyTaken, {}, kWhyKeyTaken}});
      continue;
    }
    if (channel && kept.at.sequence >= appended->first_new) {
      channel->order.offer({.at = kept.at,
                            .first = kept.at.sequence == last ? appended->first : 0,
                            .time = appended->time,
                            .block = append->block,
                            .owner = append});
      touch(*channel);
    }
    batch ? batch->push_back(kept) : acknowledge(kept);
  }
}

// One question for all that was published in this turn, or since the last question: while that is not answered, Redis
// does nothing else for us.
void RedisHistory::wait_for_replicas() {
  if (!batch_ || !link_.is_there() || std::exchange(is_waiting_for_replicas_, true)) return;
  const std::shared_ptr<Batch> batch = std::exchange(batch_, nullptr);
  link_.ask({"WAIT", std::to_string(options_.wait_replicas), text_of(options_.wait_time)},
            [this, batch](RedisReply reply, const Owner&) {
              is_waiting_for_replicas_ = false;
              if (reply.is_error()) {
                for (const Kept& kept : *batch) refuse(kept.append, kLost);
                fail(reply);
              }
              const bool is_enough = reply.number().value_or(0) >= options_.wait_replicas;
              for (const Kept& kept : *batch) {
                is_enough ? acknowledge(kept) : refuse(kept.append, reply.is_there() ? kTooFewReplicas : kLost);
              }
            });
}

// Once its followers have been told, who may wait for what is before it.
void RedisHistory::acknowledge(const Kept& kept) {
  Channel* const channel = find(kept.append->name);
  if (channel && channel->order.has_begun() && !channel->order.is_told(kept.at)) {
    channel->untold.push_back(kept);
  } else {
    answers_.push_back({kept.append, {Outcome::kKept, kept.at, {}}});
  }
}

void RedisHistory::refuse(const std::shared_ptr<Append>& append, std::string_view why) {
  answers_.push_back({append, {Outcome::kFailed, {}, why}});
}

void RedisHistory::refuse(const Appends& appends, std::string_view why) {
  for (const std::shared_ptr<Append>& append : appends) refuse(append, why);
}

// Not each time, and not each of many channels.
void RedisHistory::warn_of(const std::string& name, RedisReply reply) {
  if (!std::exchange(has_warned_, true)) spdlog::warn("Redis refuses the channel {}: {}", name, text_of(reply));
}

void RedisHistory::set_refusal(std::optional<std::string_view> why) {
  if (why == refusal_) return;
  refusal_ = why;
  inbox_.set_trouble(refusal_, false);
  refusal_ ? spdlog::error("{}.", *refusal_) : spdlog::info("Redis keeps events again.");
}

// --- Reading

void RedisHistory::take(Reading& reading) {
  readings_.push_back(std::move(reading));
  read_on();
}

// Not all at once: what Redis has ready for us lies in its memory until we have taken it.
void RedisHistory::read_on() {
  while (link_.is_there() && readings_asked_ < kReadingsAtATime && !readings_.empty()) {
    const auto reading = std::make_shared<Reading>(std::move(readings_.front()));
    readings_.pop_front();
    ++readings_asked_;
    link_.run(RedisScript::kRead, {reading->name, text_of(reading->from), text_of(reading->max_bytes)},
              [this, reading](RedisReply reply, const Owner&) {
                --readings_asked_;
                --unanswered_;
                inbox_.done({.readings = 1});
                const auto run = run_in(reply, reading->from);
                reading->on_run(run);
                if (!run && reply.is_there() && !is_of_its_channel(reply)) fail(reply);
                if (reply.is_there()) read_on();
              });
  }
  if (link_.is_there()) return;
  for (Reading& reading : std::exchange(readings_, {})) {
    --unanswered_;
    inbox_.done({.readings = 1});
    reading.on_run(nullptr);
  }
}

void RedisHistory::catch_up(Channel& channel) {
  if (channel.has_gone_back && channel.state == State::kKnown && link_.is_there()) look(channel);
  const std::optional<std::uint64_t> from = channel.order.missing_from();
  if (!from || channel.is_reading || channel.state != State::kKnown || !link_.is_there()) return;
  channel.is_reading = true;
  link_.run(RedisScript::kRead, {channel.name, text_of(*from), text_of(kCatchUpBytes)},
            [this, name = channel.name](RedisReply reply, const Owner& owner) { caught_up(name, reply, owner); });
}

void RedisHistory::caught_up(const std::string& name, RedisReply reply, const Owner& owner) {
  Channel* const channel = find(name);
  if (!reply.is_there() || !channel) return;
  channel->is_reading = false;
  if (is_of_its_channel(reply)) {
    channel->ask_again = true;
    return;
  }
  const std::optional<Extent> extent = extent_in(reply);
  if (!extent) fail(reply);
  std::vector<InOrder::Item> items;
  for (const Record& event : events_in(reply, *extent)) {
    items.push_back({.at = event.at, .time = event.time, .block = event.block, .owner = owner});
  }
  touch(*channel);
  // Redis has less than is known here, or it had when it was read.
  if (extent->epoch < channel->order.extent().epoch) return look(*channel);
  channel->order.read(*extent, std::move(items));
  // Redis has answered these before it was read: what it does not have then it has lost.
  std::erase_if(channel->untold, [&](const Kept& kept) {
    if (kept.at < Position{extent->epoch, extent->next}) return false;
    refuse(kept.append, kLost);
    return true;
  });
}

// A message and a reply come by two connections, and one is sometimes first. What was sent comes, though: that it does
// not is what only somebody else's messages lead to.
void RedisHistory::give_up_waiting() {
  if (waiting_.empty()) return;
  const Clock::Time now = clock_->now();
  std::erase_if(waiting_, [&](const std::string& name) {
    Channel* const channel = find(name);
    if (!channel || !channel->waits_since) return true;
    if (now < *channel->waits_since + kPatience || channel->is_reading) return false;
    channel->waits_since.reset();
    channel->order.give_up_waiting();
    touch(*channel);
    return true;
  });
}

// --- Clearing, listing, sweeping

void RedisHistory::take(Clearing& clearing) {
  const auto shared = std::make_shared<Clearing>(std::move(clearing));
  const auto answer = [this, shared](Cleared cleared, std::string_view why) {
    --unanswered_;
    inbox_.done({.clearings = 1});
    shared->on_cleared(cleared, why);
  };
  if (!link_.is_there()) return answer(Cleared::kFailed, kLost);
  const Channel* const channel = find(shared->name);
  const Extent known = channel && channel->order.has_begun() ? channel->order.extent() : Extent{0, 0, 0};
  link_.run(RedisScript::kClear, {shared->name, text_of(known.epoch), text_of(known.next)},
            [this, shared, answer](RedisReply reply, const Owner&) {
              if (!reply.is_there()) return answer(Cleared::kFailed, kLost);
              if (is_foreign(reply)) return answer(Cleared::kFailed, kForeign);
              if (reply.is_error()) {
                const std::optional<std::string_view> why = refusal_of(reply.text());
                answer(Cleared::kFailed, why.value_or(kLost));
                if (!why) fail(reply);
                return;
              }
              if (reply[0].number() == std::uint64_t{0}) return answer(Cleared::kNothing, {});
              const std::optional<Position> next = position_in(reply, 1);
              if (!next || next->sequence < 2 || reply[0].number() != std::uint64_t{1}) {
                answer(Cleared::kFailed, kLost);
                fail(reply);
              }
              if (Channel* const channel = find(shared->name); channel && channel->order.has_begun()) {
                channel->order.offer({.at = {next->epoch, next->sequence - 1}, .is_clearing = true});
                touch(*channel);
              }
              answer(Cleared::kCleared, {});
            });
}

void RedisHistory::take(Listing& listing) {
  const auto shared = std::make_shared<Listing>(std::move(listing));
  const auto answer = [this, shared](std::optional<std::vector<Listed>> listed) {
    --unanswered_;
    inbox_.done({.listings = 1});
    shared->on_listed(std::move(listed));
  };
  if (!link_.is_there()) return answer(std::nullopt);
  link_.run(RedisScript::kList, {shared->after, text_of(std::min<std::size_t>(shared->most, kMostListed))},
            [answer](RedisReply reply, const Owner&) {
              if (!reply.is_there()) return answer(std::nullopt);
              if (reply.is_error()) {
                answer(std::nullopt);
                if (!is_of_its_channel(reply)) fail(reply);
                return;
              }
              answer(listed_in(reply));
            });
}

void RedisHistory::sweep() {
  const HistoryLimits& limits = options_.limits;
  link_.run(RedisScript::kSweep,
            {swept_, kSweptAtATime, text_of(limits.max_events), text_of(limits.max_bytes), text_of(limits.max_age),
             text_of(options_.grace)},
            [this](RedisReply reply, const Owner&) {
              const bool is_lost = reply.text().starts_with(kNotArrived) || reply.text().starts_with("NOSCRIPT");
              if (reply.is_error() && is_lost) fail(reply);
              swept_ = reply[0].text();
            });
}

// --- Followers

template <class Call>
void RedisHistory::Followers::tell(Call call) {
  for (const std::weak_ptr<Sink>& each : sinks) {
    if (const std::shared_ptr<Sink> sink = each.lock()) call(*sink);
  }
}

void RedisHistory::Followers::kept(std::span<const Record> records) {
  tell([&](Sink& sink) { sink.kept(records); });
}

void RedisHistory::Followers::dropped(std::uint64_t first) {
  tell([&](Sink& sink) { sink.dropped(first); });
}

void RedisHistory::Followers::cleared(std::uint64_t next) {
  tell([&](Sink& sink) { sink.cleared(next); });
}

void RedisHistory::Followers::began(const Extent& extent) {
  tell([&](Sink& sink) { sink.began(extent); });
}

}  // namespace tidings
