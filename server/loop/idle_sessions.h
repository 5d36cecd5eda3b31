// The sessions of one loop that hold a descriptor and have nothing to do that was promised: where there is none for
// others, they make way, whoever has waited for longest before the rest. Loop thread only, but for since().
#pragma once

#include <atomic>
#include <list>
#include <optional>

#include "tidings/server/loop/clock.h"

namespace tidings {

class IdleSessions {
 public:
  class Member {
   public:
    // It ends, unless something has just come for it to do.
    virtual void make_way() = 0;

   protected:
    ~Member() = default;
  };

 private:
  struct Waiting {
    Member* member;
    Clock::Time since;
  };

 public:
  // A session's own, among the others while it waits.
  class Place {
   public:
    Place(IdleSessions& all, Member& member) : all_(all), place_{{&member, {}}} {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { leave(); }

    // From now on it waits.
    void wait(Clock::Time now) { enter(all_.waiting_.end(), now); }
    // The same, and it is the first to make way: it only waits for its own end.
    void wait_before_all() { enter(all_.waiting_.begin(), Clock::Time::min()); }
    void leave() {
      if (!place_.empty()) return;
      place_.splice(place_.end(), all_.waiting_, self_);
      all_.tell();
    }

   private:
    void enter(std::list<Waiting>::iterator before, Clock::Time since) {
      leave();
      place_.front().since = since;
      self_ = place_.begin();
      all_.waiting_.splice(before, place_);
      all_.tell();
    }

    IdleSessions& all_;
    std::list<Waiting> place_;  // its one node, while it does not wait
    std::list<Waiting>::iterator self_{};
  };

  // Has the one that has waited for longest make way.
  void make_room() {
    if (!waiting_.empty()) waiting_.front().member->make_way();
  }

  // Since when that one has waited, if there is any. Any thread.
  std::optional<Clock::Time> since() const {
    const Clock::Time since = since_;
    return since == kNever ? std::nullopt : std::optional(since);
  }

 private:
  static constexpr Clock::Time kNever = Clock::Time::max();

  void tell() { since_ = waiting_.empty() ? kNever : waiting_.front().since; }

  std::list<Waiting> waiting_;
  std::atomic<Clock::Time> since_ = kNever;
};

}  // namespace tidings
