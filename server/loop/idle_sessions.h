// The sessions of one loop that hold a descriptor and owe nobody anything: connections between two requests, and those
// that only wait for their end. When the process has no descriptor left for a new client, they make way for it, the one
// that has waited for longest first. Loop thread only, but for since().
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
    // It ends, unless it finds that something has just come for it to do.
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
  // A session's entry. It stands among the others only while the session is idle; it goes with the session.
  class Stay {
   public:
    Stay(IdleSessions& all, Member& member) : all_(all), node_{{&member, {}}} {}
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;
    ~Stay() { end(); }

    // From now on the session is idle, and makes way after those that have been so for longer.
    void begin(Clock::Time now) { enter(all_.waiting_.end(), now); }
    // From now on the session is idle and makes way before all others, since it only waits for its own end.
    void begin_as_first() { enter(all_.waiting_.begin(), Clock::Time::min()); }
    // The session has something to do.
    void end() {
      if (!node_.empty()) return;
      node_.splice(node_.end(), all_.waiting_, self_);
      all_.tell();
    }

   private:
    void enter(std::list<Waiting>::iterator before, Clock::Time since) {
      end();
      node_.front().since = since;
      self_ = node_.begin();
      all_.waiting_.splice(before, node_);
      all_.tell();
    }

    IdleSessions& all_;
    std::list<Waiting>
        node_;  // the entry's one node; empty while that stands among the others, so nothing is allocated
    std::list<Waiting>::iterator self_{};
  };

  // Has the session make way that has been idle for longest, if there is one.
  void make_room() {
    if (!waiting_.empty()) waiting_.front().member->make_way();
  }

  // Since when that session has been idle; empty when none is. Any thread.
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
