#include "bench/process_figures.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
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

// Fields 14 and 15 of stat. The second field, the program's name, may hold spaces and parentheses of its own.
std::chrono::microseconds cpu_of(const std::string& stat) {
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  for (int field = 3; field < 14; ++field) {
    std::string ignored;
    fields >> ignored;
  }
  std::int64_t user = 0, system = 0;
  fields >> user >> system;
  return std::chrono::microseconds((user + system) * 1'000'000 / sysconf(_SC_CLK_TCK));
}

}  // namespace

ProcessFigures figures_of(pid_t process) {
  const fs::path proc = fs::path("/proc") / std::to_string(process);
  ProcessFigures figures;
  figures.anonymous_bytes = number_after(text_of(proc / "smaps_rollup"), "Anonymous:") * 1024;
  figures.threads = static_cast<std::size_t>(number_after(text_of(proc / "status"), "Threads:"));
  figures.descriptors =
      static_cast<std::size_t>(std::distance(fs::directory_iterator(proc / "fd"), fs::directory_iterator()));
  figures.cpu = cpu_of(text_of(proc / "stat"));
  return figures;
}

}  // namespace tidings::bench
