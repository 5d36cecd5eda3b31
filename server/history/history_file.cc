#include "tidings/server/history/history_file.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

#include "tidings/server/disk/vfs_file.h"

namespace tidings {
namespace {

constexpr std::int64_t kApplicationNumber = 0x74696469;  // as HistoryFile has it
constexpr std::int64_t kVersion = 2;                     // of the tables; a change of them raises it and migrates

constexpr const char* kSchema = R"(
  CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL,
    is_clean INTEGER NOT NULL,
    is_power_safe INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    file_number INTEGER NOT NULL,
    floor INTEGER NOT NULL DEFAULT 1
  );
  CREATE TABLE channels (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    first INTEGER NOT NULL,
    next INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    oldest INTEGER NOT NULL
  );
  CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    block BLOB NOT NULL,
    key TEXT
  );
  CREATE TABLE keys (
    channel INTEGER NOT NULL,
    key TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (channel, key)
  ) WITHOUT ROWID;
  INSERT INTO meta VALUES (1, 0, 1, 1, '', 0, 1);
)";

constexpr std::size_t kPiece = std::size_t{1} << 20;

// The run before may have ended with a log that was written but never synced, or whose sync has failed. After that the
// system takes the pages that it could not write for written, and another sync would succeed and mean nothing. Written
// again they are to be written again. The caller holds the lock that a writer of the log needs.
void sync_log(const std::string& path, const std::string& vfs) {
  VfsFile log(path + "-wal", vfs);
  if (!log.exists()) return;
  const bool is_open = log.open(false);
  const std::int64_t size = is_open ? log.size() : -1;
  if (size == 0) return;
  bool is_well = size > 0;
  std::vector<char> bytes(kPiece);
  for (std::int64_t at = 0; is_well && at < size;) {
    const std::span piece = std::span(bytes).first(std::min(kPiece, static_cast<std::size_t>(size - at)));
    is_well = log.read(piece, at) && log.write(piece, at);
    at += static_cast<std::int64_t>(piece.size());
  }
  if (!is_well || !log.sync()) throw std::runtime_error("its write-ahead log can't be written");
}

std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

HistoryFile::HistoryFile(const Place& place, const Run& run)
    : database_(place.path, place.vfs,
                place.must_exist ? Database::Mode::kReadWrite : Database::Mode::kReadWriteCreate) {
  const bool is_new =
      database_.integer("SELECT count(*) FROM sqlite_master") == 0 && database_.integer("PRAGMA application_id") == 0;
  is_new ? make() : take_over();
  // Some distributions have SQLite write zeros over what is deleted: then trimming takes the space that it is to make.
  database_.execute("PRAGMA secure_delete = 0; PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 16777216");
  enter(place, run);
  if (run.durability == Durability::kProcess) database_.execute("PRAGMA synchronous = NORMAL");

  add_event_.emplace(database_, "INSERT INTO events VALUES (?, ?, ?, ?)");
  add_key_.emplace(database_, "INSERT INTO keys VALUES (?, ?, ?)");
  find_key_.emplace(database_, "SELECT sequence FROM keys WHERE channel = ? AND key = ?");
  compare_.emplace(database_, "SELECT block = ? FROM events WHERE id = ?");
  drop_key_.emplace(database_, "DELETE FROM keys WHERE channel = ? AND key = ?");
  put_channel_.emplace(database_,
                       "INSERT INTO channels VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE "
                       "SET first = ?3, next = ?4, bytes = ?5, oldest = ?6");
  oldest_events_.emplace(database_, "SELECT time, length(block), key FROM events WHERE id >= ? AND id < ? ORDER BY id");
  drop_events_.emplace(database_, "DELETE FROM events WHERE id >= ? AND id < ?");
}

