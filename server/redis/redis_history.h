// History in Redis: the same channels, with the same ids, on every node that uses the same Redis and prefix.
//
// What an acknowledgement means is what Redis means by it: with the append-only file and appendfsync always the event
// is on its disk; with `wait_replicas` so many replicas have it too. What may be lost between is never lost in silence:
// a Redis that may have less than it said begins another epoch (redis_link.h), and followers are told.
//
//   append ──inbox──► EVALSHA kAppend ──reply──────────────────────┐
//                        └──PUBLISH──► all nodes that follow it ──┤ InOrder ──► Sink ──► the receipt
//                                      read, where some is missing ┘
//
// How the nodes follow. Each subscribes to the message channel of each channel that it follows, on one connection, and
// the message has the event: a publication costs Redis what it costs to hand it to the nodes that follow it, and a node
// what it costs to take it in, however many channels there are. XREAD over many streams does not do: it names them all
// in each call, and registers them all for each wait (10,000 keys: 5.6 ms a turn), while one wake-up channel for all
// wakes every node for everything and then costs a read. Pub/Sub keeps nothing and repeats nothing, but on a connection
// that holds it leaves nothing out either. So a node reads what is missing where it has subscribed anew, and nowhere
// else.
//
// One thread of its own does everything and makes all calls, but for those that nothing was taken in for: they are made
// within open(), append() and the like. Where the thread waits for something to come, append() sends by itself, and
// does not wake it. While Redis is away, what is to be published is refused and what is to be opened waits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "tidings/server/history/history.h"
#include "tidings/server/history/history_limits.h"
#include "tidings/server/loop/clock.h"
#include "tidings/server/redis/in_order.h"
#include "tidings/server/redis/redis_inbox.h"
#include "tidings/server/redis/redis_link.h"

namespace tidings {

class RedisHistory final : public History, private RedisLink::User {
 public:
  struct Options {
    std::string url = {};             // redis_url.h says of what form
    std::string prefix = "tidings:";  // of all keys: nodes with another one have other channels
    HistoryLimits limits = {};        // the same on all nodes
    unsigned wait_replicas = 0;       // that have an event before it is acknowledged
    std::chrono::milliseconds wait_time = std::chrono::seconds(2);  // for them
    std::size_t max_waiting_bytes = std::size_t{16} << 20;          // of what is to be kept; more is kBusy
    std::size_t max_waiting_reads = 16'384;
    std::size_t max_waiting_openings = 65'536;
    std::size_t max_early_bytes = std::size_t{4} << 20;  // of each channel, of what came before what precedes it
    std::chrono::milliseconds greeting_time = std::chrono::seconds(5);  // until Redis has let us in
    std::chrono::milliseconds answer_time = std::chrono::seconds(10);   // of a command
    std::chrono::milliseconds beat_time = std::chrono::seconds(3);   // between two questions whether it is still there
    std::chrono::milliseconds sweep_time = std::chrono::seconds(1);  // between sweeps of what is too old
    std::chrono::milliseconds grace =
        std::chrono::hours(24 * 30);  // for which the name of a channel without events stays
  };

  struct Surroundings {
    std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>();
    std::optional<std::uint64_t> seed = {};  // of the pauses between attempts; from the system unless set
  };

  // Connects, and throws std::runtime_error with a sentence, without the password, where that fails: the URL is wrong,
  // Redis does not answer in time or lets nobody in, or it is none that will do.
  explicit RedisHistory(const Options& options) : RedisHistory(options, Surroundings()) {}
  RedisHistory(const Options& options, const Surroundings& surroundings);
  // As close().
  ~RedisHistory() override;

  void open(std::string name, std::weak_ptr<Sink> sink, OnOpened on_opened) override;
  void append(std::string name, std::string block, std::optional<std::string> key, OnReceipt on_receipt) override;
  void read(std::string name, std::uint64_t from, std::size_t max_bytes, OnRun on_run) override;
  void clear(std::string name, OnCleared on_cleared) override;
  void list(std::string after, std::size_t most, OnListed on_listed) override;
  std::optional<std::string> trouble() const override;
  bool is_shared() const override { return true; }

  // Waits for the answers to what was handed in, if they come in time, and takes nothing more. Blocks until the last
  // callback has returned; not from a callback.
  void close();

 private:
  using Owner = RedisLink::Owner;
  using Opening = RedisInbox::Opening;
  using Append = RedisInbox::Append;
  using Reading = RedisInbox::Reading;
  using Clearing = RedisInbox::Clearing;
  using Listing = RedisInbox::Listing;

