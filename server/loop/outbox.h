// What a loop's streams have to send in one turn, so that it goes to the kernel together: many clocks that tick at the
// same moment cost one call. Those who have more when theirs has left go on at once, in 64 rounds or two milliseconds
// at most; where some have more even then, the loop takes less in (SocketSet::hold_back()). So what follows events
// keeps up with what is published, and publishers are not answered faster than their events go out. Bounded: a stream
// that finds no room here sends alone. Where in the turn it leaves: docs/THE_TURN.md. Loop thread only.
//
//   stream ──bytes──► Outbox, until what was posted runs ──► BatchSender ──► each stream is told
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
    // The kernel was given the bytes that this sender added, and `sent` says what became of them; they are gone when
    // this returns. May add the next, and may end senders, which forget() first.
    virtual void on_sent(const BatchSender::Send& sent) = 0;

   protected:
    ~Sender() = default;
  };

  explicit Outbox(EventLoop& loop) : loop_(loop) {}
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // Copies the bytes, at least one; they are sent when the loop runs what was posted, never from within this call. A
  // sender that has added something adds no more until on_sent(). False when there is no room, and then nothing was
  // taken.
  bool add(Sender& sender, int socket, std::string_view bytes);
  // Drops what the sender has here, since its socket is about to close: that is not sent, and on_sent() is not called.
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

  void leave();
  void send();

  EventLoop& loop_;
  Load filling_, leaving_;                // two, since who is told that its bytes have left may add the next
  std::vector<BatchSender::Send> sends_;  // of leaving_
  bool is_in_rounds_ = false;
};

}  // namespace tidings
