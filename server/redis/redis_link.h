// The way to a Redis: two connections, one for commands and one for messages, which are made and lost together, again
// and again.
//
//   kAway ──after a pause──► kGreeting ──both let us in, it is a Redis that will do, kArrive──► kThere
//     ▲                          │                                                                │
//     └──────────────────────────┴──────────── whatever goes wrong, also silence ────────────────┘
//
// What a Redis has to be is asked each time, since behind an address there may be another one. What it said yes to
// before may be gone then: kArrive of redis_scripts.h decides, by what INFO says:
//   - the same run of the same server: all is there
//   - another run at the same address, where this one and the last have the append-only file and appendfsync always:
//     all is there
//   - anything else: the newest may be gone, and all channels begin another epoch. With appendfsync everysec Redis puts
//     off writing while the file is synced, and answers all the same: after a kill something may be missing then
//
// Another run may have loaded other data than the last one had: that of a replica, which may have lagged, or an older
// file. By its beats it is told: they are counted in the data, a node knows up to which it has seen them, and one of
// the two counts in Redis goes into its append-only file and to no replica.
//
// Silence is broken: each beat asks whether it is still the master of the same data, and an answer that does not come
// within its time ends the connection. One thread at a time.
#pragma once

#include <poll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/loop/clock.h"
#include "tidings/server/redis/backoff.h"
#include "tidings/server/redis/redis_connection.h"
#include "tidings/server/redis/redis_reply.h"
#include "tidings/server/redis/redis_scripts.h"
#include "tidings/server/redis/redis_url.h"

namespace tidings {

class RedisLink {
 public:
  using Owner = RedisConnection::Owner;

  // Who uses it. May use it within each call, but for left().
  class User {
   public:
    virtual ~User() = default;
    virtual void came() = 0;
    // Nobody is told what was asked and not answered: each on_reply was called without a reply. `why` is a sentence
    // that strangers may read.
    virtual void left(std::string_view why) = 0;
    virtual void subscribed(std::string_view channel) = 0;
    virtual void heard(std::string_view channel, std::string_view message, const Owner& owner) = 0;
  };

  struct Options {
    RedisUrl url;
    std::string prefix;
    std::chrono::milliseconds greeting_time{5000};  // until both connections are there
    std::chrono::milliseconds answer_time{10'000};  // of a command
    std::chrono::milliseconds beat_time{3000};      // between two beats
    std::chrono::milliseconds first_pause{100}, longest_pause{5000};
  };

  RedisLink(Options options, User& user, std::shared_ptr<const Clock> clock, std::uint64_t seed);

  bool is_there() const { return state_ == State::kThere; }
  bool has_been_there() const { return has_been_there_; }
  // What has gone wrong since it was there last: how a sentence goes on that begins with "Redis at" and where that is.
  // It logs that by itself, each sentence once, but for what is wrong before it was there for the first time.
  const std::optional<std::string>& failure() const { return failure_; }
  const RedisNames& names() const { return names_; }
  // Epochs below it are over: as kArrive has said.
  std::uint64_t floor() const { return floor_; }

  // While it is there. The reply is an error where Redis says so, and none where the connection is lost first.
  void ask(std::span<const std::string_view> words, RedisConnection::OnReply on_reply);
  void ask(std::initializer_list<std::string_view> words, RedisConnection::OnReply on_reply) {
    ask(std::span(words.begin(), words.size()), std::move(on_reply));
  }
  void run(RedisScript script, std::span<const std::string_view> arguments, RedisConnection::OnReply on_reply);
  void run(RedisScript script, std::initializer_list<std::string_view> arguments, RedisConnection::OnReply on_reply) {
    run(script, std::span(arguments.begin(), arguments.size()), std::move(on_reply));
  }
  // The messages of this channel are heard from subscribed() on.
  void subscribe(std::string_view channel);
  void unsubscribe(std::string_view channel);

  // What to poll for.
  std::array<pollfd, 2> polled() const;
  // Does what those say, and what it is time for.
  void turn(std::span<const pollfd, 2> polled);
  // Writes what was asked.
  void flush();
  // As flush(), outside of turn(), for what was asked: whatever goes wrong is found by the next turn. Returns whether
  // it has all gone.
  bool flush_ahead();
  // Ends the connections, as if they were lost, and makes no more.
  void close();
  // When turn() has something to do though nothing has come.
  Clock::Time next_time() const;

 private:
  enum class State { kAway, kGreeting, kThere };
  struct Asked {
    RedisConnection::OnReply on_reply;
    Clock::Time since;
  };
  // What INFO and the like have said.
  struct Server {
    std::string run, address;
    bool is_promoted = false;  // it was a replica in this run
    bool keeps_all = false;    // what it says yes to, over a restart
  };

  template <class Work>
  void try_to(Work work);
  void begin();
  void greet(RedisConnection& connection);
  void look_at_info(std::string_view info);
  void ask_what_it_keeps();
  void arrive();
  void beat();
  void get_message(RedisReply reply, const Owner& owner);
  void pull();
  void require_in_time();
  void lose(const std::string& why);
  void drop_connections();
  void ask_for(RedisConnection::OnReply on_reply) { asked_.push_back({std::move(on_reply), clock_->now()}); }

  const Options options_;
  User& user_;
  const std::shared_ptr<const Clock> clock_;
  const RedisNames names_;
  Backoff backoff_;

  State state_ = State::kAway;
  Clock::Time since_;  // of the state; when kAway is over
  Clock::Time beat_at_;
  std::unique_ptr<RedisConnection> commands_, messages_;
  std::deque<Asked> asked_;
  bool is_let_in_ = false;                // by the connection for messages
  bool has_arrived_ = false;              // by that for commands
  std::optional<Clock::Time> pinged_at_;  // on the one for messages
  std::size_t unheard_ = 0;               // channels that were subscribed to and are not heard yet
  Clock::Time unheard_since_;             // then, or since the last one was heard
  Server server_;
  std::uint64_t floor_ = 0;
  std::uint64_t beats_ = 0;  // up to which it was seen
  std::array<std::string, kRedisScripts> script_ids_;

  bool has_been_there_ = false;
  std::optional<std::string> failure_;
  std::set<std::string> said_;  // of this absence
  bool is_closed_ = false;
};

}  // namespace tidings
