// A copy of a history as it is at one moment, taken beside a server that runs. One thread.
#pragma once

#include <cstdint>
#include <filesystem>

#include "tidings/server/history/history_view.h"

namespace tidings {

// Writes the copy of the database at `path`, which the view reads, to a file that must not be there yet and lies in
// another folder; returns its bytes. It is there once it is whole and synced, never in part. A server that starts with
// it takes it for a copy and begins another epoch. Throws std::runtime_error with a sentence.
//
// The copy is one transaction, in which the server's log grows by what is published meanwhile. It shrinks with the next
// checkpoint. The other way, page by page, begins anew whenever somebody publishes.
std::uintmax_t back_up(HistoryView& view, const std::filesystem::path& path, const std::filesystem::path& file);

}  // namespace tidings
