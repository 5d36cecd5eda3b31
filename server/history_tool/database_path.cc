#include "tidings/server/history_tool/database_path.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tidings/server/history/history_file.h"

namespace tidings {
namespace {

namespace fs = std::filesystem;

// Source: "Database File Format" of SQLite, section "The Database Header".
constexpr std::string_view kMagic = {"SQLite format 3\0", 16};
constexpr std::size_t kApplicationIdAt = 68;

void require_ours(const fs::path& path) {
  std::array<char, 100> header = {};
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("it can't be opened for reading");
  file.read(header.data(), header.size());
  const std::string_view bytes(header.data(), static_cast<std::size_t>(file.gcount()));
  std::error_code none;
  const std::uintmax_t log_bytes = fs::file_size(path.string() + "-wal", none);
  if (!none && log_bytes > 0 && (bytes.empty() || bytes.starts_with(kMagic))) return;
  if (bytes.size() < header.size() || !bytes.starts_with(kMagic)) throw std::runtime_error("it is no database");
  const std::string_view id = bytes.substr(kApplicationIdAt, HistoryFile::kApplicationId.size());
  if (id != HistoryFile::kApplicationId) throw std::runtime_error("it is a database, but none of this program's");
}

}  // namespace

fs::path user_path(const fs::path& path) {
  const char* const user_directory = std::getenv("BUILD_WORKING_DIRECTORY");
  return fs::path(user_directory ? user_directory : "") / path;
}

fs::path database_path(const fs::path& data_dir) {
  const fs::file_status found = fs::status(data_dir);
  if (!fs::exists(found)) throw std::runtime_error("There is no folder " + data_dir.string());
  const fs::path path = fs::is_directory(found) ? data_dir / "history.db" : data_dir;
  if (!fs::exists(path)) throw std::runtime_error("No history is kept in the folder " + data_dir.string());
  try {
    require_ours(path);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(why_not(path.string(), "opened", error));
  }
  return path;
}

}  // namespace tidings
