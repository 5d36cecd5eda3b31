#include "tidings/server/redis/redis_link.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace tidings {
namespace {

constexpr std::string_view kClientName = "tidings";
constexpr int kLeastVersion = 7;
constexpr std::size_t kMostSaid = 64;  // bytes of what Redis says that are repeated in the log
constexpr std::size_t kMostSentences = 16;

// The value of a line `name:value` of INFO; empty where there is none.
std::string_view value_of(std::string_view info, std::string_view name) {
  for (std::size_t at = 0; at < info.size();) {
    std::size_t end = info.find('\n', at);
    if (end == std::string_view::npos) end = info.size();
    std::string_view line = info.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':') {
      return line.substr(name.size() + 1);
    }
    at = end + 1;
  }
  return {};
}

// The value of a word `name=value` of CLIENT INFO.
std::string_view word_of(std::string_view info, std::string_view name) {
  const std::string begin = ' ' + std::string(name) + '=';
  const std::size_t at = info.find(begin);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = info.substr(at + begin.size());
  return rest.substr(0, rest.find_first_of(" \r\n"));
}

std::string printable(std::string_view text) {
  std::string shown(text.substr(0, kMostSaid));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

// How the sentence goes on that begins with where Redis is.
std::string why(std::string_view error) {
  if (error.starts_with("NOAUTH")) return "wants a password: redis://USER:PASSWORD@HOST, or redis://:PASSWORD@HOST";
  if (error.starts_with("WRONGPASS")) return "does not know this user and password";
  if (error.starts_with("LOADING")) return "is still loading its data";
  if (error.starts_with("READONLY")) return "is a replica, and this needs the master";
  if (error.starts_with("NOPERM")) return "forbids its user what is needed: " + printable(error);
  if (error.starts_with("NOSCRIPT")) return "has forgotten our scripts";
  if (error.starts_with(kNotArrived)) return "has dropped its data";
  return "refuses what is asked: " + printable(error);
}

void require_no_error(RedisReply reply) {
  if (reply.is_error()) throw RedisFailure(why(reply.text()));
}

}  // namespace

RedisLink::RedisLink(Options options, User& user, std::shared_ptr<const Clock> clock, std::uint64_t seed)
    : options_(std::move(options)),
      user_(user),
      clock_(std::move(clock)),
      names_(options_.prefix, options_.url.database),
      backoff_(options_.first_pause, options_.longest_pause, seed),
      since_(clock_->now()) {}

template <class Work>
void RedisLink::try_to(Work work) {
  try {
    work();
  } catch (const RedisFailure& failure) {
    lose(failure.what());
  }
}

void RedisLink::ask(std::span<const std::string_view> words, RedisConnection::OnReply on_reply) {
  commands_->send(words);
  ask_for(std::move(on_reply));
}

