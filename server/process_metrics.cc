#include "tidings/server/process_metrics.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <system_error>

#include "tidings/server/exposition.h"

namespace tidings {
namespace {

constexpr const char* kDescriptors = "/proc/self/fd";

std::optional<double> seconds_of(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return std::nullopt;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// In ticks since the machine has booted: the 22nd field, of which the second, in parentheses, may have spaces.
std::optional<double> start_ticks() {
  std::ifstream file("/proc/self/stat");
  file.ignore(std::numeric_limits<std::streamsize>::max(), ')');
  std::string field;
  for (int i = 3; i < 22; ++i) file >> field;
  double ticks = 0;
  if (file >> ticks) return ticks;
  return std::nullopt;
}

// In Unix time. Asked for once: a clock that is set later would move it, which would look like a restart.
std::optional<double> start_time() {
  static const std::optional<double> start = []() -> std::optional<double> {
    const auto ticks = start_ticks(), now = seconds_of(CLOCK_REALTIME), since_boot = seconds_of(CLOCK_BOOTTIME);
    if (!ticks || !now || !since_boot) return std::nullopt;
    return *now - *since_boot + *ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
  }();
  return start;
}

std::optional<std::uint64_t> resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  if (file >> size >> resident) return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return std::nullopt;
}

// Since Linux 6.2 the folder's size says it. Before, its entries are counted, of which one is the folder itself.
std::optional<std::uint64_t> open_descriptors() {
  struct stat folder {};
  if (stat(kDescriptors, &folder) != 0) return std::nullopt;
  if (folder.st_size > 0) return folder.st_size;
  std::error_code error;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator entry(kDescriptors, error), end; !error && entry != end; ++count) {
    entry.increment(error);
  }
  if (error || count == 0) return std::nullopt;
  return count - 1;
}

std::optional<std::uint64_t> most_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return limit.rlim_cur;
}

}  // namespace

std::string process_metrics() {
  Exposition text;
  if (const auto time = start_time()) {
    text.begin("process_start_time_seconds", "gauge", "When the process started, in Unix time.");
    text.add_real(*time);
  }
  if (const auto time = seconds_of(CLOCK_PROCESS_CPUTIME_ID)) {
    text.begin("process_cpu_seconds_total", "counter", "Time of processors, of the user and of the system.");
    text.add_real(*time);
  }
  if (const auto bytes = resident_bytes()) {
    text.begin("process_resident_memory_bytes", "gauge", "Memory that is resident.");
    text.add(*bytes);
  }
  if (const auto count = open_descriptors()) {
    text.begin("process_open_fds", "gauge", "Descriptors that are open.");
    text.add(*count);
  }
  if (const auto count = most_descriptors()) {
    text.begin("process_max_fds", "gauge", "Descriptors that may be open.");
    text.add(*count);
  }
  return text.text();
}

}  // namespace tidings
