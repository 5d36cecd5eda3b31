#include "tidings/bench/kills/killer.h"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr std::chrono::seconds kCheckpointTime{2};

// Not by <sys/pidfd.h>: glibc 2.36 declares its functions as C++ there.
void send_signal(int process, int signal) { syscall(SYS_pidfd_send_signal, process, signal, nullptr, 0); }

// Waits until either is ready, or the time is over. Whether `ended` is not.
bool sleep(int ended, microseconds time, int other = -1) {
  const Clock::time_point deadline = Clock::now() + time;
  pollfd waited[] = {{.fd = ended, .events = POLLIN, .revents = 0}, {.fd = other, .events = POLLIN, .revents = 0}};
  for (int ready = -1; ready < 0;) {
    const auto left = std::chrono::nanoseconds(std::max(deadline - Clock::now(), Clock::duration(0))).count();
    const timespec limit{.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
    ready = ppoll(waited, 2, &limit, nullptr);
    if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "ppoll");
  }
  return waited[0].revents == 0;
}

// Watches a file for being written to.
class Watch {
 public:
  explicit Watch(const std::filesystem::path& file) : descriptor_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    inotify_add_watch(descriptor_, file.c_str(), IN_MODIFY);
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { close(descriptor_); }

  int descriptor() const { return descriptor_; }
  bool has_seen_a_write() const {
    char event[256];
    return read(descriptor_, event, sizeof event) > 0;
  }

 private:
  const int descriptor_;
};

}  // namespace

Moment Moment::any(std::mt19937_64& random) {
  const auto up_to = [&random](int milliseconds) { return microseconds(random() % (milliseconds * 1000)); };
  const std::uint64_t die = random() % 100;
  if (die < 15) return {Kind::kStarting, microseconds(0), up_to(50)};
  if (die < 60) return {Kind::kUnderLoad, microseconds(0), up_to(500)};
  if (die < 80) return {Kind::kCheckpoint, up_to(200), up_to(10)};
  if (die < 95) return {Kind::kStopping, up_to(300), up_to(20)};
  return {Kind::kStop, up_to(300), microseconds(0)};
}

Killer::Killer(pid_t process, const Moment& moment, std::filesystem::path database)
    : process_(static_cast<int>(syscall(SYS_pidfd_open, process, 0))), moment_(moment), database_(std::move(database)) {
  if (process_ < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
  thread_ = std::thread(&Killer::run, this);
}

Killer::~Killer() {
  wait();
  close(process_);
}

Killer::End Killer::wait() {
  if (thread_.joinable()) thread_.join();
  return end_;
}

void Killer::run() {
  using Kind = Moment::Kind;
  if (!sleep(process_, moment_.after_start)) return;
  if (moment_.kind == Kind::kCheckpoint) {
    const Watch watch(database_);
    if (!sleep(process_, kCheckpointTime, watch.descriptor())) return;
    if (!watch.has_seen_a_write()) moment_.kind = Kind::kUnderLoad;
  }
  if (moment_.kind == Kind::kStopping || moment_.kind == Kind::kStop) {
    send_signal(process_, SIGTERM);
    end_ = End::kStopped;
  }
  if (moment_.kind == Kind::kStop || !sleep(process_, moment_.more)) return;
  send_signal(process_, SIGKILL);
  end_ = End::kKilled;
}

}  // namespace tidings::bench
