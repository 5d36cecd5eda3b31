// The database that history lies in: what its tables mean, and what one transaction of the writer may do with them.
//
//   channels  id, name, first, next, bytes, oldest        a row for each channel that has events, or had some lately
//   events    id = channel's id · 2^43 + sequence         one behind the other for each channel: a run is one search
//   keys      channel, key -> sequence                    they go with their events
//   meta      one row: the epoch, how the last run ended, and the floor
//
// A channel that was cleared has a new row, and another id with it. The old row is buried: its name is one that no
// channel can have, and its events go some at a time, as those that are too old do, and at last the row.
//
// The floor is above every number that a channel without a row has given out: there a channel begins that gets a row.
// The first and next of a channel are kept in its row, so nothing is counted when the file is opened, however many
// events there are. Errors are SqliteError. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/disk/sqlite.h"
#include "tidings/server/history/history_limits.h"

namespace tidings {

// What an acknowledgement means.
enum class Durability {
  kProcess,  // the event is there after the process was killed; after a power loss the newest may be gone
  kPower,    // it is there after a power loss, too: it was synced before
};

class HistoryFile {
 public:
  struct Place {
    std::string path;
    std::string vfs;  // empty is the system's
    // Tells a copy from the file itself; 0 where it is not known.
    std::function<std::uint64_t()> file_number = [] { return std::uint64_t{0}; };
    bool must_exist = false;
  };

  // Who opens it, and when.
  struct Run {
    Durability durability = Durability::kProcess;
    std::string boot_id;  // another one after each start of the machine; empty is not known
    std::int64_t now = 0;
  };

  // A row of channels. Every sequence from first up to next is there.
  struct Channel {
    std::int64_t id = 0;
    std::string name;
    std::uint64_t first = 1, next = 1, bytes = 0;
    std::int64_t oldest = 0;  // time of the first event; where there is none, of the last that there was

    std::uint64_t count() const { return next - first; }
  };

  // The name of a row that is buried.
  static std::string buried_name(std::int64_t id) { return '/' + std::to_string(id); }
  static bool is_buried(const Channel& channel) { return channel.name.starts_with('/'); }

  static constexpr std::string_view kApplicationId = "tidi";  // in the file's header

  static constexpr int kSequenceBits = 43;  // 2.8 years of 100,000 events a second
  static constexpr std::int64_t kMostChannels = (std::int64_t{1} << (63 - kSequenceBits)) - 1;
  static constexpr std::int64_t row_of(std::int64_t channel, std::uint64_t sequence) {
    return (channel << kSequenceBits) + static_cast<std::int64_t>(sequence);
  }

  // Opens the file or makes a new one. Raises the epoch where something that was acknowledged may be gone: after a loss
  // of power under kProcess, and when the file is a copy, which may be older than what was given out since. Throws
  // std::runtime_error with a sentence for a file that is none of ours or is of a newer version; changes no such file.
  HistoryFile(const Place& place, const Run& run);

  // Throws std::runtime_error with a sentence unless the database is of this program and of a version that it knows.
  static void require_ours(Database& database);
  static std::vector<Channel> channels(Database& database);

  std::uint64_t epoch() const { return epoch_; }
  std::uint64_t floor();
  std::vector<Channel> channels() { return channels(database_); }

  void begin();
  void commit();
  void roll_back() noexcept;

  // All that follow are part of a transaction. Times are milliseconds of the wall clock.
  void raise_epoch(std::int64_t now);
  // Adds the channel's next event, and notes it in `channel`, whose row is written by put().
  void add(Channel& channel, std::string_view block, const std::optional<std::string>& key, std::int64_t time);
  struct Known {
    std::uint64_t sequence;
    bool is_same;  // its block
  };
  // The event of this key, if there is one, compared with a block.
  std::optional<Known> find(const Channel& channel, std::string_view key, std::string_view block);
  void put(const Channel& channel);
  // Gives the channel's row the name of one that is buried.
  void bury(Channel& channel);
  // Drops its oldest events, at most `most`.
  void drop_oldest(Channel& channel, std::uint64_t most);
  // Drops the row of one that is buried and has no events any more.
  void drop_buried(const Channel& channel);
  // Drops the row of a channel that has no events, and raises the floor.
  void forget(const Channel& channel);
  // Drops the oldest events that the limits don't allow, at most `most`. The newest stays unless it is too old.
  void trim(Channel& channel, const HistoryLimits& limits, std::int64_t now, std::uint64_t most);
  // Drops the events from `next` on, which were never acknowledged.
  void drop_from(Channel& channel, std::uint64_t next);

  // Takes the log into the file; whether nobody's reading has kept it from that.
  bool checkpoint() { return database_.checkpoint(); }
  bool truncate_log() { return database_.truncate_log(); }
  int log_pages() const { return database_.log_pages(); }
  // Gives up to so many unused pages back to the disk.
  void give_back(int pages);

  // Everything is synced, whatever the durability, and in the file, unless somebody reads; and the next run may know
  // that. Nothing may be added afterwards.
  void close_clean();

 private:
  void make();
  void take_over();
  void drop_rows(const Channel& channel, std::uint64_t from, std::uint64_t to, std::span<const std::string> keys);
  void migrate();
  void enter(const Place& place, const Run& run);

  Database database_;
  std::uint64_t epoch_ = 0;
  std::optional<Statement> add_event_, add_key_, find_key_, compare_, drop_key_, put_channel_, oldest_events_,
      drop_events_;
};

// Whether trimming is worth a step: more than a 64th above a limit, or that much too old.
bool is_over(const HistoryFile::Channel& channel, const HistoryLimits& limits, std::int64_t now);
// When it will be for its age alone.
std::int64_t over_age_at(const HistoryFile::Channel& channel, const HistoryLimits& limits);

// Why the file can't be `done` (opened, read, written), as a sentence; without a path where strangers read it.
std::string why_not(const std::string& path, std::string_view done, const std::runtime_error& error);

}  // namespace tidings
