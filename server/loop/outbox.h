// What a loop's streams have to send in one turn, so that it goes to the kernel together: many clocks that tick at the
// same moment cost one call. Bounded: what finds no room is for its stream to send alone. Loop thread only.
//
//   stream ──bytes──► Outbox, to the end of the turn ──► BatchSender ──► each stream is told
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/loop/batch_sender.h"

namespace tidings {

class EventLoop;

class Outbox {
 public:
  class Sender {
   public:
    // What became of the bytes, which are gone when it returns. May add the next.
    virtual void on_sent(const BatchSender::Send& sent) = 0;

   protected:
    ~Sender() = default;
  };

  explicit Outbox(EventLoop& loop) : loop_(loop) {}
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // Takes the bytes, at least one, to send them to the socket soon, not from within. A sender adds no more before it is
  // told. False when there is no room.
  bool add(Sender& sender, int socket, std::string_view bytes);
  // What it has here is not sent any more, nor is it told: its socket is about to close.
  void forget(const Sender& sender);

 private:
  struct Entry {
    Sender* sender;  // null when forgotten
    int socket;
    std::size_t size;
  };
  struct Load {
    std::vector<Entry> entries;
    std::string bytes;  // of all entries, one behind the other
  };

  void send();

  EventLoop& loop_;
  Load filling_, leaving_;
  std::vector<BatchSender::Send> sends_;  // of leaving_
};

}  // namespace tidings
