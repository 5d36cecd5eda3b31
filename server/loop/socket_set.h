// The sockets of a loop that wait for something, thousands of them: an epoll set of the loop's own. It keeps nothing of
// its own for a socket, where Asio keeps some 350 bytes for one that waits. Loop thread only.
//
//   sockets ──► epoll set ──► the loop's io_context, to which it is one descriptor
//
// Source: the manual page epoll(7), level-triggered.
#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>

namespace tidings {

class SocketSet {
 public:
  // Whose socket it is. Called from the loop; what it destroys of other members lives on until the loop's next turn, as
  // sessions do.
  class Member {
   public:
    // Something has come, the other side has ended, or it is gone.
    virtual void on_readable() = 0;
    // There is room to send, after await_room(). The member may have left the set just before.
    virtual void on_writable() {}

   protected:
    ~Member() = default;
  };

  explicit SocketSet(asio::io_context& context);

  // From now on on_readable() is called for as long as there is anything to receive. False when the kernel has no room
  // for it.
  [[nodiscard]] bool add(int socket, Member& member);
  // Whether on_writable() is to be called too, for as long as there is room to send.
  void await_room(int socket, Member& member, bool is_awaited);
  // Before it is closed: a copy of it in another process would keep it here.
  void remove(int socket);

  // Looks no more until the next add(), so that the context can run out of work.
  void stop();

 private:
  void look();

  asio::posix::stream_descriptor set_;
  bool is_looking_ = false;
};

}  // namespace tidings
