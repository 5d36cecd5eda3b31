// Hands the sends of many sockets to the kernel together, be it a broadcast or the ticks of many generators, and gives
// each send its result.
//
//   {socket, bytes} × N ──► send() × N                      everywhere
//                       └─► io_uring, 1,024 a system call   where the kernel has it and allows it
//
// Neither waits for a socket that is full, and neither keeps the bytes: they are the caller's again when send()
// returns. Not a queue, not asynchronous. A sender belongs to the thread that uses it first. Source: the manual page
// io_uring_enter(2); liburing.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace tidings {

class BatchSender {
 public:
  struct Send {
    int socket;              // a connected one, non-blocking or not
    std::string_view bytes;  // at least one
    int result = 0;          // how many bytes the socket took, or a negative errno; -EAGAIN: the socket is full
  };

  virtual ~BatchSender() = default;

  // Tries each send once and sets its result.
  virtual void send(std::span<Send> sends) = 0;
};

// Does the same for a single send, by the system call send().
void send_now(BatchSender::Send& send);

// A sender that makes one system call for each socket.
std::unique_ptr<BatchSender> make_plain_sender();

// A sender that uses io_uring; null where the kernel does not have what that takes or does not allow it.
std::unique_ptr<BatchSender> make_ring_sender();

}  // namespace tidings
