// History in an SQLite database in a folder: what was acknowledged is there after any restart.
//
// One writer thread keeps everything: it commits what was handed in since its last commit, whatever the channel, and
// calls the sinks, the receipts and what was opened or cleared. One reader thread reads runs and lists, and calls for
// them. Within open(), append() and read() themselves come the answers that nothing was taken in: kBusy and the like,
// and what follows close().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "tidings/server/disk/data_folder.h"
#include "tidings/server/history/history.h"
#include "tidings/server/history/history_file.h"
#include "tidings/server/history/history_queue.h"
#include "tidings/server/history/history_reader.h"
#include "tidings/server/history/history_writer.h"
#include "tidings/server/loop/clock.h"

namespace tidings {

class SqliteHistory final : public History {
 public:
  struct Options {
    std::string data_dir = {};
    Durability durability = Durability::kProcess;
    HistoryLimits limits = {};
    std::size_t max_waiting_bytes = std::size_t{16} << 20;  // of what is to be kept; more is kBusy
    std::size_t max_waiting_reads = 16'384;
    std::size_t max_waiting_openings = 65'536;
    std::int64_t reserve_bytes = std::int64_t{16}
                                 << 20;  // of the disk, to make room with when it is full: twice the log
    int max_log_pages = 2048;            // of 4 KiB: then the log is taken into the file
    // Names that have no events any more and whose next number is known all the same. Of more of them, those that were
    // quiet the longest are forgotten: who comes back to one is told a gap, although nothing may be missing.
    std::size_t max_quiet_channels = 100'000;
  };

  // What it runs on: a test puts its own in the places of these.
  struct Surroundings {
    std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>();
    std::string boot_id = system_boot_id();
    std::string vfs;          // of SQLite; empty is the system's
    bool has_threads = true;  // else the owner calls the steps
  };

  // Opens the history of the folder or begins one. Throws std::runtime_error with a sentence when that can't be done;
  // then nothing that was there has changed.
  explicit SqliteHistory(const Options& options) : SqliteHistory(options, Surroundings()) {}
  SqliteHistory(const Options& options, Surroundings surroundings);
  // As close().
  ~SqliteHistory() override;

  void open(std::string name, std::weak_ptr<Sink> sink, OnOpened on_opened) override;
  void append(std::string name, std::string block, std::optional<std::string> key, OnReceipt on_receipt) override;
  void read(std::string name, std::uint64_t from, std::size_t max_bytes, OnRun on_run) override;
  void clear(std::string name, OnCleared on_cleared) override;
  void list(std::string after, std::size_t most, OnListed on_listed) override;
  std::optional<std::string> trouble() const override;

  // Keeps what was handed in, and takes nothing more. Blocks until the last callback has returned; not from a callback.
  void close();

  // Without threads, one turn of the writer or the reader; whether there is more to do at once.
  bool step_writer() { return writer_.step(); }
  bool step_reader() { return reader_.step(); }

 private:
  void write_on();
  void read_on();

  DataFolder folder_;
  HistoryQueue queue_;
  HistoryReader reader_;
  HistoryWriter writer_;
  bool is_closed_ = false;
  std::thread writer_thread_, reader_thread_;
};

}  // namespace tidings
