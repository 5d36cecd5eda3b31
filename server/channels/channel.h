// A named channel: whoever publishes to it appends to one log, whoever subscribes follows the log with a cursor.
//
//   publish(event) ──encode once──► EventLog ──ring──► the bell of each loop ──► those who listen there
//         └──accepted──► History ──kept──┘└──◄── what is no longer in memory ──┘      with a history behind it
//
// Without a history the log is all that is kept, and an event is kept as soon as it is published. With one, the log
// holds the newest of what the history keeps, and nobody sees an event before that has it.
//
// Ids are `<epoch>-<sequence>`: the sequence counts up by one, the epoch tells this channel from every other one and
// from those of its name in other runs of the program, or with another history. Clients: docs/EVENT_STREAM.md, section
// "What our server sends around it". Any thread, unless said otherwise.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/protocol/event.h"
#include "tidings/protocol/typed/typed.h"
#include "tidings/server/channels/channel_shelf.h"
#include "tidings/server/channels/cold_run.h"
#include "tidings/server/channels/epoch.h"
#include "tidings/server/channels/event_log.h"
#include "tidings/server/channels/known_keys.h"
#include "tidings/server/channels/publication.h"
#include "tidings/server/history/history.h"
#include "tidings/server/loop/bell.h"
#include "tidings/server/loop/clock.h"

namespace tidings {

class Loop;

// What a subscriber gets when events that it has not had are no longer kept.
enum class FallenBehind {
  kResume,      // a gap event, then the oldest event kept
  kLatest,      // a gap event, then the newest
  kDisconnect,  // the end of its stream; it may come back with its last event ID
};

class Channel : private History::Sink, public std::enable_shared_from_this<Channel> {
 public:
  using Sequence = EventLog::Sequence;

  struct Options {
    EventLog::Limits history = {};
    FallenBehind fallen_behind = FallenBehind::kResume;
    // How long what is published waits, at most, for more that goes to the subscribers with it, in one write to each:
    // it costs the server less and makes events late. Publishers are answered at once.
    std::chrono::milliseconds gather_time{0};
    // Called with true when somebody follows the channel whom nobody was following before, and with false when nobody
    // does any more: for a source that is dear. One call at a time for each channel, in turn, on the loop of who has
    // come or gone. It must not block, throw, or begin or end to follow the channel. Readers may ask for any name.
    std::function<void(const std::string& name, bool is_watched)> on_watched = {};
  };

  using Listener = Bell::Listener;

  using Published = tidings::Published;
  using OnPublished = std::function<void(const Published&)>;

  // Where a subscriber begins or goes on.
  struct Place {
    Sequence next;                 // the first event that it gets
    bool has_missed = false;       // events between what it had and `next` are gone, or its id is none of this channel
    bool is_cold = false;          // the event is kept, but not in memory: read_cold() brings it there
    bool was_cleared = false;      // what it has missed was dropped by clear(), which is nobody's falling behind
    const Epoch* epoch = nullptr;  // that it is a place of
  };

  // For a Hub, which makes channels. `name` is a valid one, `epoch` ASCII letters and digits; the first event gets the
  // sequence number `first`.
  // With a history these are its to say.
  Channel(std::shared_ptr<ChannelShelf> shelf, std::string name, std::string epoch, Options options, Sequence first);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  const std::string& name() const { return name_; }
  FallenBehind fallen_behind() const { return options_.fallen_behind; }

  // Makes the epoch's text of the history's number for it.
  using EpochText = std::function<std::string(std::uint64_t epoch, std::string_view name)>;
  // Once, before anybody else has the channel: what is published goes through the history from now on.
  void set_history(const std::shared_ptr<History>& history, EpochText epoch_text);
  // Asks the history what it keeps, unless that was done. False when it has no room for one more who asks: then it can
  // be called again in a moment.
  bool open();
  // False while the history has not said yet what it keeps. Listeners are told when it has; until then nothing can be
  // followed, and there are no ids.
  bool is_open() const { return is_open_; }

  // Publishes the event: it gets an id, which is the channel's own, whatever id the event had, and the subscribers are
  // woken once it is kept. `then` is called once, within the call or by another thread, when the event is kept or is
  // known not to be. An event that comes with a key that an event of the channel's history has is not published anew:
  // its id is that one's, or, where it is another event, the outcome is kKeyTaken. Throws std::invalid_argument with a
  // sentence for an event that no channel takes (channel_rules.h).
  void publish(const Event& event, std::optional<std::string> key, OnPublished then);
  // The same for a generator, whose loop this is: `co_await channel->publish(event, loop)` gives the id.
  Publication publish(const Event& event, Loop& loop, std::optional<std::string> key = std::nullopt);
  // The same, and waits until it is kept; returns the id. With a history not for a loop's thread, and NotPublished when
  // it could not be kept or was not within the time.
  std::string publish(const Event& event, std::chrono::milliseconds most_time = std::chrono::seconds(10));

  // The same two for a struct that is an event (typed.h), as one of its type.
  template <TypedEvent T>
  Publication publish(const T& value, Loop& loop) {
    return publish(typed(value), loop);
  }
  template <TypedEvent T>
  std::string publish(const T& value, std::chrono::milliseconds most_time = std::chrono::seconds(10)) {
    return publish(typed(value), most_time);
  }

  // Drops what it keeps, without a history; whether there was anything. The next number is left out, so that whoever
  // has had all events has missed something as well: all subscribers are told a gap, and get what comes then.
  bool clear();
  // Where clear() was last; what is before it is nobody's to see.
  Sequence cleared_to() const { return cleared_to_; }

