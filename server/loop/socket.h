// A connected socket that nobody else has: it closes itself. Move-only. Any thread, one at a time.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <string_view>
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
  // Whoever calls it has to close it.
  int release() { return std::exchange(descriptor_, -1); }

  // Does not wait: how many bytes came, 0 when none has come yet; nothing when the other side has ended or is gone.
  struct Received {
    std::size_t bytes = 0;
    bool is_end = false;
  };
  Received receive(std::span<char> buffer) {
    const ssize_t count = recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) return {.bytes = static_cast<std::size_t>(count)};
    return {.is_end = count == 0 || !is_to_try_again(errno)};
  }

  // Does not wait: how many bytes there was room for, 0 when there is none yet; nothing when the connection is gone.
  struct Sent {
    std::size_t bytes = 0;
    bool has_failed = false;
  };
  Sent send(std::string_view bytes) {
    const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) return {.bytes = static_cast<std::size_t>(count)};
    return {.has_failed = !is_to_try_again(errno)};
  }

 private:
  static bool is_to_try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

  int descriptor_ = -1;
};

}  // namespace tidings
