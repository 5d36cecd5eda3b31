// The database of history_file.h for whoever reads it beside its writer, in this process or in another one, and changes
// nothing. Each call is one short transaction: a reader that stays keeps the write-ahead log growing. Errors are
// SqliteError. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/disk/sqlite.h"
#include "tidings/server/history/history.h"
#include "tidings/server/history/history_file.h"

namespace tidings {

class HistoryView {
 public:
  // Throws std::runtime_error with a sentence for a file that is none of ours or is of a newer version.
  HistoryView(const std::string& path, const std::string& vfs);

  // What is kept of the channel. One without a row in channels is new, or was forgotten: it begins at the floor.
  Extent extent(std::string_view name);
  bool has_row(std::string_view name) { return find(name).has_value(); }
  // As History::read() answers.
  std::shared_ptr<const History::Run> read(std::string_view name, std::uint64_t from, std::size_t max_bytes);

  // As History::list() answers.
  std::vector<History::Listed> list(std::string_view after, std::size_t most);

  struct Overview {
    std::uint64_t epoch = 0;
    bool is_clean = false;                       // it was closed, and nobody has opened it since
    bool is_power_safe = false;                  // what its last server acknowledged is there after a power loss
    std::vector<HistoryFile::Channel> channels;  // but for what is buried
    std::vector<std::int64_t> newest;            // of each channel, the time of the last event, if there is one
  };
  Overview overview();

  Database& database() { return database_; }

 private:
  std::optional<HistoryFile::Channel> find(std::string_view name);
  std::uint64_t epoch();
  std::uint64_t floor();
  void read(std::int64_t id, std::uint64_t from, std::uint64_t next, std::size_t max_bytes, History::Run& run);

  Database database_;
  Statement epoch_, floor_, channel_, events_, time_, names_;
};

}  // namespace tidings
