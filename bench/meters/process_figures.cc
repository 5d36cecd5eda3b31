#include "tidings/bench/meters/process_figures.h"

#include <sys/resource.h>
#include <time.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

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

// The process and all that descend from it. The second field of stat, a name in parentheses, may hold anything.
std::vector<pid_t> tree_of(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    const std::string stat(std::istreambuf_iterator<char>(file), {});
    const std::size_t end = stat.rfind(") ");
    if (end == std::string::npos) continue;  // it has ended meanwhile
    children.emplace(std::stoi(stat.substr(end + 4)), std::stoi(name));
  }
  std::vector<pid_t> tree{root};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const auto [begin, end] = children.equal_range(tree[i]);
    for (auto child = begin; child != end; ++child) tree.push_back(child->second);
  }
  return tree;
}

}  // namespace

ProcessFigures figures_of_tree(pid_t process) {
  ProcessFigures sum;
  for (const pid_t member : tree_of(process)) {
    const fs::path proc = fs::path("/proc") / std::to_string(member);
    const std::string memory = text_of(proc / "smaps_rollup");
    sum.private_bytes += (number_after(memory, "Pss_Anon:") + number_after(memory, "Pss_Shmem:")) * 1024;
    sum.descriptors +=
        static_cast<std::size_t>(std::distance(fs::directory_iterator(proc / "fd"), fs::directory_iterator()));
  }
  return sum;
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

std::chrono::nanoseconds cpu_of_ended_children() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

std::chrono::nanoseconds cpu_of_tree(pid_t process) {
  std::chrono::nanoseconds sum{};
  for (const pid_t member : tree_of(process)) sum += cpu_of(member);
  return sum;
}

}  // namespace tidings::bench
