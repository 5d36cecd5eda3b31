// Keeps what waits in the queue: one transaction for all that has gathered since the last one, whatever the channel, in
// which old events also go, some at a time.
//
//   step:  queue ──► [ begin · clear … · add … · trim … · commit ] ──► Sink::cleared, kept, dropped ──► receipts
//                                                                                           checkpoint ◄──┘
//
// It is in one of three states:
//   well     transactions are made
//   full     one has failed for want of space. Nothing is kept, so that what space there is serves to make room: what
//            is too old or was cleared goes, and unused pages go back to the disk. Well again when there is room for
//            the reserve and for a log. Channels are cleared all the same, if there is any room for that
//   broken   the disk has failed, and what SQLite has in memory may be more than there is on the disk. Nothing is kept
//            until the file has been opened anew, from what can be read of it
//
// The writer's thread only, but for trouble().
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tidings/server/disk/disk_reserve.h"
#include "tidings/server/history/history.h"
#include "tidings/server/history/history_file.h"
#include "tidings/server/history/history_queue.h"
#include "tidings/server/history/history_reader.h"
#include "tidings/server/loop/clock.h"

namespace tidings {

class HistoryWriter {
 public:
  struct Options {
    Durability durability;
    HistoryLimits limits;
    int max_log_pages;
    std::int64_t reserve_bytes;
    std::size_t max_quiet_channels;
    std::string boot_id;
  };

  // Opens the file, or throws std::runtime_error with a sentence.
  HistoryWriter(const HistoryFile::Place& place, Options options, HistoryQueue& queue, HistoryReader& reader,
                std::shared_ptr<const Clock> clock);

  // One turn; whether there is more to do at once.
  bool step();
  // How long nothing needs to be done unless something is handed in.
  std::chrono::milliseconds idle_time() const;
  // After the last step: so that the next run knows that nothing was lost.
  void close();

  // Any thread.
  std::optional<std::string> trouble() const;

 private:
  using Channel = HistoryFile::Channel;
  enum class State { kWell, kFull, kBroken };
  // A channel as the transaction would leave it, and what it tells the sinks then.
  struct Draft {
    Channel row;
    bool is_new = false;
    std::optional<Channel> buried;  // its row until it was cleared
    std::vector<Record> records;
  };
  struct Writing {
    std::unordered_map<std::string, Draft> drafts;
    std::vector<History::Receipt> receipts;  // for each append
    std::vector<History::Cleared> cleared;   // for each clearing
    std::size_t made = 0;                    // of the drafts' rows
    std::vector<Channel> forgotten;
    std::optional<Channel> buried;  // what is left of the last one of those
  };
  // What is said of a batch; the sentences of what could not be done are valid until the next transaction.
  struct Answers {
    std::vector<History::Receipt> receipts;
    std::vector<History::Cleared> cleared;
    std::string_view why_not_cleared = {};
  };
  // Who follows a name, and where its first event goes if it has no row: they were told so.
  struct Followers {
    std::vector<std::weak_ptr<History::Sink>> sinks;
    std::uint64_t beginning = 1;

    bool are_gone() const;
  };

  void load();
  void settle(const Channel& row);
  static void answer(const HistoryQueue::Batch& batch, const Answers& answers);
  void open(HistoryQueue::Opening& opening);
  Extent extent_of(const std::string& name) const;
  std::uint64_t beginning_of(const std::string& name) const;
  bool is_followed(const std::string& name) const;
  Answers keep(const HistoryQueue::Batch& batch);
  std::optional<Writing> clear_though_full(const HistoryQueue::Batch& batch);
  Writing write(const HistoryQueue::Batch& batch);
  History::Cleared clear(const std::string& name, Writing& writing, std::int64_t now);
  History::Receipt add(const HistoryQueue::Append& append, Draft& draft, std::int64_t now);
  Draft& draft_of(const std::string& name, Writing& writing);
  std::int64_t new_id(Writing& writing) const;
  void add_what_is_over(Writing& writing, std::int64_t now);
  void trim(Writing& writing, std::int64_t now);
  void forget(Writing& writing, std::int64_t now);
  void drop_buried(Writing& writing);
  void tell(const Writing& writing);
  bool is_anything_over() const;
  void take_log();
  void take_whole_log();

  void fall(const SqliteError& error);
  void mend();
  void make_room();
  void open_anew();
  void set_state(State state, const std::string& why);

  std::int64_t wall_now() const;
  template <class Call>
  void tell_sinks(const std::string& name, Call call);

  HistoryFile::Place place_;
  const Options options_;
  HistoryQueue& queue_;
  HistoryReader& reader_;
  const std::shared_ptr<const Clock> clock_;
  std::unique_ptr<HistoryFile> file_;  // none while it can't be opened anew
  DiskReserve reserve_;

  std::uint64_t epoch_ = 0;
  std::unordered_map<std::string, Channel> channels_;
  std::int64_t next_id_ = 1;
  std::vector<std::int64_t> free_ids_;  // below that
  std::vector<Channel> buried_;         // rows of what was cleared and is still there
  std::uint64_t floor_ = 1;
  std::set<std::pair<std::int64_t, Channel*>> by_age_;  // those with events, by when they are over for their age
  std::set<Channel*> over_;                             // for their size
  std::set<std::pair<std::int64_t, Channel*>> quiet_;   // those without events, by when they had the last
  std::unordered_map<std::string, Followers> followers_;
  std::size_t sweep_followers_at_ = 1024;

  State state_ = State::kWell;
  Clock::Time mend_at_;
  std::chrono::seconds mend_pause_{0};
  mutable std::mutex trouble_mutex_;
  std::optional<std::string> trouble_;
};

}  // namespace tidings
