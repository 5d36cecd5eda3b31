// Reads runs of kept events, and lists of channels, from the database, on a thread of its own beside the writer's.
//
// Who asks for the same run while it waits gets the same one, so that a crowd that resumes at the same place costs one
// search. A run is read in one short transaction: a reader that stays would keep the write-ahead log growing. Any
// thread, but for step(), which is the reader's thread's.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tidings/server/history/history.h"
#include "tidings/server/history/history_view.h"

namespace tidings {

class HistoryReader {
 public:
  // At most `max_waiting` callbacks wait; to more of them no run is given.
  HistoryReader(std::string path, std::string vfs, std::size_t max_waiting);
  HistoryReader(const HistoryReader&) = delete;
  HistoryReader& operator=(const HistoryReader&) = delete;
  ~HistoryReader();

  void read(std::string name, std::uint64_t from, std::size_t max_bytes, History::OnRun on_run);

  // As History::list(). Nothing is given where kMostListings wait.
  void list(std::string after, std::size_t most, History::OnListed on_listed);

  // Makes the list that was asked for first, else reads such a run, and hands it out; whether there was one.
  bool step();
  // Waits until there is something to read; false when it is closed instead.
  bool wait();
  // Whoever waits gets nothing, nor does anybody from now on.
  void close();

  // While the lock is held nothing is read.
  std::unique_lock<std::mutex> pause() { return std::unique_lock(view_mutex_); }
  // While paused: lets go of the file, which is opened anew for the next run.
  void disconnect();

 private:
  static constexpr std::size_t kMostListings = 64;

  using Key = std::tuple<std::string, std::uint64_t, std::size_t>;
  struct Listing {
    std::string after;
    std::size_t most;
    History::OnListed on_listed;
  };

  bool step_listing();
  template <class Work>
  auto with_view(Work work) -> decltype(work(std::declval<HistoryView&>()));
  std::shared_ptr<const History::Run> read_now(const Key& key);

  const std::string path_, vfs_;
  const std::size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Listing> listings_;
  std::deque<Key> order_;
  std::map<Key, std::vector<History::OnRun>> waiting_;
  std::size_t count_ = 0;
  bool is_closed_ = false;
  std::mutex view_mutex_;
  std::unique_ptr<HistoryView> view_;
};

}  // namespace tidings
