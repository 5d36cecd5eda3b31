// What was handed in for Redis and waits for the engine's thread: bounded, each kind by itself, and taken in the order
// in which it came. Any thread.
//
// Its descriptor can be read from when something comes while the thread waits, so that it waits for that and for its
// connections alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <variant>
#include <vector>

#include "tidings/server/history/history.h"
#include "tidings/server/history/history_queue.h"

namespace tidings {

class RedisInbox {
 public:
  using Opening = HistoryQueue::Opening;
  using Append = HistoryQueue::Append;
  using Clearing = HistoryQueue::Clearing;
  struct Reading {
    std::string name;
    std::uint64_t from;
    std::size_t max_bytes;
    History::OnRun on_run;
  };
  struct Listing {
    std::string after;
    std::size_t most;
    History::OnListed on_listed;
  };
  using Item = std::variant<Opening, Append, Reading, Clearing, Listing>;

  struct Limits {
    std::size_t append_bytes, openings, readings;
  };

  explicit RedisInbox(const Limits& limits);
  RedisInbox(const RedisInbox&) = delete;
  RedisInbox& operator=(const RedisInbox&) = delete;
  ~RedisInbox();

  // Why something was not taken: then it stays the caller's. kAway is for what needs Redis now, while it can't be
  // reached.
  enum class Pushed { kTaken, kTooMuch, kAway, kClosed };
  // One append is taken whatever its size when nothing else waits.
  Pushed push(Append& append);
  Pushed push(Opening& opening);
  Pushed push(Reading& reading);
  Pushed push(Clearing& clearing);
  Pushed push(Listing& listing);

  // Whether the caller may hand an append to the thread's own by itself, since nothing is here that came before it.
  // Then it counts as taken.
  bool pass(const Append& append);

  // What is taken counts as waiting until done() is told, which is before anybody is answered.
  std::vector<Item> take();
  struct Done {
    std::size_t append_bytes = 0, openings = 0, readings = 0, clearings = 0, listings = 0;
  };
  void done(const Done& done);

  int descriptor() const { return event_; }
  // By the thread, before it waits for the descriptor: that can be read from once something comes. False where
  // something is here already.
  bool wait();
  // It can be read from, as if something had come; and not any more.
  void wake();
  void hush();

  // Why nothing can be kept; nothing while all is well.
  void set_trouble(std::optional<std::string> trouble, bool is_away);
  std::optional<std::string> trouble() const;

  // A name whose key in Redis is somebody else's can't be opened, until such names have been forgotten twice.
  void add_foreign(const std::string& name);
  void forget_foreign();

  void close();
  bool is_closed() const;

 private:
  static constexpr std::size_t kMostClearings = 1024, kMostListings = 64, kMostForeign = 1024;

  template <class Kind>
  Pushed push(Kind& item, std::size_t& count, std::size_t most);
  Pushed count(const Append& append);
  void put(Item&& item, std::unique_lock<std::mutex>& lock);
  bool is_foreign(const std::string& name) const;

  const Limits limits_;
  const int event_;
  mutable std::mutex mutex_;
  std::vector<Item> items_;
  std::size_t append_bytes_ = 0, openings_ = 0, readings_ = 0, clearings_ = 0, listings_ = 0;
  std::optional<std::string> trouble_;
  bool is_waited_for_ = false, is_away_ = false, is_closed_ = false;
  std::unordered_set<std::string> foreign_, older_foreign_;
};

}  // namespace tidings
