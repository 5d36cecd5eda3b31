// The channels of a history as a table for people. Pure function: any thread.
#pragma once

#include <string>

#include "tidings/server/history/history_view.h"

namespace tidings {

// A line for each channel by its name, one for all of them, and one of what holds for the file.
std::string table_of(const HistoryView::Overview& overview);

}  // namespace tidings
