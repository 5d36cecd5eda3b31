// Whether a history's file is sound: SQLite's own check of its pages, and what the tables of history_file.h promise one
// another. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tidings/server/history/history_view.h"

namespace tidings {

struct Checking {
  std::function<void(const std::string&)> tell_fault;
  // After each channel.
  std::function<void(std::uint64_t channels, std::uint64_t of, std::uint64_t events)> tell_progress;
};

// SQLite's check is one transaction, and so is each channel's: a server may publish meanwhile. Whether nothing was
// found.
bool check(HistoryView& view, const Checking& checking);

}  // namespace tidings
