// A redis-server of the test's own, in a folder of its own, which lives no longer than this object. It listens on a
// Unix socket, and on a port where the test asks for one. One thread at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

class RedisServer {
 public:
  // Further arguments of redis-server. It keeps nothing over a restart unless they say so. Throws std::runtime_error
  // when it does not start.
  explicit RedisServer(std::vector<std::string> arguments = {});
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  ~RedisServer();

  // Once it is stopped.
  void start();
  // Ends it, by SIGKILL unless told otherwise, and waits for the end.
  void stop(int signal);
  void kill();
  // Its process stands still, and goes on.
  void pause();
  void go_on();

  std::string url() const { return "unix:" + socket(); }
  std::string socket() const { return folder_ + "/redis.sock"; }
  const std::string& folder() const { return folder_; }
  // Listens there too, from now on.
  std::uint16_t listen_on_a_port();
  // From its next start on.
  void listen_on(std::uint16_t port) { port_ = port; }
  std::vector<std::string>& arguments() { return arguments_; }

  // What it says to a command, as text: an array's elements with spaces between them, an error with its words.
  std::string say(std::initializer_list<std::string_view> words);

 private:
  std::string folder_;
  std::vector<std::string> arguments_;
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace tidings
