// What keeps the events of all channels: the seam between a channel and where its history lies.
//
//   append ──accepted──► engine ──kept──► Sink::kept: visible to followers ──► the receipt: the publisher's answer
//
// Acceptance and visibility are two moments. An event that is handed in is nobody's to see until the engine keeps it:
// were it shown before, a crash in between would give its id to another event. The engine numbers the events, so that
// one number is never given to two of them, also not by two servers that share an engine.
//
// No call waits for a disk or a network. Every callback is called exactly once, by any thread, for some engines also
// within the call that it was given to; so the caller must hold no lock that its callback takes. Callbacks must not
// throw. They may call the engine again, but must not destroy it. Any thread may call.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

// An event's place in its channel. Sequences count up by one, but for one that is left out where a channel is cleared,
// and go on in the next epoch; an epoch ends only where
// something that was acknowledged may be lost. What an id looks like is the channel's business.
struct Position {
  std::uint64_t epoch = 0, sequence = 0;

  auto operator<=>(const Position&) const = default;
};

// What is kept of a channel: the events from `first` up to, not including, `next`. Events that were kept in an earlier
// epoch and are still there belong to this one.
struct Extent {
  std::uint64_t epoch = 0, first = 1, next = 1;

  bool operator==(const Extent&) const = default;
};

// An event as it is kept: its encoded lines without an id and without the final blank line.
struct Record {
  Position at;
  std::string_view block;
  std::chrono::system_clock::time_point time;  // of acceptance, in whole milliseconds
};

class History {
 public:
  enum class Outcome {
    kKept,      // as durably as the engine promises
    kBusy,      // too much waits to be kept: the publisher may come again in a moment. It is not kept
    kFailed,    // it could not be kept. After a restart it may be there all the same: only a key makes a retry safe
    kKeyTaken,  // another event of the channel's history has its key. It is not kept
  };

  enum class Cleared {
    kCleared,  // as durably as the engine promises
    kNothing,  // the channel has no events
    kBusy,     // too much waits: the caller may come again in a moment. They are still there
    kFailed,   // it could not be done. After a restart they may be gone all the same
  };

  static constexpr std::string_view kWhyKeyTaken = "Its key is that of another event of the channel";

  struct Receipt {
    Outcome outcome = Outcome::kFailed;
    Position at;           // where it is kept
    std::string_view why;  // else a sentence that strangers may read, valid during the call
  };

  // A run of kept events one behind the other; the records' blocks lie in `bytes`.
  struct Run {
    Position begin;  // of the first record; where there is none, of the event that the channel keeps next
    std::string bytes;
    std::vector<Record> records;
  };

  // What is kept of one of the channels.
  struct Listed {
    std::string name;
    Extent extent;
    std::uint64_t bytes = 0;                       // of the events' blocks
    std::chrono::system_clock::time_point oldest;  // time of the first event, where there is one
  };

  // A channel. Its calls come one after the other, in the order of the events.
  class Sink {
   public:
    virtual ~Sink() = default;
    // These are visible from now on, whoever published them; they follow on what was told before. Called before the
    // receipts of these events. The blocks are valid during the call.
    virtual void kept(std::span<const Record> records) = 0;
    // The events before `first` are kept no more.
    virtual void dropped(std::uint64_t first) = 0;
    // All events were dropped that it had, as somebody wished, or sooner than others were told that came behind them.
    // The next one gets the number `next`, and no event that before it: so who has had all events has missed something
    // too, and is told.
    virtual void cleared(std::uint64_t next) = 0;
    // Another epoch has begun, and this is what there is of the channel: followers may have missed something.
    virtual void began(const Extent& extent) = 0;
  };

  using OnOpened = std::function<void(std::optional<Extent>)>;
  using OnReceipt = std::function<void(const Receipt&)>;
  using OnRun = std::function<void(std::shared_ptr<const Run>)>;
  // With a sentence that strangers may read where it is kBusy or kFailed, valid during the call.
  using OnCleared = std::function<void(Cleared, std::string_view why)>;
  using OnListed = std::function<void(std::optional<std::vector<Listed>>)>;

  virtual ~History() = default;

  // Tells the sink of the channel from now on, for as long as it lives: the callback is called with what is kept, and
  // then the sink with whatever follows on that. Without an extent it is not told: too many wait to be opened, and the
  // caller may come again in a moment, or the engine is closed. A name that nothing was ever published to costs nothing
  // that stays.
  virtual void open(std::string name, std::weak_ptr<Sink> sink, OnOpened on_opened) = 0;

  // Hands an event in, as a record's block. An event that comes with a key that an event of the channel's history has
  // is not kept anew: its receipt gives the place of that one where the blocks are the same, else it is kKeyTaken.
  virtual void append(std::string name, std::string block, std::optional<std::string> key, OnReceipt on_receipt) = 0;

  // Reads the event `from` and those behind it, about as many as `max_bytes` hold and at least one, for what the
  // channel no longer has in memory. Where `from` is not kept, the run begins with the first event behind it that is.
  // There is no run when too many readers wait or it could not be read: the caller may come again in a moment.
  virtual void read(std::string name, std::uint64_t from, std::size_t max_bytes, OnRun on_run) = 0;

  // Drops all events of the channel and their keys, at once for all who ask. What is handed in and not kept yet may be
  // kept afterwards. Tells the sinks before the callback.
  virtual void clear(std::string name, OnCleared on_cleared) = 0;

  // Lists the channels that have events, or had some lately, in the order of their names' bytes: those behind `after`,
  // at most `most`. Nothing when too many wait or they could not be read: the caller may come again in a moment.
  virtual void list(std::string after, std::size_t most, OnListed on_listed) = 0;

  // Why events can't be kept at the moment, as a sentence that strangers may read: it names no path and no address.
  // Nothing while all is well.
  virtual std::optional<std::string> trouble() const = 0;

  // Whether other servers keep events in it too: then a client may come from one of them with the id of an event that
  // this server is told of only a moment later.
  virtual bool is_shared() const { return false; }
};

}  // namespace tidings
