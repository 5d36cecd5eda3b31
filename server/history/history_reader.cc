#include "tidings/server/history/history_reader.h"

#include <utility>

#include "tidings/server/disk/sqlite.h"
#include "tidings/server/history/history_file.h"

namespace tidings {

class HistoryReader::Connection {
 public:
  Connection(const std::string& path, const std::string& vfs)
      : database_(path, vfs, Database::Mode::kReadWrite),  // a reader of a write-ahead log marks what it reads
        epoch_(database_, "SELECT epoch FROM meta"),
        channel_(database_, "SELECT id, next FROM channels WHERE name = ?"),
        events_(database_, "SELECT id, time, block FROM events WHERE id >= ? AND id < ? ORDER BY id") {
    database_.execute("PRAGMA query_only = 1; PRAGMA cache_size = -2000");
  }

  // One transaction, so that the epoch is that of the events.
  std::shared_ptr<const History::Run> read(std::string_view name, std::uint64_t from, std::size_t max_bytes) {
    auto run = std::make_shared<History::Run>();
    database_.execute("BEGIN");
    epoch_.start();
    epoch_.step();
    const auto epoch = static_cast<std::uint64_t>(epoch_.integer(0));
    epoch_.reset();
    channel_.start(name);
    if (channel_.step()) {
      const std::int64_t id = channel_.integer(0);
      const auto next = static_cast<std::uint64_t>(channel_.integer(1));
      channel_.reset();
      if (from < next) read(id, epoch, from, next, max_bytes, *run);
    }
    database_.execute("COMMIT");
    return run;
  }

 private:
  void read(std::int64_t id, std::uint64_t epoch, std::uint64_t from, std::uint64_t next, std::size_t max_bytes,
            History::Run& run) {
    std::vector<std::size_t> sizes;
    events_.start(HistoryFile::row_of(id, from), HistoryFile::row_of(id, next));
    while (events_.step()) {
      const std::uint64_t sequence = from + run.records.size();
      if (events_.integer(0) != HistoryFile::row_of(id, sequence)) break;  // it was dropped, or is missing
      const std::string_view block = events_.bytes(2);
      if (!run.records.empty() && run.bytes.size() + block.size() > max_bytes) break;
      run.bytes += block;
      sizes.push_back(block.size());
      run.records.push_back(
          {.at = {epoch, sequence},
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

  Database database_;
  Statement epoch_, channel_, events_;
};

HistoryReader::HistoryReader(std::string path, std::string vfs, std::size_t max_waiting)
    : path_(std::move(path)), vfs_(std::move(vfs)), max_waiting_(max_waiting) {}

HistoryReader::~HistoryReader() { close(); }

void HistoryReader::read(std::string name, std::uint64_t from, std::size_t max_bytes, History::OnRun on_run) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_closed_ && count_ < max_waiting_) {
      Key key(std::move(name), from, max_bytes);
      std::vector<History::OnRun>& who = waiting_[key];
      if (who.empty()) order_.push_back(std::move(key));
      who.push_back(std::move(on_run));
      ++count_;
      ready_.notify_one();
      return;
    }
  }
  on_run(nullptr);
}

bool HistoryReader::step() {
  Key key;
  {
    const std::lock_guard lock(mutex_);
    if (order_.empty()) return false;
    key = order_.front();
  }
  const std::shared_ptr<const History::Run> run = read_now(key);
  std::vector<History::OnRun> who;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = waiting_.find(key); found != waiting_.end()) {  // else it was closed meanwhile
      who = std::move(found->second);
      waiting_.erase(found);
      order_.pop_front();
      count_ -= who.size();
    }
  }
  for (const History::OnRun& on_run : who) on_run(run);
  return true;
}

bool HistoryReader::wait() {
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [this] { return is_closed_ || !order_.empty(); });
  return !is_closed_;
}

void HistoryReader::close() {
  std::map<Key, std::vector<History::OnRun>> left;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    left.swap(waiting_);
    order_.clear();
    count_ = 0;
    ready_.notify_all();
  }
  for (const auto& [key, who] : left) {
    for (const History::OnRun& on_run : who) on_run(nullptr);
  }
}

void HistoryReader::disconnect() { connection_.reset(); }

std::shared_ptr<const History::Run> HistoryReader::read_now(const Key& key) {
  const std::lock_guard lock(connection_mutex_);
  const auto& [name, from, max_bytes] = key;
  try {
    if (!connection_) connection_ = std::make_unique<Connection>(path_, vfs_);
    return connection_->read(name, from, max_bytes);
  } catch (const SqliteError&) {
    connection_.reset();
    return nullptr;
  }
}

}  // namespace tidings