  // Where a client begins whose last event ID is this; one without an id, or with an empty one, after the newest event.
  Place place_after(std::optional<std::string_view> last_event_id);
  // Where one begins who came before the channel was open, and had no id: behind what the history had then. What was
  // published after it came is not among that, since the history opens a channel before it keeps what it is given
  // later.
  Place place_of_opening() const;
  // Whether the id begins as all ids of this channel do.
  bool is_own_id(std::string_view id) const;
  // Where a cursor goes on that is at `next` of the epoch: there, or, when that event is no longer kept or another
  // epoch has begun, where `fallen_behind` says.
  Place place_of(Sequence next, const Epoch* epoch) const;
  // Where one goes on whose next events are missing from the history, up to this one.
  Place place_behind_hole(Sequence end) const;
  // The newest; it is there for as long as the channel.
  const Epoch* epoch() const { return epoch_; }

  std::string id_of(Sequence sequence) const;

  // The events from `from` of the epoch on that are in memory, as EventLog::read() gives them; an empty run when there
  // are none yet, when that event is not in memory, or when another epoch has begun.
  EventLog::Run read(Sequence from, const Epoch* epoch, std::size_t max_bytes) const;
  // Has the events from `from` on brought into memory, for a place that is cold; listeners are told when the run is
  // there. Whoever asks for the same ones gets the same run.
  std::shared_ptr<const ColdRun> read_cold(Sequence from);
  // The sequence number that the next event gets.
  Sequence next() const;
  // The first event kept, or next() when none is; and the first of those in memory.
  Sequence first() const;
  Sequence first_in_memory() const;

  // Who follows it: streams, and generators that await it.
  void add_subscriber() {
    if (subscribers_.fetch_add(1, std::memory_order_relaxed) == 0) tell_whether_watched();
  }
  void remove_subscriber() {
    if (subscribers_.fetch_sub(1, std::memory_order_relaxed) == 1) tell_whether_watched();
  }
  std::size_t subscribers() const { return subscribers_.load(std::memory_order_relaxed); }

  struct Figures {
    std::uint64_t subscribers = 0;
    std::uint64_t published = 0;  // events, since the channel was made
    std::uint64_t kept = 0;       // events, in memory or by the history
    // Of those in memory.
    Sequence first = 1, next = 1;
    std::uint64_t bytes = 0;                      // of encoded events
    std::optional<std::chrono::nanoseconds> age;  // of the first, where there is one
  };
  Figures figures();

  // To be called on the loop's thread, on which the listener is told. It stops listening before it is destroyed.
  void listen(Listener& listener, Loop& loop);
  void stop_listening(Listener& listener, Loop& loop);

 private:
  friend class ChannelShelf;

  void tell_whether_watched();
  void tell(const History::Receipt& receipt, const OnPublished& then) const;
  Published publish_to_memory(const Event& event, const std::optional<std::string>& key);
  Published publish_again(const Event& event, Sequence known) const;
  void opened(const std::optional<Extent>& extent);
  void kept(std::span<const Record> records) override;
  void dropped(std::uint64_t first) override;
  void cleared(std::uint64_t next) override;
  void began(const Extent& extent) override;
  void fill(ColdRun& run, Sequence from, const std::shared_ptr<const History::Run>& records);

  // The rest is for who holds the lock.
  void begin_epoch(const Extent& extent);
  EventLog clear_to(Sequence next);
  void skip_to(Sequence next);
  Place place_after_epoch(Sequence next, const Epoch* epoch) const;
  Place place_of_stranger() const;
  const Epoch* epoch_of(std::string_view id) const;
  Sequence first_kept() const { return has_history_ ? first_kept_ : log_.first(); }
  Place place_behind() const;
  Place missing_from(Sequence next) const;
  void ring() const;

  // For the shelf, under its lock: from set_kept() to set_let_go() the channel takes events. set_let_go() returns the
  // sequence number that the next event would have had.
  void set_kept();
  Sequence set_let_go();
  void drop_events();  // of a channel that was let go
  void drop_old_events();

  const std::shared_ptr<ChannelShelf> shelf_;
  const std::string name_;
  const Options options_;
  bool has_history_ = false;        // else the log is all that is kept
  bool has_others_ = false;         // other servers keep events there too
  std::weak_ptr<History> history_;  // the server's: who holds a channel for longer finds that nothing is kept any more
  EpochText epoch_text_;
  std::atomic<bool> is_open_ = true, is_asked_ = true;  // without a history there is nothing to ask
  std::atomic<std::size_t> subscribers_ = 0;  // a stream changes it when it begins and when it ends, at no event
  std::mutex watching_mutex_;
  bool was_watched_ = false;  // as on_watched() was told
  const Epoch first_epoch_;
  std::atomic<const Epoch*> epoch_ = &first_epoch_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<const Epoch>> later_epochs_;
  EventLog log_;
  Sequence counted_from_;                 // what was published is what lies from here to next()
  std::unique_ptr<KnownKeys> keys_;       // of the log's events, without a history, once there are any
  Sequence first_kept_ = 1;               // by the history
  std::atomic<Sequence> cleared_to_ = 0;  // of this epoch
  std::map<Sequence, std::weak_ptr<ColdRun>> cold_runs_;
  std::size_t cold_runs_to_sweep_ = 64;  // so many are looked through for those that are gone
  bool is_kept_ = false;
  std::vector<std::shared_ptr<Bell>> bells_;
  ShelfPlace shelf_place_;
};

}  // namespace tidings
