// A connected socket that nobody else has: it closes itself. Move-only. Any thread, one at a time.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>

namespace tidings {

class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    Socket closed(std::exchange(descriptor_, std::exchange(other.descriptor_, -1)));
    return *this;
  }
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  explicit operator bool() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  // The caller's from now on.
  int release() { return std::exchange(descriptor_, -1); }

  // Does not wait: how many bytes came, 0 when none has come yet; nothing when the other side has ended or is gone.
  struct Received {
    std::size_t bytes = 0;
    bool is_end = false;
  };
  Received receive(std::span<char> buffer) {
    const ssize_t count = recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) return {.bytes = static_cast<std::size_t>(count)};
    return {.is_end = count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)};
  }

 private:
  int descriptor_ = -1;
};

}  // namespace tidings
