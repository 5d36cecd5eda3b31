// A named channel: whoever publishes to it appends to one log, whoever subscribes follows the log with a cursor.
//
//   publish(event) ──encode once──► EventLog ──wake──► each loop's followers ──► sockets
//
// Ids are `<epoch>-<sequence>`: the sequence counts up by one, the epoch tells this log from every earlier one of the
// same name, in this process or before it. Any thread, unless said otherwise.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/event.h"
#include "server/clock.h"
#include "server/event_log.h"

namespace tidings {

// What a subscriber gets that has fallen behind what the log keeps.
enum class FallenBehind {
  kResume,      // a gap event, then the oldest event kept
  kLatest,      // a gap event, then the newest
  kDisconnect,  // the end of its stream; it may come back with its last event ID
};

class Channel {
 public:
  using Sequence = EventLog::Sequence;

  struct Options {
    EventLog::Limits history;
    FallenBehind fallen_behind = FallenBehind::kResume;
  };

  // Told of new events, on the publisher's thread, while the channel is locked: it may not call the channel.
  class Follower {
   public:
    virtual void wake() = 0;

   protected:
    ~Follower() = default;
  };

  // Where a subscriber begins.
  struct Place {
    Sequence next;            // the first event that it gets
    bool has_missed = false;  // events between what it had and `next` are gone, or were of another log
  };

  // `name` and `epoch` are plain ASCII without `-`, `,` or `:` in the epoch. The clock outlives the channel.
  Channel(std::string name, std::string epoch, Options options, const Clock& clock);

  const std::string& name() const { return name_; }
  FallenBehind fallen_behind() const { return options_.fallen_behind; }

  // Appends the event under an id of the channel's own, whatever id it had; returns that id.
  std::string publish(const Event& event);

  // Where to begin for a client whose last event ID is this; without one, after the newest event.
  Place place_after(std::optional<std::string_view> last_event_id);
  // Where to go on for a cursor that has fallen behind; `next` is the cursor itself if it has not.
  Place place_of(Sequence cursor) const;

  std::string id_of(Sequence sequence) const;

  // The events from `from` on, as EventLog::read; empty when there are none yet, or when `from` is kept no more.
  EventLog::Run read(Sequence from, std::size_t max_bytes) const;
  Sequence next() const;
  // The first event kept, or next() when none is.
  Sequence first() const;

  // Drops what is too old. True when nothing is kept and nobody follows: then it may go.
  bool expire();

  void follow(Follower& follower);
  void unfollow(Follower& follower);

 private:
  Place place_behind(Sequence first, Sequence next) const;

  const std::string name_, epoch_;
  const Options options_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  EventLog log_;
  std::string encoded_;  // scratch
  std::vector<Follower*> followers_;
};

}  // namespace tidings
