// Gives the unused pages of a history's file back to the disk, in steps of milliseconds with pauses between them: a
// server that publishes meanwhile waits for a step at most. Not SQLite's VACUUM, which would lock the file for as long
// as it takes to write it anew, and would find little more: events are added at one end and dropped at the other, so
// pages are full or unused. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace tidings {

struct Vacuumed {
  std::int64_t given_back = 0, left = 0;  // bytes
};

// Of a file that HistoryView takes. `pause` is called between steps. Ends when nothing is left that was unused at the
// beginning. Throws SqliteError; then what was done so far is done.
Vacuumed vacuum(const std::string& path, const std::function<void(std::int64_t unused_bytes)>& pause);

}  // namespace tidings
