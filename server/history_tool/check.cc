#include "tidings/server/history_tool/check.h"

#include <set>
#include <vector>

#include "tidings/protocol/channel_rules.h"
#include "tidings/server/disk/sqlite.h"
#include "tidings/server/history/history_file.h"

namespace tidings {
namespace {

using Channel = HistoryFile::Channel;

class Check {
 public:
  Check(HistoryView& view, const Checking& checking)
      : view_(view),
        database_(view.database()),
        checking_(checking),
        channel_(database_, "SELECT first, next, bytes, oldest FROM channels WHERE id = ?"),
        events_(database_,
                "SELECT count(*), min(id), max(id), sum(length(block)), count(key) FROM events "
                "WHERE id >= ? AND id < ?"),
        time_(database_, "SELECT time FROM events WHERE id = ?"),
        keys_(database_,
              "SELECT count(*), coalesce(sum(event.key IS NOT keys.key), 0) FROM keys "
              "LEFT JOIN events AS event ON event.id = ?1 + keys.sequence WHERE keys.channel = ?2") {}

  bool run() {
    try {
      check_pages();
      check_channels();
      check_owners();
    } catch (const SqliteError& error) {
      if (!error.is_damage()) throw;
      tell(std::string("The rest can't be read: ") + error.what());
    }
    return is_sound_;
  }

 private:
  void tell(const std::string& fault) {
    is_sound_ = false;
    checking_.tell_fault(fault);
  }

  void check_pages() {
    Statement pages(database_, "PRAGMA integrity_check");
    while (pages.step()) {
      if (pages.bytes(0) != "ok") tell("SQLite finds: " + std::string(pages.bytes(0)));
    }
  }

  void check_channels() {
    const std::vector<Channel> channels = view_.overview().channels;
    std::uint64_t done = 0, events = 0;
    for (const Channel& channel : channels) {
      database_.execute("BEGIN");
      events += check_channel(channel);
      database_.execute("COMMIT");
      checking_.tell_progress(++done, channels.size(), events);
    }
  }

  // The row as it is now: a server may have published since the list was read. Returns the events looked at.
  std::uint64_t check_channel(Channel channel) {
    channel_.start(channel.id);
    if (!channel_.step()) return 0;
    channel.first = static_cast<std::uint64_t>(channel_.integer(0));
    channel.next = static_cast<std::uint64_t>(channel_.integer(1));
    channel.bytes = static_cast<std::uint64_t>(channel_.integer(2));
    channel.oldest = channel_.integer(3);
    channel_.reset();
    const std::string who = "The channel " + name_of(channel) + " ";
    if (!is_channel_name(channel.name)) tell(who + "has a name that no channel can have");
    if (channel.first < 1 || channel.first > channel.next) {
      tell(who + "begins at " + std::to_string(channel.first) + " and ends before " + std::to_string(channel.next));
      return 0;
    }
    return check_events(channel, who);
  }

  std::uint64_t check_events(const Channel& channel, const std::string& who) {
    events_.start(HistoryFile::row_of(channel.id, 0), HistoryFile::row_of(channel.id + 1, 0));
    events_.step();
    const auto count = static_cast<std::uint64_t>(events_.integer(0));
    const std::int64_t with_key = events_.integer(4);
    if (count != channel.count() ||
        (count > 0 && (events_.integer(1) != HistoryFile::row_of(channel.id, channel.first) ||
                       events_.integer(2) != HistoryFile::row_of(channel.id, channel.next - 1)))) {
      tell(who + "should have the events " + std::to_string(channel.first) + " to " + std::to_string(channel.next - 1) +
           ", and " + std::to_string(count) + " are there, not exactly these");
    }
    if (const auto bytes = static_cast<std::uint64_t>(events_.integer(3)); bytes != channel.bytes) {
      tell(who + "should have " + std::to_string(channel.bytes) + " bytes, and its events have " +
           std::to_string(bytes));
    }
    events_.reset();
    time_.start(HistoryFile::row_of(channel.id, channel.first));
    if (time_.step() && time_.integer(0) != channel.oldest) tell(who + "has another time than its oldest event");
    time_.reset();
    keys_.start(HistoryFile::row_of(channel.id, 0), channel.id);
    keys_.step();
    if (keys_.integer(0) != with_key || keys_.integer(1) != 0) {
      tell(who + "has " + std::to_string(keys_.integer(0)) + " keys, " + std::to_string(keys_.integer(1)) +
           " of them not their events', and " + std::to_string(with_key) + " events with a key");
    }
    keys_.reset();
    return count;
  }

  // One search for each channel that has events or keys.
  void check_owners() {
    database_.execute("BEGIN");
    std::set<std::int64_t> ids;
    for (const Channel& channel : HistoryFile::channels(database_)) ids.insert(channel.id);
    Statement event(database_, "SELECT id FROM events WHERE id >= ? ORDER BY id LIMIT 1");
    for (std::int64_t at = HistoryFile::row_of(0, 0);;) {
      event.start(at);
      if (!event.step()) break;
      const std::int64_t owner = event.integer(0) >> HistoryFile::kSequenceBits;
      if (!ids.contains(owner)) tell("There are events of a channel " + std::to_string(owner) + ", which is not there");
      if (owner >= HistoryFile::kMostChannels) break;
      at = HistoryFile::row_of(owner + 1, 0);
    }
    event.reset();
    Statement keys(database_, "SELECT DISTINCT channel FROM keys WHERE channel NOT IN (SELECT id FROM channels)");
    while (keys.step()) {
      tell("There are keys of a channel " + std::to_string(keys.integer(0)) + ", which is not there");
    }
    database_.execute("COMMIT");
  }

  // What a damaged file has for a name is not for a terminal.
  static std::string name_of(const Channel& channel) {
    return is_channel_name(channel.name) ? channel.name : "of row " + std::to_string(channel.id);
  }

  HistoryView& view_;
  Database& database_;
  const Checking& checking_;
  Statement channel_, events_, time_, keys_;
  bool is_sound_ = true;
};

}  // namespace

bool check(HistoryView& view, const Checking& checking) { return Check(view, checking).run(); }

}  // namespace tidings