  // What is published to one channel in one turn goes to Redis together.
  using Appends = std::vector<std::shared_ptr<Append>>;
  // An append that Redis has, and where.
  struct Kept {
    std::shared_ptr<Append> append;
    Position at;
  };
  // Those of a turn, which wait for replicas together.
  using Batch = std::vector<Kept>;
  struct Answer {
    std::shared_ptr<Append> append;
    Receipt receipt;
  };

  // Tells all that follow one channel.
  class Followers final : public Sink {
   public:
    void kept(std::span<const Record> records) override;
    void dropped(std::uint64_t first) override;
    void cleared(std::uint64_t next) override;
    void began(const Extent& extent) override;

    std::vector<std::weak_ptr<Sink>> sinks;

   private:
    template <class Call>
    void tell(Call call);
  };

  // A channel that is followed here. It is asked about once its messages are heard, so that nothing lies between; what
  // is published to it here comes after the first time of that.
  enum class State { kUnheard, kAsked, kKnown };
  struct Channel {
    Channel(std::string_view channel, std::size_t max_early_bytes) : name(channel), order(followers, max_early_bytes) {}

    const std::string name;
    Followers followers;
    InOrder order;
    State state = State::kUnheard;
    std::vector<Opening> openings;  // before it is known for the first time
    Appends appends;
    std::size_t append_bytes = 0;
    std::vector<Kept> untold;  // until the followers have them
    bool is_reading = false;
    bool is_touched = false;  // in this turn
    bool is_sending = false;
    std::optional<Clock::Time> waits_since;
    bool ask_again = false;
    Position heard;              // the latest that a message has told of, since messages are heard
    bool has_gone_back = false;  // a message has come that is not behind that: what Redis has is not what it had
  };

  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };

  void came() override;
  void left(std::string_view why) override;
  void subscribed(std::string_view channel) override;
  void heard(std::string_view channel, std::string_view message, const Owner& owner) override;

  bool take_ahead(Append& append);

  void live();
  void turn(std::unique_lock<std::mutex>& lock);
  bool is_over() const;
  void tell_start();
  void take_in();
  void take(Opening& opening);
  void take(Append& append);
  void take(Reading& reading);
  void take(Clearing& clearing);
  void take(Listing& listing);

  Channel* find(std::string_view name);
  void touch(Channel& channel);
  void look(Channel& channel);
  void looked(const std::string& name, bool has_gone_back, RedisReply reply);
  void open_all(Channel& channel, const std::optional<Extent>& extent);
  void send_soon(Channel& channel);
  void send_all();
  void send(std::string_view name, Appends appends);
  void appended(const Appends& appends, const std::shared_ptr<Batch>& batch, RedisReply reply);
  void wait_for_replicas();
  void acknowledge(const Kept& kept);
  void refuse(const std::shared_ptr<Append>& append, std::string_view why);
  void refuse(const Appends& appends, std::string_view why);
  void read_on();
  void catch_up(Channel& channel);
  void caught_up(const std::string& name, RedisReply reply, const Owner& owner);

  void finish_turn();
  void do_at_times();
  void sweep();
  void drop_unfollowed();
  void give_up_waiting();
  void warn_of(const std::string& name, RedisReply reply);
  void set_refusal(std::optional<std::string_view> why);
  void end();

  const Options options_;
  const std::shared_ptr<const Clock> clock_;
  RedisInbox inbox_;

  // The thread holds it, but while it waits for something to come.
  std::mutex mutex_;
  RedisLink link_;
  std::unordered_map<std::string, std::unique_ptr<Channel>, NameHash, std::equal_to<>> channels_;
  std::vector<Channel*> touched_, sending_;
  std::vector<std::string> waiting_;  // channels where something came early
  std::deque<Reading> readings_;
  std::size_t readings_asked_ = 0;
  Appends strays_;  // to channels that are not followed here
  std::size_t sends_under_way_ = 0;
  bool is_much_waiting_ = false;
  std::shared_ptr<Batch> batch_;
  bool is_waiting_for_replicas_ = false;
  std::vector<Answer> answers_;
  std::size_t unanswered_ = 0;  // of what was handed in
  std::optional<std::string> refusal_;
  bool has_warned_ = false;  // of what is foreign
  Clock::Time sweep_at_, tidy_at_;
  std::string swept_;  // up to this name
  std::optional<Clock::Time> close_by_;
  bool has_started_ = false;
  std::promise<std::optional<std::string>> start_;  // with what went wrong

  bool is_closed_ = false;
  std::thread thread_;
};

}  // namespace tidings
