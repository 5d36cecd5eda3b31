#include "tidings/server/loop/batch_sender.h"

#include <liburing.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace tidings {
namespace {

constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
constexpr unsigned kRingSize = 1024;
constexpr unsigned kMostFailures = 1000;  // of one submission, where the kernel is short of memory

class PlainSender final : public BatchSender {
 public:
  void send(std::span<Send> sends) override {
    for (Send& each : sends) send_now(each);
  }
};

// MSG_DONTWAIT makes the kernel answer at once, so that a submission has all its completions when it returns.
class RingSender final : public BatchSender {
 public:
  explicit RingSender(const io_uring& ring) : ring_(ring) {}
  RingSender(const RingSender&) = delete;
  RingSender& operator=(const RingSender&) = delete;
  ~RingSender() override { io_uring_queue_exit(&ring_); }

  void send(std::span<Send> sends) override {
    if (is_broken_ || sends.size() == 1) return plain_.send(sends);
    while (!sends.empty()) {
      const std::size_t count = std::min<std::size_t>(sends.size(), kRingSize);
      submit(sends.first(count));
      sends = sends.subspan(count);
    }
  }

 private:
  // The ring is empty before and after.
  void submit(std::span<Send> sends) {
    for (std::size_t i = 0; i < sends.size(); ++i) {
      io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
      io_uring_prep_send(entry, sends[i].socket, sends[i].bytes.data(), sends[i].bytes.size(), kFlags);
      io_uring_sqe_set_data64(entry, i);
      sends[i].result = -EIO;  // unless the kernel says otherwise
    }
    for (unsigned done = 0, failures = 0; done < sends.size();) {
      const int error = io_uring_submit_and_wait(&ring_, static_cast<unsigned>(sends.size()) - done);
      done += take_results(sends);
      if (error >= 0 || error == -EINTR) continue;
      if ((error == -EAGAIN || error == -EBUSY) && ++failures < kMostFailures) continue;
      // A send without a result stays at -EIO, which ends its stream; the client comes back for the event.
      is_broken_ = true;
      return;
    }
  }

  unsigned take_results(std::span<Send> sends) {
    unsigned count = 0, head = 0;
    io_uring_cqe* completion = nullptr;
    io_uring_for_each_cqe(&ring_, head, completion) {
      sends[completion->user_data].result = completion->res;
      ++count;
    }
    io_uring_cq_advance(&ring_, count);
    return count;
  }

  io_uring ring_;
  bool is_broken_ = false;
  PlainSender plain_;
};

}  // namespace

void send_now(BatchSender::Send& send) {
  ssize_t result = 0;
  do {
    result = ::send(send.socket, send.bytes.data(), send.bytes.size(), kFlags);
  } while (result < 0 && errno == EINTR);
  send.result = result < 0 ? -errno : static_cast<int>(result);
}

std::unique_ptr<BatchSender> make_plain_sender() { return std::make_unique<PlainSender>(); }

std::unique_ptr<BatchSender> make_ring_sender() {
  io_uring ring{};
  if (io_uring_queue_init(kRingSize, &ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN) != 0) {
    return nullptr;
  }
  return std::make_unique<RingSender>(ring);
}

}  // namespace tidings
