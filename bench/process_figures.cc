#include "bench/process_figures.h"

#include <time.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace tidings::bench {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("Can't read " + path.string() + ": has the process ended?");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The number after `name` at the beginning of a line.
std::int64_t number_after(const std::string& text, const std::string& name) {
  const std::size_t line = text.find('\n' + name);
  if (line == std::string::npos) throw std::runtime_error("/proc has no " + name);
  return std::stoll(text.substr(line + 1 + name.size()));
}

// The ticks of /proc/PID/stat are 10 ms, too coarse for rounds of a few seconds.
std::chrono::nanoseconds cpu_of(pid_t process) {
  clockid_t clock;
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    throw std::runtime_error("Can't read the CPU time of process " + std::to_string(process) + ": has it ended?");
  }
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

ProcessFigures figures_of(pid_t process) {
  const fs::path proc = fs::path("/proc") / std::to_string(process);
  ProcessFigures figures;
  figures.anonymous_bytes = number_after(text_of(proc / "smaps_rollup"), "Anonymous:") * 1024;
  figures.threads = static_cast<std::size_t>(number_after(text_of(proc / "status"), "Threads:"));
  figures.descriptors =
      static_cast<std::size_t>(std::distance(fs::directory_iterator(proc / "fd"), fs::directory_iterator()));
  figures.cpu = cpu_of(process);
  return figures;
}

}  // namespace tidings::bench
