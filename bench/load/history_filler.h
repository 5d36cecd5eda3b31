// Keeps events in a history engine by itself, without HTTP and followers, as fast as it takes them. One thread at a
// time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "tidings/server/history/history.h"

namespace tidings::bench {

class HistoryFiller {
 public:
  // Events of `bytes` of data. The history outlives it.
  HistoryFiller(History& history, std::vector<std::string> channels, std::size_t bytes);

  // Keeps so many events of the channels in turn, `outstanding` of them handed in and not answered yet at any time.
  // Throws std::runtime_error where one is not kept.
  void keep(std::uint64_t events, std::uint64_t outstanding);

 private:
  void hand_in(std::uint64_t number);
  void take(const History::Receipt& receipt);

  History& history_;
  const std::vector<std::string> channels_;
  const std::string block_;
  std::mutex mutex_;
  std::condition_variable all_answered_;
  std::uint64_t events_ = 0, handed_in_ = 0, answered_ = 0;
  std::string trouble_;
};

}  // namespace tidings::bench
