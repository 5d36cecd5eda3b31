#include "tidings/server/history/history_view.h"

#include <algorithm>
#include <chrono>

namespace tidings {
namespace {

Database& ours(Database& database) {
  HistoryFile::require_ours(database);
  database.execute("PRAGMA cache_size = -2000");
  return database;
}

// Files of version 1 have none.
bool has_floor(Database& database) {
  return database.integer("SELECT count(*) FROM pragma_table_info('meta') WHERE name = 'floor'") > 0;
}

// What is read within its life is of one moment.
class Moment {
 public:
  explicit Moment(Database& database) : database_(database) { database_.execute("BEGIN"); }
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;
  ~Moment() {
    try {
      database_.execute("COMMIT");
    } catch (const SqliteError&) {
      // It has only read.
    }
  }

 private:
  Database& database_;
};

}  // namespace

HistoryView::HistoryView(const std::string& path, const std::string& vfs)
    : database_(path, vfs, Database::Mode::kReadOnly),
      epoch_(ours(database_), "SELECT epoch FROM meta"),
      floor_(database_, has_floor(database_) ? "SELECT floor FROM meta" : "SELECT 1"),
      channel_(database_, "SELECT id, first, next FROM channels WHERE name = ?"),
      events_(database_, "SELECT id, time, block FROM events WHERE id >= ? AND id < ? ORDER BY id"),
      time_(database_, "SELECT time FROM events WHERE id = ?"),
      names_(database_,
             "SELECT name, first, next, bytes, oldest FROM channels WHERE name > ? AND substr(name, 1, 1) <> '/' ORDER "
             "BY name LIMIT ?") {}

Extent HistoryView::extent(std::string_view name) {
  const Moment moment(database_);
  const auto channel = find(name);
  if (!channel) {
    const std::uint64_t beginning = floor();
    return {epoch(), beginning, beginning};
  }
  return {epoch(), channel->first, channel->next};
}

std::shared_ptr<const History::Run> HistoryView::read(std::string_view name, std::uint64_t from,
                                                      std::size_t max_bytes) {
  const auto run = std::make_shared<History::Run>();
  const Moment moment(database_);
  const auto channel = find(name);
  if (!channel) return run;
  run->begin = {epoch(), std::max(from, channel->next)};
  if (from < channel->next) read(channel->id, from, channel->next, max_bytes, *run);
  return run;
}

// Up to the first event that is missing behind the one that it begins with.
void HistoryView::read(std::int64_t id, std::uint64_t from, std::uint64_t next, std::size_t max_bytes,
                       History::Run& run) {
  std::vector<std::size_t> sizes;
  events_.start(HistoryFile::row_of(id, from), HistoryFile::row_of(id, next));
  while (events_.step()) {
    const auto sequence = static_cast<std::uint64_t>(events_.integer(0) - HistoryFile::row_of(id, 0));
    if (run.records.empty()) run.begin.sequence = sequence;
    if (sequence != run.begin.sequence + run.records.size()) break;
    const std::string_view block = events_.bytes(2);
    if (!run.records.empty() && run.bytes.size() + block.size() > max_bytes) break;
    run.bytes += block;
    sizes.push_back(block.size());
    run.records.push_back(
        {.at = {run.begin.epoch, sequence},
         .block = {},
         .time = std::chrono::system_clock::time_point(std::chrono::milliseconds(events_.integer(1)))});
  }
  events_.reset();
  std::string_view rest = run.bytes;
  for (std::size_t index = 0; index < sizes.size(); ++index) {
    run.records[index].block = rest.substr(0, sizes[index]);
    rest.remove_prefix(sizes[index]);
  }
}

std::vector<History::Listed> HistoryView::list(std::string_view after, std::size_t most) {
  std::vector<History::Listed> listed;
  const Moment moment(database_);
  const std::uint64_t now = epoch();
  names_.start(after, static_cast<std::int64_t>(most));
  while (names_.step()) {
    listed.push_back(
        {.name = std::string(names_.bytes(0)),
         .extent = {now, static_cast<std::uint64_t>(names_.integer(1)), static_cast<std::uint64_t>(names_.integer(2))},
         .bytes = static_cast<std::uint64_t>(names_.integer(3)),
         .oldest = std::chrono::system_clock::time_point(std::chrono::milliseconds(names_.integer(4)))});
  }
  names_.reset();
  return listed;
}

HistoryView::Overview HistoryView::overview() {
  Overview overview;
  const Moment moment(database_);
  Statement meta(database_, "SELECT epoch, is_clean, is_power_safe FROM meta");
  if (meta.step()) {
    overview.epoch = static_cast<std::uint64_t>(meta.integer(0));
    overview.is_clean = meta.integer(1) != 0;
    overview.is_power_safe = meta.integer(2) != 0;
  }
  meta.reset();
  overview.channels = HistoryFile::channels(database_);
  std::erase_if(overview.channels, HistoryFile::is_buried);
  for (const HistoryFile::Channel& channel : overview.channels) {
    time_.start(HistoryFile::row_of(channel.id, channel.next - 1));
    overview.newest.push_back(time_.step() ? time_.integer(0) : channel.oldest);
    time_.reset();
  }
  return overview;
}

std::optional<HistoryFile::Channel> HistoryView::find(std::string_view name) {
  std::optional<HistoryFile::Channel> channel;
  channel_.start(name);
  if (channel_.step()) {
    channel.emplace();
    channel->id = channel_.integer(0);
    channel->first = static_cast<std::uint64_t>(channel_.integer(1));
    channel->next = static_cast<std::uint64_t>(channel_.integer(2));
  }
  channel_.reset();
  return channel;
}

std::uint64_t HistoryView::epoch() {
  epoch_.start();
  const std::uint64_t epoch = epoch_.step() ? static_cast<std::uint64_t>(epoch_.integer(0)) : 0;
  epoch_.reset();
  return epoch;
}

std::uint64_t HistoryView::floor() {
  floor_.start();
  const std::uint64_t floor = floor_.step() ? static_cast<std::uint64_t>(floor_.integer(0)) : 1;
  floor_.reset();
  return floor;
}

}  // namespace tidings
