#include "tidings/bench/rivals/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace tidings::bench {
namespace {

constexpr std::chrono::seconds kStartTimeout{10}, kStopTimeout{10};

[[noreturn]] void become(const char* program, char* const* arguments, int output) {
  // No server survives a benchmark that is killed. Not by SIGKILL: nginx would leave its worker behind.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  setpgid(0, 0);                 // Ctrl+C is for the benchmark alone, which ends its servers itself
  std::signal(SIGINT, SIG_DFL);  // what a shell starts in the background ignores it, and would be killed only later
  dup2(output, STDOUT_FILENO);
  execv(program, arguments);
  constexpr std::string_view kSentence = "The server's program can't be run: check --server.\n";
  if (write(STDERR_FILENO, kSentence.data(), kSentence.size()) < 0) std::abort();
  _exit(127);
}

}  // namespace

ServerProcess::ServerProcess(std::filesystem::path program, std::vector<std::string> arguments, Wait wait)
    : program_(std::move(program)), arguments_(std::move(arguments)) {
  start(wait);
}

void ServerProcess::start(Wait wait) {
  std::string name = program_.string();
  std::vector<std::string> given = arguments_;
  std::vector<char*> pointers{name.data()};
  for (std::string& argument : given) pointers.push_back(argument.data());
  pointers.push_back(nullptr);

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  process_ = fork();
  if (process_ == 0) become(name.c_str(), pointers.data(), ends[1]);
  close(ends[1]);
  if (output_ >= 0) close(output_);
  output_ = ends[0];
  printed_.clear();
  try {
    if (process_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (wait == Wait::kUntilItListens) wait_until_it_listens();
  } catch (...) {
    stop();
    throw;
  }
}

void ServerProcess::start_on_its_port() {
  const auto flag = std::find(arguments_.begin(), arguments_.end(), "--port");
  if (arguments_.end() - flag < 2) throw std::runtime_error("The server's arguments do not say --port.");
  *(flag + 1) = std::to_string(port_);
  start();
}

ServerProcess::~ServerProcess() {
  stop();
  while (!others_.empty()) others_.pop_back();
  if (output_ >= 0) close(output_);
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

void ServerProcess::wait_until_it_listens() {
  const std::string text = line();
  const std::size_t url = text.find("http://");
  if (url == std::string::npos) throw std::runtime_error("The server did not say where it listens: " + text);
  const std::size_t colon = text.rfind(':', text.find(' ', url));
  port_ = static_cast<std::uint16_t>(std::strtoul(text.c_str() + colon + 1, nullptr, 10));
}

std::string ServerProcess::line() {
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  std::size_t end = 0;
  while ((end = printed_.find('\n')) == std::string::npos) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waited{.fd = output_, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || poll(&waited, 1, static_cast<int>(left.count())) == 0) break;
    char buffer[512];
    const ssize_t count = read(output_, buffer, sizeof buffer);
    if (count <= 0) break;
    printed_.append(buffer, static_cast<std::size_t>(count));
  }
  if (end == std::string::npos) return std::exchange(printed_, {});
  std::string line = printed_.substr(0, end);
  printed_.erase(0, end + 1);
  return line;
}

bool ServerProcess::stop(int signal) {
  if (process_ <= 0) return false;
  const pid_t process = std::exchange(process_, -1);
  kill(process, signal);
  int status = 0;
  for (const auto deadline = std::chrono::steady_clock::now() + kStopTimeout;
       std::chrono::steady_clock::now() < deadline; std::this_thread::sleep_for(std::chrono::milliseconds(5))) {
    if (waitpid(process, &status, WNOHANG) == process) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  kill(process, SIGKILL);
  waitpid(process, &status, 0);
  return false;
}

}  // namespace tidings::bench
