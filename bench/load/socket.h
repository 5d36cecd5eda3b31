// A client's TCP socket to a server's port, where addresses.h says that servers are: on loopback, or at the other end
// of a veth pair. One thread at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tidings::bench {

class Socket {
 public:
  enum class Mode { kBlocking, kNonBlocking };

  // Connects from the `source`-th of the clients' addresses, or begins to where it does not block. A source other than
  // 1 is for more clients than one address has ephemeral ports. With a size, the kernel holds about twice as many
  // received bytes and no more. Throws std::system_error.
  static Socket connect(std::uint16_t port, Mode mode, std::uint8_t source = 1,
                        std::optional<int> receive_buffer_bytes = std::nullopt);

  Socket() = default;
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  // Return what the system calls do: the count, or -1 and errno.
  ssize_t send(std::string_view bytes);
  ssize_t receive(std::span<char> buffer);

  void close();  // with a FIN; the kernel sends a RST instead where received bytes are unread

 private:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace tidings::bench
