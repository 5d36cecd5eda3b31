#include "tidings/server/history_tool/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>

#include "tidings/server/disk/sqlite.h"

namespace tidings {
namespace {

namespace fs = std::filesystem;

// What a server on the same disk may need meanwhile.
constexpr std::uintmax_t kRoomLeft = std::uintmax_t{64} << 20;

std::runtime_error refusal(const fs::path& file, const std::string& why) {
  return std::runtime_error("The backup " + file.string() + " can't be written: " + why);
}

// Beside the file, so that it can be renamed to it; for nobody else to see; gone at the end.
class Workplace {
 public:
  explicit Workplace(const fs::path& file) {
    std::string path = file.string() + ".XXXXXX";
    if (!mkdtemp(path.data())) throw refusal(file, std::generic_category().message(errno));
    path_ = path;
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  std::string copy() const { return path_ / "history.db"; }

 private:
  fs::path path_;
};

fs::path folder_of(const fs::path& file) { return fs::absolute(file).parent_path(); }

void require_place(const fs::path& path, const fs::path& file) {
  const fs::path folder = folder_of(file);
  if (fs::exists(fs::symlink_status(file))) throw refusal(file, "there is a file of that name, which stays as it is");
  if (!fs::is_directory(folder)) throw refusal(file, "there is no folder " + folder.string());
  if (fs::equivalent(folder, folder_of(path))) throw refusal(file, "give it another folder than the history's own");
  if (fs::space(folder).available < fs::file_size(path) + kRoomLeft) throw refusal(file, "the disk has no room for it");
}

void sync_folder(const fs::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool is_synced = descriptor >= 0 && fsync(descriptor) == 0;
  if (descriptor >= 0) close(descriptor);
  if (!is_synced) throw std::runtime_error("its folder can't be synced");
}

}  // namespace

std::uintmax_t back_up(HistoryView& view, const fs::path& path, const fs::path& file) {
  try {
    require_place(path, file);
    const Workplace workplace(file);
    Statement(view.database(), "VACUUM INTO ?").run(std::string_view(workplace.copy()));
    fs::permissions(workplace.copy(), fs::status(path).permissions());
    // The number of no file. What SQLite has copied is not synced: this is, and with it all of the file.
    Database(workplace.copy(), {}, Database::Mode::kReadWrite)
        .execute("PRAGMA synchronous = FULL; UPDATE meta SET file_number = -1");
    fs::rename(workplace.copy(), file);
    sync_folder(folder_of(file));
    return fs::file_size(file);
  } catch (const SqliteError& error) {
    throw refusal(file, error.is_full() ? "the disk is full" : error.what());
  } catch (const fs::filesystem_error& error) {
    throw refusal(file, error.code().message());
  }
}

}  // namespace tidings
