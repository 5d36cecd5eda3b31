#include "tidings/server/gateway/unix_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace tidings {
namespace {

[[noreturn]] void fail(const std::string& path, std::string_view why) {
  throw std::runtime_error("Can't listen on unix:" + path + ": " + std::string(why));
}

[[noreturn]] void fail(const std::string& path, int error) {
  fail(path, std::generic_category().message(error) + ". Check --listen: its folder must be there, and this user's.");
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  return address;
}

Socket make_socket() { return Socket(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

// Something is at the path. Removes it where it is what a socket has left that nobody listens to any more.
void remove_leftover(const std::string& path) {
  struct stat there {};
  if (lstat(path.c_str(), &there) != 0) return;  // it has gone
  if (!S_ISSOCK(there.st_mode)) fail(path, "there is a file that is no socket. Choose another path with --listen.");
  const Socket probe = make_socket();
  const sockaddr_un address = address_of(path);
  const bool is_answered =
      connect(probe.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (is_answered || errno == EAGAIN) {
    fail(path, "something listens there already. Stop it, or choose another path with --listen.");
  }
  if (errno != ECONNREFUSED && errno != ENOENT) fail(path, errno);
  unlink(path.c_str());
}

}  // namespace

UnixSocketFile::UnixSocketFile(std::string path) : path_(std::move(path)) {
  struct stat file {};
  if (lstat(path_.c_str(), &file) != 0) path_.clear();
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

void UnixSocketFile::remove() {
  const std::string path = std::exchange(path_, {});
  struct stat there {};
  if (path.empty() || lstat(path.c_str(), &there) != 0) return;
  if (there.st_dev == device_ && there.st_ino == inode_) unlink(path.c_str());
}

std::size_t longest_unix_path() { return sizeof sockaddr_un::sun_path - 1; }

UnixListener listen_at(const std::string& path, mode_t mode, int backlog) {
  if (path.empty() || path.size() > longest_unix_path()) {
    fail(path, "a path has 1 to " + std::to_string(longest_unix_path()) + " bytes.");
  }
  UnixListener listener{make_socket(), {}};
  const sockaddr_un address = address_of(path);
  const auto bind_it = [&] {
    return bind(listener.socket.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  };
  if (!bind_it()) {
    if (errno != EADDRINUSE) fail(path, errno);
    remove_leftover(path);
    if (!bind_it()) fail(path, errno);
  }
  listener.file = UnixSocketFile(path);
  // Nobody can connect before it listens, so nobody does by other permissions than these.
  if (chmod(path.c_str(), mode) != 0 || listen(listener.socket.descriptor(), backlog) != 0) fail(path, errno);
  return listener;
}

}  // namespace tidings
