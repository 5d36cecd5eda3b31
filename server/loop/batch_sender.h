// The way to the kernel of what many streams get at a time, a broadcast or the ticks of many generators: the sends of
// many sockets handed over together, and what became of each.
//
//   {socket, bytes} × N ──► send() × N                      everywhere
//                       └─► io_uring, 1,024 a system call   where the kernel has it and allows it
//
// Neither waits for a socket that is full, and neither keeps anything: the bytes are the caller's again when send()
// returns. Not a queue, not asynchronous. One thread, the one that sends first.
// Source: the manual page io_uring_enter(2); liburing.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace tidings {

class BatchSender {
 public:
  struct Send {
    int socket;              // of a stream, non-blocking or not
    std::string_view bytes;  // at least one
    int result = 0;          // how many of them the socket took, or an error's number, negative; -EAGAIN: it is full
  };

  virtual ~BatchSender() = default;

  // Tries each once and sets its result.
  virtual void send(std::span<Send> sends) = 0;
};

// One alone, by send().
void send_now(BatchSender::Send& send);

// By one system call a socket.
std::unique_ptr<BatchSender> make_plain_sender();

// By io_uring; null where the kernel does not have what it takes or does not allow it.
std::unique_ptr<BatchSender> make_ring_sender();

}  // namespace tidings
