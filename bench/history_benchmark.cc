// What the history engine takes by itself, without HTTP and followers: `bazel run -c opt //bench:history_benchmark`
// keeps events of 100 bytes with so many outstanding, under both durabilities, and prints how fast, how large they are
// on the disk, how long a cold run takes meanwhile, and how long it takes to open what is there. Run by hand.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tidings/bench/load/history_filler.h"
#include "tidings/server/history/sqlite_history.h"

namespace {

using Clock = std::chrono::steady_clock;
using tidings::Durability;
using tidings::History;
using tidings::SqliteHistory;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// Reads a run of 1000 events, again and again, until told otherwise; how long each took, in milliseconds.
std::vector<double> read_until(SqliteHistory& history, const std::atomic<bool>& is_over) {
  std::vector<double> times;
  std::uint64_t from = 1;
  while (!is_over) {
    const Clock::time_point begin = Clock::now();
    std::atomic<int> answered = 0;  // 1 when a run came, 2 when it was empty
    history.read("channel0", from, 107'000, [&](const auto& run) {
      answered = run && !run->records.empty() ? 1 : 2;
      answered.notify_one();
    });
    answered.wait(0);
    if (answered == 1) {
      times.push_back(seconds_since(begin) * 1e3);
      from += 1000;
    } else {
      from = 1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  std::sort(times.begin(), times.end());
  return times;
}

std::uint64_t bytes_of(const std::string& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

long resident_kib() {
  long pages = 0;
  if (std::FILE* const file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * 4;
}

void measure(const std::string& folder, Durability durability, std::uint64_t events, std::uint64_t outstanding,
             int channels, bool has_reader) {
  std::filesystem::create_directory(folder);
  SqliteHistory::Options options;
  options.data_dir = folder;
  options.durability = durability;
  options.limits.max_events = std::uint64_t{1} << 40;
  options.limits.max_bytes = std::uint64_t{1} << 50;
  double rate = 0;
  std::vector<double> reads;
  std::uint64_t log_bytes = 0;
  {
    SqliteHistory history(options);
    std::vector<std::string> names;
    for (int channel = 0; channel < channels; ++channel) names.push_back("channel" + std::to_string(channel));
    tidings::bench::HistoryFiller filler(history, names, 100);
    std::atomic<bool> is_over = false;
    std::thread reader;
    if (has_reader) reader = std::thread([&] { reads = read_until(history, is_over); });
    const Clock::time_point begin = Clock::now();
    filler.keep(events, outstanding);
    rate = static_cast<double>(events) / seconds_since(begin);
    is_over = true;
    if (reader.joinable()) reader.join();
    log_bytes = bytes_of(folder + "/history.db-wal");
  }
  const std::uint64_t bytes = bytes_of(folder + "/history.db");
  const Clock::time_point begin = Clock::now();
  const SqliteHistory again(options);
  const double opening = seconds_since(begin) * 1e3;
  std::printf(
      "%-8s %9llu events in %4d channels: %8.0f events/s, %5.1f bytes each on the disk, log %5.1f MiB, opened in "
      "%5.1f ms, %ld KiB resident",
      durability == Durability::kPower ? "power" : "process", static_cast<unsigned long long>(events), channels, rate,
      static_cast<double>(bytes) / static_cast<double>(events), static_cast<double>(log_bytes) / (1 << 20), opening,
      resident_kib());
  if (!reads.empty()) {
    std::printf(", %zu cold runs of 1000: p50 %.2f ms, p99 %.2f ms", reads.size(), reads[reads.size() / 2],
                reads[reads.size() * 99 / 100]);
  }
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The history engine by itself");
  std::uint64_t events = 200'000;
  std::uint64_t outstanding = 64;
  int channels = 1;
  std::string folder = std::filesystem::temp_directory_path().string();
  bool has_reader = false;
  app.add_option("--events", events, "to be kept under each durability");
  app.add_option("--outstanding", outstanding, "handed in and not answered yet, at any time");
  app.add_option("--channels", channels, "that they are of, in turn");
  app.add_option("--folder", folder, "where a folder is made for each, and left out again");
  app.add_flag("--read", has_reader, "reads cold runs of 1000 events meanwhile");
  CLI11_PARSE(app, argc, argv);
  std::string own = folder + "/history_benchmark.XXXXXX";
  if (!mkdtemp(own.data())) {
    std::perror(own.c_str());
    return 1;
  }
  for (const Durability durability : {Durability::kPower, Durability::kProcess}) {
    measure(own + (durability == Durability::kPower ? "/power" : "/process"), durability, events, outstanding, channels,
            has_reader);
  }
  std::filesystem::remove_all(own);
}