void HistoryFile::make() {
  // Pages that trimming has emptied can then go back to the disk.
  database_.execute("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database_.execute("BEGIN IMMEDIATE");
  database_.execute(kSchema);
  database_.execute(("PRAGMA application_id = " + std::to_string(kApplicationNumber)).c_str());
  database_.execute(("PRAGMA user_version = " + std::to_string(kVersion)).c_str());
  database_.execute("COMMIT");
}

void HistoryFile::take_over() {
  require_ours(database_);
  // A backup that VACUUM INTO has made is a database without a log.
  database_.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
}

void HistoryFile::require_ours(Database& database) {
  if (database.integer("PRAGMA application_id") != kApplicationNumber) {
    throw std::runtime_error("it is a database, but none of this program's: move it away, or name another folder");
  }
  const std::int64_t version = database.integer("PRAGMA user_version");
  if (version > kVersion) {
    throw std::runtime_error("it was written by a newer version of this program: its format is " +
                             std::to_string(version) + ", and this version knows " + std::to_string(kVersion) +
                             " at most");
  }
}

void HistoryFile::migrate() {
  if (database_.integer("PRAGMA user_version") == kVersion) return;
  database_.execute("ALTER TABLE meta ADD COLUMN floor INTEGER NOT NULL DEFAULT 1");  // of version 1
  database_.execute(("PRAGMA user_version = " + std::to_string(kVersion)).c_str());
}

// Synced whatever the durability: how this run ends is judged by what is written here. What is read in this run is then
// as durable as what it keeps.
void HistoryFile::enter(const Place& place, const Run& run) {
  begin();
  sync_log(place.path, place.vfs);
  migrate();
  const std::int64_t file_number = number(place.file_number());
  bool may_have_lost = false;
  {
    Statement meta(database_, "SELECT epoch, is_clean, is_power_safe, boot_id, file_number FROM meta");
    if (!meta.step()) throw std::runtime_error("it is damaged: its table meta is empty");
    epoch_ = static_cast<std::uint64_t>(meta.integer(0));
    const bool is_other_boot = run.boot_id.empty() || meta.bytes(3) != run.boot_id;
    const bool is_copy = meta.integer(4) != 0 && file_number != 0 && meta.integer(4) != file_number;
    may_have_lost = epoch_ == 0 || is_copy || (meta.integer(1) == 0 && meta.integer(2) == 0 && is_other_boot);
  }
  if (may_have_lost) raise_epoch(run.now);
  Statement(database_, "UPDATE meta SET is_clean = 0, is_power_safe = ?, boot_id = ?, file_number = ?")
      .run(std::int64_t{run.durability == Durability::kPower}, std::string_view(run.boot_id), file_number);
  commit();
}

// By the wall clock, so that a new file's epoch is none of an older one that lay there.
void HistoryFile::raise_epoch(std::int64_t now) {
  const std::uint64_t epoch = std::max(epoch_ + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(now, 1)));
  Statement(database_, "UPDATE meta SET epoch = ?").run(number(epoch));
  epoch_ = epoch;
}

std::uint64_t HistoryFile::floor() { return static_cast<std::uint64_t>(database_.integer("SELECT floor FROM meta")); }

std::vector<HistoryFile::Channel> HistoryFile::channels(Database& database) {
  std::vector<Channel> channels;
  Statement statement(database, "SELECT id, name, first, next, bytes, oldest FROM channels ORDER BY id");
  while (statement.step()) {
    channels.push_back({.id = statement.integer(0),
                        .name = std::string(statement.bytes(1)),
                        .first = static_cast<std::uint64_t>(statement.integer(2)),
                        .next = static_cast<std::uint64_t>(statement.integer(3)),
                        .bytes = static_cast<std::uint64_t>(statement.integer(4)),
                        .oldest = statement.integer(5)});
  }
  return channels;
}

void HistoryFile::begin() { database_.execute("BEGIN IMMEDIATE"); }

void HistoryFile::commit() { database_.execute("COMMIT"); }

void HistoryFile::roll_back() noexcept {
  try {
    if (database_.is_in_transaction()) database_.execute("ROLLBACK");
  } catch (const SqliteError&) {
    // SQLite has rolled back by itself.
  }
}

void HistoryFile::add(Channel& channel, std::string_view block, const std::optional<std::string>& key,
                      std::int64_t time) {
  add_event_->run(row_of(channel.id, channel.next), time, Statement::Blob{block}, key);
  if (key) add_key_->run(channel.id, std::string_view(*key), number(channel.next));
  if (channel.count() == 0) channel.oldest = time;
  ++channel.next;
  channel.bytes += block.size();
}

std::optional<HistoryFile::Known> HistoryFile::find(const Channel& channel, std::string_view key,
                                                    std::string_view block) {
  find_key_->start(channel.id, key);
  if (!find_key_->step()) return std::nullopt;
  const auto sequence = static_cast<std::uint64_t>(find_key_->integer(0));
  find_key_->reset();
  compare_->start(Statement::Blob{block}, row_of(channel.id, sequence));
  const bool is_same = !compare_->step() || compare_->integer(0) != 0;  // of one that is missing nothing can be said
  compare_->reset();
  return Known{sequence, is_same};
}

void HistoryFile::put(const Channel& channel) {
  put_channel_->run(channel.id, std::string_view(channel.name), number(channel.first), number(channel.next),
                    number(channel.bytes), channel.oldest);
}

void HistoryFile::forget(const Channel& channel) {
  Statement(database_, "DELETE FROM channels WHERE id = ?").run(channel.id);
  Statement(database_, "UPDATE meta SET floor = max(floor, ?)").run(number(channel.next));
}

