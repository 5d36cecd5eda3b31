// What a channel's sink is told, made of what comes about the channel from several sides: messages from Redis, replies
// to what was published here, and reads of what is kept. Each of them may be late, early, or there twice.
//
//   message, reply, read ──► offer() ──in order──► gathered ──flush()──► Sink::kept
//                               └──early: waits for what is before it, or for a read of that
//
// Every position is told once, and in order. What comes early waits, in so many bytes; beyond them the latest of it is
// forgotten and is read later. One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "tidings/server/history/history.h"

namespace tidings {

class InOrder {
 public:
  // An event, or, with `is_clearing`, that the channel was cleared at the number that no event gets.
  struct Item {
    Position at;
    std::uint64_t first = 0;  // that the channel keeps, when it was added; 0 is not known
    std::chrono::system_clock::time_point time = {};
    std::string_view block = {};
    std::shared_ptr<const void> owner = {};  // of the block
    bool is_clearing = false;
  };

  // The sink outlives this.
  InOrder(History::Sink& sink, std::size_t max_early_bytes) : sink_(sink), max_early_bytes_(max_early_bytes) {}

  // Before begin(), what is offered only waits.
  bool has_begun() const { return has_begun_; }
  // The sink was told this otherwise; from now on it is told what follows on that.
  void begin(const Extent& extent);

  void offer(Item item);
  // The events before `first` of this epoch are kept no more.
  void drop(const Position& first);
  // What the channel has, as somebody has seen it there: where another epoch has begun the sink is told, and what is
  // behind the last event that was told has to be read.
  void meet(const Extent& extent);
  // What was read, from missing_from() on, and what the channel had then. Where it begins later, or leaves numbers out,
  // the events before that are kept no more.
  void read(const Extent& extent, std::vector<Item> items);

  // From where events have to be read. Nothing where none are missing, or where they are on their way for all that is
  // known.
  std::optional<std::uint64_t> missing_from() const;
  // Something has come before what precedes it, which may be on its way: a message and a reply come by two connections.
  bool is_waiting() const { return has_begun_ && !early_.empty(); }
  // It has not come within a time that is long enough: it is missing. Not while a read is under way.
  void give_up_waiting();

  // Tells the sink what has gathered.
  void flush();

  // What the sink has been told, or will be by flush(). An event is told where it is before `next` of its epoch.
  const Extent& extent() const { return extent_; }
  bool is_told(const Position& at) const {
    return at.epoch < extent_.epoch || (at.epoch == extent_.epoch && at.sequence < extent_.next);
  }

 private:
  void take(const Item& item);
  void take_early();
  void begin_epoch(const Extent& extent);
  void skip_to(std::uint64_t next);
  void forget_before(const Position& at);
  void forget(std::map<Position, Item>::iterator item);
  void keep_early(Item item);

  History::Sink& sink_;
  const std::size_t max_early_bytes_;
  bool has_begun_ = false;
  Extent extent_;
  std::uint64_t known_next_ = 0;  // of the channel in this epoch, as far as it is known
  std::map<Position, Item> early_;
  std::size_t early_bytes_ = 0;
  std::optional<Position> forgotten_;   // the latest of what was too much, before begin()
  std::optional<Position> waited_for_;  // of early_, the first when waiting was given up
  std::vector<Record> gathered_;
  std::vector<std::shared_ptr<const void>> owners_;  // of the gathered blocks
  std::uint64_t first_ = 0;                          // to be told as dropped, where it is behind extent_.first
};

}  // namespace tidings
