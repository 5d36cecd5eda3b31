// A named channel: whoever publishes to it appends to one log, whoever subscribes follows the log with a cursor.
//
//   publish(event) ──encode once──► EventLog ──ring──► the bell of each loop ──► those who listen there
//
// Ids are `<epoch>-<sequence>`: the sequence counts up by one, the epoch tells this channel from every other one and
// from those of its name in other runs of the program. Any thread, unless said otherwise.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/protocol/event.h"
#include "tidings/server/channels/channel_shelf.h"
#include "tidings/server/channels/event_log.h"
#include "tidings/server/loop/clock.h"

namespace tidings {

class Loop;

// What a subscriber gets that has fallen behind what the log keeps.
enum class FallenBehind {
  kResume,      // a gap event, then the oldest event kept
  kLatest,      // a gap event, then the newest
  kDisconnect,  // the end of its stream; it may come back with its last event ID
};

class Channel : public std::enable_shared_from_this<Channel> {
 public:
  using Sequence = EventLog::Sequence;

  struct Options {
    EventLog::Limits history;
    FallenBehind fallen_behind = FallenBehind::kResume;
  };

  // Who is told on its own loop that something was published: once for all that came since it was last told.
  class Listener {
   public:
    // May stop listening, also for others, and may destroy the listener.
    virtual void on_published() = 0;

   protected:
    ~Listener() = default;

   private:
    friend class Channel;
    std::size_t index_ = 0;  // in its bell's roster
  };

  // Where a subscriber begins.
  struct Place {
    Sequence next;            // the first event that it gets
    bool has_missed = false;  // events between what it had and `next` are gone, or its id is none of this channel
  };

  // Made by a Hub. `name` is valid, `epoch` is ASCII letters and digits; the first event gets the number `first`.
  Channel(std::shared_ptr<ChannelShelf> shelf, std::string name, std::string epoch, Options options, Sequence first);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  const std::string& name() const { return name_; }
  FallenBehind fallen_behind() const { return options_.fallen_behind; }

  // Appends the event under an id of the channel's own, whatever id it had; returns that id. Throws
  // std::invalid_argument with a sentence for an event that no channel takes (channel_rules.h).
  std::string publish(const Event& event);

  // Where to begin for a client whose last event ID is this; without one, after the newest event.
  Place place_after(std::optional<std::string_view> last_event_id);
  // Whether the id begins as all of this channel's do.
  bool is_own_id(std::string_view id) const;
  // Where to go on for a cursor that has fallen behind; `next` is the cursor itself if it has not.
  Place place_of(Sequence cursor) const;

  std::string id_of(Sequence sequence) const;

  // The events from `from` on, as EventLog::read; empty when there are none yet, or when `from` is kept no more.
  EventLog::Run read(Sequence from, std::size_t max_bytes) const;
  Sequence next() const;
  // The first event kept, or next() when none is.
  Sequence first() const;

  // On the thread of the loop that these are the timers of, as are all calls of the listener.
  void listen(Listener& listener, Loop& loop);
  void stop_listening(Listener& listener, Loop& loop);

 private:
  friend class ChannelShelf;
  class Bell;

  Place place_behind() const;

  // For the shelf. What is kept may be published to; `set_let_go` gives the number of the event that would be next.
  void set_kept();
  Sequence set_let_go();
  void drop_events();  // of a channel that was let go
  void drop_old_events();

  const std::shared_ptr<ChannelShelf> shelf_;
  const std::string name_, epoch_;
  const Options options_;
  mutable std::mutex mutex_;
  EventLog log_;
  bool is_kept_ = false;
  std::vector<std::shared_ptr<Bell>> bells_;
  ShelfPlace shelf_place_;
};

}  // namespace tidings