void RedisLink::run(RedisScript script, std::span<const std::string_view> arguments,
                    RedisConnection::OnReply on_reply) {
  std::vector<std::string_view> words = {"EVALSHA", script_ids_.at(static_cast<std::size_t>(script)), "2",
                                         names_.prefix(), names_.messages()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  ask(words, std::move(on_reply));
}

void RedisLink::subscribe(std::string_view channel) {
  messages_->send({"SUBSCRIBE", channel});
  if (unheard_++ == 0) unheard_since_ = clock_->now();
}

void RedisLink::unsubscribe(std::string_view channel) { messages_->send({"UNSUBSCRIBE", channel}); }

std::array<pollfd, 2> RedisLink::polled() const {
  std::array<pollfd, 2> polled = {pollfd{-1, 0, 0}, pollfd{-1, 0, 0}};
  std::size_t index = 0;
  for (const auto* connection : {&commands_, &messages_}) {
    pollfd& each = polled.at(index++);
    if (!*connection) continue;
    each.fd = (*connection)->descriptor();
    each.events = static_cast<short>(POLLIN | ((*connection)->has_output() ? POLLOUT : 0));
  }
  return polled;
}

Clock::Time RedisLink::next_time() const {
  switch (state_) {
    case State::kAway: return since_;
    case State::kGreeting: return since_ + options_.greeting_time;
    case State::kThere: break;
  }
  Clock::Time next = beat_at_;
  // Something may be asked until then.
  next = std::min(next, (asked_.empty() ? clock_->now() : asked_.front().since) + options_.answer_time);
  if (pinged_at_) next = std::min(next, *pinged_at_ + options_.answer_time);
  if (unheard_ > 0) next = std::min(next, unheard_since_ + options_.answer_time);
  return next;
}

void RedisLink::turn(std::span<const pollfd, 2> polled) {
  if (state_ == State::kAway) {
    if (!is_closed_ && clock_->now() >= since_) try_to([this] { begin(); });
    return;
  }
  try_to([&] {
    // Messages first: an event that is published here is not waited for where its message is there already.
    if (polled[1].revents != 0) {
      messages_->receive([this](RedisReply reply, const Owner& owner) { get_message(reply, owner); });
    }
    if (polled[0].revents != 0) {
      commands_->receive([this](RedisReply reply, const Owner& owner) {
        if (asked_.empty()) throw RedisFailure("says what it was not asked");
        const Asked asked = std::move(asked_.front());
        asked_.pop_front();
        asked.on_reply(reply, owner);
      });
    }
    require_in_time();
    if (state_ == State::kThere && clock_->now() >= beat_at_) beat();
  });
}

void RedisLink::flush() {
  if (state_ == State::kAway) return;
  try_to([this] {
    commands_->flush();
    messages_->flush();
  });
}

bool RedisLink::flush_ahead() {
  try {
    commands_->flush();
  } catch (const RedisFailure&) {
    return false;
  }
  return !commands_->has_output();
}

void RedisLink::require_in_time() {
  const Clock::Time now = clock_->now();
  const bool is_late = state_ == State::kGreeting
                           ? now >= since_ + options_.greeting_time
                           : (!asked_.empty() && now >= asked_.front().since + options_.answer_time) ||
                                 (pinged_at_ && now >= *pinged_at_ + options_.answer_time) ||
                                 (unheard_ > 0 && now >= unheard_since_ + options_.answer_time);
  if (is_late) throw RedisFailure("does not answer");
}

// --- How it begins

void RedisLink::begin() {
  state_ = State::kGreeting;
  since_ = clock_->now();
  is_let_in_ = has_arrived_ = false;
  server_ = {};
  commands_ = std::make_unique<RedisConnection>(options_.url);
  messages_ = std::make_unique<RedisConnection>(options_.url);
  greet(*messages_);
  // Of no channel of ours: whoever may not hear messages is told so now.
  subscribe(names_.messages());
  messages_->send({"PING"});
  greet(*commands_);
  if (!options_.url.password.empty()) ask_for([](RedisReply reply, const Owner&) { require_no_error(reply); });
  const std::string database = std::to_string(options_.url.database);
  // What it is, before anything that it may not know.
  ask({"INFO"}, [this](RedisReply reply, const Owner&) {
    if (!reply.is_there()) return;
    require_no_error(reply);
    look_at_info(reply.text());
  });
  ask({"SELECT", database}, [](RedisReply reply, const Owner&) { require_no_error(reply); });
  ask({"CLIENT", "SETNAME", kClientName}, [](RedisReply, const Owner&) {});
  ask({"CLIENT", "INFO"}, [this](RedisReply reply, const Owner&) { server_.address = word_of(reply.text(), "laddr"); });
  ask_what_it_keeps();
  for (std::size_t script = 0; script < kRedisScripts; ++script) {
    ask({"SCRIPT", "LOAD", redis_script(static_cast<RedisScript>(script))},
        [this, script](RedisReply reply, const Owner&) {
          if (!reply.is_there()) return;
          require_no_error(reply);
          script_ids_.at(script) = reply.text();
          if (script + 1 == kRedisScripts) arrive();
        });
  }
}

void RedisLink::greet(RedisConnection& connection) {
  const RedisUrl& url = options_.url;
  if (url.password.empty()) return;
  if (url.user.empty()) {
    connection.send({"AUTH", url.password});
  } else {
    connection.send({"AUTH", url.user, url.password});
  }
}

void RedisLink::look_at_info(std::string_view info) {
  const std::string_view version = value_of(info, "redis_version");
  if (version.empty()) throw RedisFailure("says what no Redis says");
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (major < kLeastVersion) {
    throw RedisFailure("is version " + printable(version) + ", and Redis 7.0 is the least that will do");
  }
  if (value_of(info, "loading") == "1") throw RedisFailure(why("LOADING"));
  if (value_of(info, "role") != "master") throw RedisFailure(why("READONLY"));
  if (value_of(info, "cluster_enabled") == "1") {
    throw RedisFailure("is part of a Redis Cluster, whose keys lie on several servers: that will not do");
  }
  const std::string_view policy = value_of(info, "maxmemory_policy");
  if (value_of(info, "maxmemory") != "0" && policy.starts_with("allkeys")) {
    throw RedisFailure("drops any key when its memory is full: set maxmemory-policy to noeviction, not " +
                       printable(policy));
  }
  server_.run = value_of(info, "run_id");
  // The history of whose data it goes on with, if it was a replica or was loaded from a snapshot: else zeros.
  server_.is_promoted = value_of(info, "master_replid2").find_first_not_of('0') != std::string_view::npos;
}

// Whoever may not ask gets an error, and is not sure then.
void RedisLink::ask_what_it_keeps() {
  ask({"CONFIG", "GET", "append*"}, [this](RedisReply reply, const Owner&) {
    const auto is = [&](std::string_view name, std::string_view value) {
      for (std::size_t i = 0; i + 1 < reply.size(); i += 2) {
        if (reply[i].text() == name) return reply[i + 1].text() == value;
      }
      return false;
    };
    server_.keeps_all = is("appendonly", "yes") && is("appendfsync", "always");
  });
}

void RedisLink::arrive() {
  const bool keeps_all = server_.keeps_all && !server_.is_promoted;
  run(RedisScript::kArrive, {server_.run, server_.address, keeps_all ? "1" : "0", std::to_string(beats_)},
      [this](RedisReply reply, const Owner&) {
        if (!reply.is_there()) return;
        require_no_error(reply);
        const std::optional<std::uint64_t> floor = reply[0].number(), beats = reply[1].number();
        const bool is_possible = floor && beats && *floor > 0 && std::max(*floor, *beats) <= kMostRedisNumber;
        if (!is_possible) throw RedisFailure("says what no Redis says");
        floor_ = *floor;
        beats_ = *beats;
        has_arrived_ = true;
        pull();
      });
}

// Both connections are there.
void RedisLink::pull() {
  if (!is_let_in_ || !has_arrived_ || state_ != State::kGreeting) return;
  state_ = State::kThere;
  beat_at_ = clock_->now() + options_.beat_time;
  backoff_.reset();
  if (has_been_there_) spdlog::info("Redis at {} is there again.", options_.url.shown());
  has_been_there_ = true;
  failure_.reset();
  said_.clear();
  user_.came();
}

// --- While it is there

void RedisLink::beat() {
  const Clock::Time now = clock_->now();
  beat_at_ = now + options_.beat_time;
  if (!pinged_at_) {
    messages_->send({"PING"});
    pinged_at_ = now;
  }
  ask({"ROLE"}, [](RedisReply reply, const Owner&) {
    if (!reply.is_there()) return;
    require_no_error(reply);
    if (reply[0].text() != "master") throw RedisFailure(why("READONLY"));
  });
  ask_what_it_keeps();
  run(RedisScript::kBeat, {server_.keeps_all ? "1" : "0", std::to_string(beats_)},
      [this](RedisReply reply, const Owner&) {
        if (!reply.is_there()) return;
        require_no_error(reply);
        if (reply[0].number() != floor_) throw RedisFailure(why(kNotArrived));
        const std::uint64_t beats = reply[1].number().value_or(0);
        if (beats < beats_ || beats > kMostRedisNumber) throw RedisFailure("has other data than it had");
        beats_ = beats;
      });
}

void RedisLink::get_message(RedisReply reply, const Owner& owner) {
  require_no_error(reply);
  const std::string_view kind = reply.size() > 0 ? reply[0].text() : reply.text();
  if (kind == "message" && reply.size() == 3) {
    user_.heard(reply[1].text(), reply[2].text(), owner);
  } else if (kind == "subscribe" && unheard_ > 0) {
    --unheard_;
    unheard_since_ = clock_->now();
    user_.subscribed(reply[1].text());
  } else if (kind == "PONG" || kind == "pong") {
    pinged_at_.reset();
    is_let_in_ = true;
    pull();
  }
}

// --- How it ends

void RedisLink::lose(const std::string& why) {
  if (has_been_there_ && said_.size() < kMostSentences && said_.insert(why).second) {
    spdlog::error("Redis at {} {}.", options_.url.shown(), why);
  }
  failure_ = why;
  since_ = clock_->now() + backoff_.next();
  drop_connections();
}

void RedisLink::close() {
  is_closed_ = true;
  drop_connections();
}

void RedisLink::drop_connections() {
  state_ = State::kAway;
  commands_.reset();
  messages_.reset();
  pinged_at_.reset();
  unheard_ = 0;
  const std::deque<Asked> asked = std::exchange(asked_, {});
  for (const Asked& each : asked) each.on_reply(RedisReply(), nullptr);
  user_.left("Redis can't be reached at the moment");
}

}  // namespace tidings
