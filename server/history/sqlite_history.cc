#include "tidings/server/history/sqlite_history.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tidings {
namespace {

constexpr std::chrono::milliseconds kMostPatience{3};

}  // namespace

SqliteHistory::SqliteHistory(const Options& options, Surroundings surroundings)
    : folder_(options.data_dir),
      queue_(options.max_waiting_bytes, options.max_waiting_openings),
      reader_(folder_.database(), surroundings.vfs, options.max_waiting_reads),
      writer_({.path = folder_.database(),
               .vfs = surroundings.vfs,
               .file_number = [this] { return folder_.file_number(); }},
              {.durability = options.durability,
               .limits = options.limits,
               .max_log_pages = options.max_log_pages,
               .reserve_bytes = options.reserve_bytes,
               .max_quiet_channels = options.max_quiet_channels,
               .boot_id = surroundings.boot_id},
              queue_, reader_, surroundings.clock) {
  if (!surroundings.has_threads) return;
  writer_thread_ = std::thread(&SqliteHistory::write_on, this);
  reader_thread_ = std::thread(&SqliteHistory::read_on, this);
}

SqliteHistory::~SqliteHistory() { close(); }

void SqliteHistory::open(std::string name, std::weak_ptr<Sink> sink, OnOpened on_opened) {
  HistoryQueue::Opening opening{std::move(name), std::move(sink), std::move(on_opened)};
  if (queue_.push(opening) != HistoryQueue::Pushed::kTaken) opening.on_opened(std::nullopt);
}

void SqliteHistory::append(std::string name, std::string block, std::optional<std::string> key, OnReceipt on_receipt) {
  HistoryQueue::Append append{std::move(name), std::move(block), std::move(key), std::move(on_receipt)};
  switch (queue_.push(append)) {
    case HistoryQueue::Pushed::kTaken: return;
    case HistoryQueue::Pushed::kTooMuch:
      return append.on_receipt({Outcome::kBusy, {}, "Too much waits to be kept in the history"});
    case HistoryQueue::Pushed::kClosed: return append.on_receipt({Outcome::kFailed, {}, "The history is closed"});
  }
}

void SqliteHistory::read(std::string name, std::uint64_t from, std::size_t max_bytes, OnRun on_run) {
  reader_.read(std::move(name), from, max_bytes, std::move(on_run));
}

void SqliteHistory::clear(std::string name, OnCleared on_cleared) {
  HistoryQueue::Clearing clearing{std::move(name), std::move(on_cleared)};
  switch (queue_.push(clearing)) {
    case HistoryQueue::Pushed::kTaken: return;
    case HistoryQueue::Pushed::kTooMuch:
      return clearing.on_cleared(Cleared::kBusy, "Too many channels wait to be cleared");
    case HistoryQueue::Pushed::kClosed: return clearing.on_cleared(Cleared::kFailed, "The history is closed");
  }
}

void SqliteHistory::list(std::string after, std::size_t most, OnListed on_listed) {
  reader_.list(std::move(after), most, std::move(on_listed));
}

std::optional<std::string> SqliteHistory::trouble() const { return writer_.trouble(); }

void SqliteHistory::close() {
  if (std::exchange(is_closed_, true)) return;
  queue_.close();
  reader_.close();
  if (writer_thread_.joinable()) writer_thread_.join();
  if (reader_thread_.joinable()) reader_thread_.join();
  while (!queue_.is_empty()) writer_.step();
  writer_.close();
}

// A commit costs nearly the same for one event as for many. So some of those who were just answered may come back
// before the next one begins, for as long as the last one took at most: a slow disk is then synced once for all that it
// would have kept in two turns.
void SqliteHistory::write_on() {
  while (!queue_.is_closed()) {
    const auto begin = std::chrono::steady_clock::now();
    const bool is_more = writer_.step();
    queue_.gather(std::min<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin, kMostPatience));
    if (!is_more) queue_.wait(writer_.idle_time());
  }
}

void SqliteHistory::read_on() {
  while (reader_.wait()) reader_.step();
}

}  // namespace tidings
