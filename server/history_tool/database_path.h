// Where the tool finds the database, before SQLite touches anything. At the start, while this process has no database
// open: closing a file that SQLite has open takes SQLite's locks on it away.
#pragma once

#include <filesystem>

namespace tidings {

// A path of the command line: `bazel run` starts programs elsewhere and says where its user is.
std::filesystem::path user_path(const std::filesystem::path& path);

// The database of a server's folder, or a backup of it, if that is what the path names. Throws std::runtime_error with
// a sentence when there is none or the file is none of ours: SQLite would leave files beside it. In a young file only
// its log says whose it is; then HistoryView does.
std::filesystem::path database_path(const std::filesystem::path& data_dir);

}  // namespace tidings