void HistoryFile::trim(Channel& channel, const HistoryLimits& limits, std::int64_t now, std::uint64_t most) {
  Channel left = channel;
  std::vector<std::string> keys;
  oldest_events_->start(row_of(channel.id, channel.first), row_of(channel.id, channel.next));
  while (oldest_events_->step()) {
    left.oldest = oldest_events_->integer(0);
    const bool is_too_much = left.count() > 1 && (left.count() > limits.max_events || left.bytes > limits.max_bytes);
    const bool is_too_old = left.oldest + limits.max_age.count() <= now;
    if ((!is_too_much && !is_too_old) || left.first - channel.first == most) break;
    if (!oldest_events_->is_null(2)) keys.emplace_back(oldest_events_->bytes(2));
    left.bytes -= static_cast<std::uint64_t>(oldest_events_->integer(1));
    ++left.first;
  }
  oldest_events_->reset();
  drop_rows(channel, channel.first, left.first, keys);
  channel = std::move(left);
}

void HistoryFile::bury(Channel& channel) {
  channel.name = buried_name(channel.id);
  Statement(database_, "UPDATE channels SET name = ? WHERE id = ?").run(std::string_view(channel.name), channel.id);
}

void HistoryFile::drop_buried(const Channel& channel) {
  Statement(database_, "DELETE FROM channels WHERE id = ?").run(channel.id);
}

void HistoryFile::drop_oldest(Channel& channel, std::uint64_t most) {
  Channel left = channel;
  left.first += std::min(most, channel.count());
  std::vector<std::string> keys;
  oldest_events_->start(row_of(channel.id, channel.first), row_of(channel.id, left.first));
  while (oldest_events_->step()) {
    left.bytes -= static_cast<std::uint64_t>(oldest_events_->integer(1));
    if (!oldest_events_->is_null(2)) keys.emplace_back(oldest_events_->bytes(2));
  }
  drop_rows(channel, channel.first, left.first, keys);
  channel = std::move(left);
}

void HistoryFile::drop_from(Channel& channel, std::uint64_t next) {
  std::vector<std::string> keys;
  oldest_events_->start(row_of(channel.id, next), row_of(channel.id, channel.next));
  while (oldest_events_->step()) {
    channel.bytes -= static_cast<std::uint64_t>(oldest_events_->integer(1));
    if (!oldest_events_->is_null(2)) keys.emplace_back(oldest_events_->bytes(2));
  }
  drop_rows(channel, next, channel.next, keys);
  channel.next = next;
  channel.first = std::min(channel.first, next);
}

// Those from `from` up to, not including, `to`, and the keys that they have.
void HistoryFile::drop_rows(const Channel& channel, std::uint64_t from, std::uint64_t to,
                            std::span<const std::string> keys) {
  for (const std::string& key : keys) drop_key_->run(channel.id, std::string_view(key));
  drop_events_->run(row_of(channel.id, from), row_of(channel.id, to));
}

void HistoryFile::give_back(int pages) {
  database_.execute(("PRAGMA incremental_vacuum(" + std::to_string(pages) + ")").c_str());
}

void HistoryFile::close_clean() {
  database_.execute("PRAGMA synchronous = FULL");
  begin();
  database_.execute("UPDATE meta SET is_clean = 1");
  commit();
  truncate_log();
}

bool is_over(const HistoryFile::Channel& channel, const HistoryLimits& limits, std::int64_t now) {
  const auto over = [](std::uint64_t value, std::uint64_t limit) {
    return value > limit && value - limit > limit / 64;
  };
  if (channel.count() == 0) return false;
  if (over_age_at(channel, limits) <= now) return true;
  return channel.count() > 1 && (over(channel.count(), limits.max_events) || over(channel.bytes, limits.max_bytes));
}

std::int64_t over_age_at(const HistoryFile::Channel& channel, const HistoryLimits& limits) {
  return channel.oldest + limits.max_age.count() + limits.max_age.count() / 64;
}

std::string why_not(const std::string& path, std::string_view done, const std::runtime_error& error) {
  std::string why = error.what();
  if (const auto* const sqlite = dynamic_cast<const SqliteError*>(&error)) {
    if (sqlite->is_full()) why = "the disk is full";
    if (sqlite->is_busy()) why = "another program keeps it locked";
    if (sqlite->is_read_only()) {
      why = "this user may not write there, as who only reads has to while a server runs (" + why +
            "): be the user whose folder it is";
    }
    if (sqlite->is_damage()) {
      why = "it is damaged or no database (" + why + "): put a backup in its place, or move it away to begin anew";
    }
  }
  return "The history " + (path.empty() ? "" : "in " + path + ' ') + "can't be " + std::string(done) + ": " + why;
}

}  // namespace tidings
