// A named channel: whoever publishes to it appends to one log, whoever subscribes follows the log with a cursor.
//
//   publish(event) ──encode once──► EventLog ──ring──► the bell of each loop ──► those who listen there
//
// Ids are `<epoch>-<sequence>`: the sequence counts up by one, the epoch tells this channel from every other one and
// from those of its name in other runs of the program. Clients: docs/EVENT_STREAM.md, section "What our server sends
// around it". Any thread, unless said otherwise.
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

// What a subscriber gets when events that it has not had are no longer kept.
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

  // Is told on its own loop that events were published: once for all that came since it was told last.
  class Listener {
   public:
    // May stop listeners from listening, this one and others, and may destroy them.
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

  // For a Hub, which makes channels. `name` is a valid one, `epoch` ASCII letters and digits; the first event gets the
  // sequence number `first`.
  Channel(std::shared_ptr<ChannelShelf> shelf, std::string name, std::string epoch, Options options, Sequence first);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  const std::string& name() const { return name_; }
  FallenBehind fallen_behind() const { return options_.fallen_behind; }

  // Appends the event and wakes the subscribers. Returns its id, which is the channel's own, whatever id the event had.
  // Throws std::invalid_argument with a sentence for an event that no channel takes (channel_rules.h).
  std::string publish(const Event& event);

  // Where a client begins whose last event ID is this; one without an id, or with an empty one, after the newest event.
  Place place_after(std::optional<std::string_view> last_event_id);
  // Whether the id begins as all ids of this channel do.
  bool is_own_id(std::string_view id) const;
  // Where a cursor goes on: where it is, or, when the event there is no longer kept, where `fallen_behind` says.
  Place place_of(Sequence cursor) const;

  std::string id_of(Sequence sequence) const;

  // The events from `from` on, as EventLog::read() gives them; an empty run when there are none yet, or when the event
  // `from` is no longer kept.
  EventLog::Run read(Sequence from, std::size_t max_bytes) const;
  // The sequence number that the next event gets.
  Sequence next() const;
  // The first event kept, or next() when none is.
  Sequence first() const;

  // To be called on the loop's thread, on which the listener is told. It stops listening before it is destroyed.
  void listen(Listener& listener, Loop& loop);
  void stop_listening(Listener& listener, Loop& loop);

 private:
  friend class ChannelShelf;
  class Bell;

  Place place_behind() const;

  // For the shelf, under its lock: from set_kept() to set_let_go() the channel takes events. set_let_go() returns the
  // sequence number that the next event would have had.
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
