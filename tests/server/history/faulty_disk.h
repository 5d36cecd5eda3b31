// A disk in memory below SQLite, on which things go wrong as on a real one: it fails, it is full, it loses or tears
// what was not synced when the power goes. After a sync that failed, what it should have written is lost for good
// unless it is written again, although later syncs succeed: that is what Linux does.
//
//   write ──► content, as whoever reads sees it ──sync──► durable, as it is after a loss of power
//
// Any thread, but for what the test itself calls.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace tidings {

class FaultyDisk {
 public:
  // Registered with SQLite under this name while it lives. The same seed makes the same faults.
  FaultyDisk(std::string name, std::uint64_t seed);
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  ~FaultyDisk();

  const std::string& name() const { return name_; }

  // Of 1000 calls of each kind, so many fail.
  struct Faults {
    int reads = 0, writes = 0, syncs = 0;
  };
  void set_faults(const Faults& faults) { faults_ = faults; }
  // Of all files together; nothing is no limit.
  void set_capacity(std::optional<std::int64_t> bytes) { capacity_ = bytes; }
  std::int64_t used() const;
  std::int64_t size_of(const std::string& path) const;

  // After so many more writes, syncs and the like nothing works any more.
  void die_after(int calls) { calls_left_ = calls; }
  void die() { calls_left_ = 0; }
  bool is_dead() const { return calls_left_ == 0; }
  // It works again: with all that was written, as after the death of a process,
  void revive_after_kill();
  // or with what was synced and some of the rest, as after a loss of power.
  void revive_after_power_loss();

 private:
  friend struct FaultyDiskCalls;

  // A write, or without bytes a new size.
  struct Change {
    std::int64_t at = 0;
    std::optional<std::string> bytes;
  };
  struct File {
    std::string content, durable;
    std::vector<Change> unsynced;
    bool is_entry_durable = false;  // the file itself is there after a loss of power
    int handles = 0;
    // Locks, each handle's own.
    std::map<const void*, int> levels;
    std::vector<std::unique_ptr<char[]>> shared_memory;
    std::map<const void*, unsigned> shared_locks, exclusive_locks;
  };

  static void apply(const Change& change, std::string& bytes);
  void apply_some(const Change& change, std::string& bytes);
  bool happens(int per_thousand);
  bool counts_to_death();
  std::int64_t used_now() const;

  const std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  std::map<std::string, std::shared_ptr<File>> files_;
  std::map<std::string, std::string> removed_;  // durable bytes of files whose removal was not synced
  Faults faults_;
  std::optional<std::int64_t> capacity_;
  int calls_left_ = -1;
};

}  // namespace tidings
