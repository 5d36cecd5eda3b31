// The sockets of a loop, thousands of them, in an epoll set of the loop's own. A socket costs it 32 bytes, where Asio
// keeps some 350 for one that waits. Loop thread only.
//
//   sockets ──► epoll set ──► the loop's io_context, to which it is one descriptor
//
// Source: the manual page epoll(7), level-triggered.
#pragma once

#include <sys/epoll.h>

#include <asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "tidings/server/loop/loop_context.h"
#include "tidings/server/loop/loop_metrics.h"
#include "tidings/server/loop/socket.h"

namespace tidings {

class SocketSet;

// A connected socket and its entry in its loop's set. It is made when a connection is accepted, moves from one owner to
// the next (the connection, its stream, whoever closes it in the end), and leaves the set and closes when it is
// destroyed. Move-only; empty when it was moved from.
class WatchedSocket {
 public:
  // Who has the socket now and is told of it, from the loop and never from within a call to the socket.
  //
  // Whatever it is told, it may hand its socket on or close it, and so may anybody else on the loop: who has no socket
  // any more is not told of anything, also where the kernel has reported it before. The owner itself has to live until
  // the call returns.
  class Owner {
   public:
    // Something can be received, or the other side has ended. Called again for as long as that is so.
    virtual void on_readable() = 0;
    // The connection is gone: it was reset, or has ended in both directions. Called again for as long as the socket is
    // there, whatever is awaited. What came before can still be received.
    virtual void on_gone() { on_readable(); }
    // There is room to send. Called again for as long as that is so.
    virtual void on_writable() {}

   protected:
    ~Owner() = default;
  };

  // What the owner is told of, beside that the connection is gone.
  struct Awaited {
    bool input = true;
    bool room = false;

    bool operator==(const Awaited&) const = default;
  };

  WatchedSocket() = default;

  explicit operator bool() const { return entry_ != nullptr; }
  int descriptor() const { return entry_ ? entry_->socket.descriptor() : -1; }
  // As a Socket's; only where there is one.
  Socket::Received receive(std::span<char> buffer) { return entry_->socket.receive(buffer); }
  Socket::Sent send(std::string_view bytes) { return entry_->socket.send(bytes); }

  // From now on this owner is told, and awaits input.
  void report_to(Owner& owner);
  // Costs a system call only where it changes something.
  void await(Awaited awaited);

 private:
  friend class SocketSet;
  // Stays where it is in memory, so that the kernel need not learn of a new owner.
  struct Entry {
    SocketSet& set;
    Owner* owner = nullptr;
    Socket socket;
    Awaited awaited = {};
  };
  struct Closing {
    void operator()(Entry* entry) const;
  };

  explicit WatchedSocket(std::unique_ptr<Entry> entry) : entry_(entry.release()) {}

  std::unique_ptr<Entry, Closing> entry_;
};

class SocketSet {
 public:
  // Counts its sockets in `count`.
  SocketSet(LoopContext& context, Count& count);
  SocketSet(const SocketSet&) = delete;
  SocketSet& operator=(const SocketSet&) = delete;

  // The socket reports to nobody until it is told to whom, which has to be in the same turn. Empty, and the socket
  // closed, when the kernel has no room for it. The set outlives it.
  WatchedSocket add(Socket socket);

  // How the loop gets on with what it has to send, each time that it has sent of it: while it is behind, fewer sockets
  // report in a turn, so that no more comes in than goes out. Once it is not, more do in each turn.
  void hold_back(bool is_behind);

  // Looks no more until the next add(), so that the context can run out of work.
  void stop();

 private:
  friend class WatchedSocket;
  using Entry = WatchedSocket::Entry;

  // Each that reports may be a request to answer or a stream to open.
  static constexpr int kMostPerRound = 64, kLeastPerRound = 8;

  void look();
  void report();
  void change(Entry& entry);
  void remove(Entry& entry);

  LoopContext& context_;
  asio::posix::stream_descriptor set_;
  Count& count_;
  std::span<epoll_event>
      unreported_;  // of the round that is being reported, the one whose owner is being told included
  bool is_looking_ = false;
  int most_ = kMostPerRound;  // in a round
  bool is_behind_ = false;
};

}  // namespace tidings
