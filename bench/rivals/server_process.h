// A server in a process of its own, which lives no longer than this object, the folder that it keeps its data in, and
// others that it works with. One thread at a time.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidings::bench {

class ServerProcess {
 public:
  enum class Wait { kUntilItListens, kNot };

  // Starts the program, and waits unless told not to. Its stderr is ours. Throws std::runtime_error.
  ServerProcess(std::filesystem::path program, std::vector<std::string> arguments, Wait wait = Wait::kUntilItListens);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();  // as stop(), where that was not called

  // Waits until it prints the line with its URL, `… http://HOST:PORT …`, for at most 10 s. Throws
  // std::runtime_error.
  void wait_until_it_listens();
  // The same program again, after stop(). Throws std::runtime_error.
  void start(Wait wait = Wait::kUntilItListens);
  // The same on the port that it has had, for a program whose arguments have `--port 0`.
  void start_on_its_port();
  // From now on the folder is this object's, and is removed with it.
  void own(std::filesystem::path folder) { folder_ = std::move(folder); }
  // From now on another server lives as long as this object: this one ends first, and the first of the others last.
  ServerProcess& keep(std::unique_ptr<ServerProcess> other) { return *others_.emplace_back(std::move(other)); }
  const std::vector<std::unique_ptr<ServerProcess>>& others() const { return others_; }

  pid_t process() const { return process_; }
  std::uint16_t port() const { return port_; }
  const std::filesystem::path& folder() const { return folder_; }

  // The next line that it prints after the one with its URL; where none comes within 10 s, what there is of one.
  std::string line();

  // Sends the signal. True when it exits with 0 within 10 s; else it is killed.
  bool stop(int signal = SIGINT);

 private:
  std::filesystem::path program_;
  std::vector<std::string> arguments_;
  std::filesystem::path folder_;
  std::vector<std::unique_ptr<ServerProcess>> others_;
  pid_t process_ = -1;
  int output_ = -1;      // stays open: the server prints once more when it stops
  std::string printed_;  // and not read yet
  std::uint16_t port_ = 0;
};

}  // namespace tidings::bench
