// A Unix socket that listens at a path, for clients and proxies of this machine. Its file says who may connect, and is
// removed when the socket goes. Source: the manual page unix(7), section "Pathname socket ownership and permissions".
// One thread at a time.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <string>
#include <utility>

#include "tidings/server/loop/socket.h"

namespace tidings {

// A socket's file, removed when this is destroyed, unless another socket has taken its place meanwhile. Move-only.
class UnixSocketFile {
 public:
  UnixSocketFile() = default;  // none
  // Of a socket that has just been bound there.
  explicit UnixSocketFile(std::string path);
  UnixSocketFile(UnixSocketFile&& other) noexcept
      : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}
  UnixSocketFile& operator=(UnixSocketFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(device_, other.device_);
    std::swap(inode_, other.inode_);
    return *this;
  }
  ~UnixSocketFile() { remove(); }

  void remove();

 private:
  std::string path_;  // empty: none
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// The longest path that a socket can have.
std::size_t longest_unix_path();

struct UnixListener {
  Socket socket;
  UnixSocketFile file;
};

// Listens at the path, and lets those connect whom the mode, of a file's permissions, lets write. A file that a socket
// has left there to which nobody listens any more is replaced; two servers that begin at once at one path are not kept
// apart. Throws std::runtime_error with a sentence when it can't.
UnixListener listen_at(const std::string& path, mode_t mode, int backlog);

}  // namespace tidings
