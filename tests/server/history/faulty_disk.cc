#include "tidings/tests/server/history/faulty_disk.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace tidings {
namespace {

constexpr std::size_t kSector = 512;

struct Handle : sqlite3_file {
  FaultyDisk* disk;
  std::shared_ptr<void> file;
  std::string path;
};

}  // namespace

// SQLite's calls, each for the disk or the file that it is made of.
struct FaultyDiskCalls {
  using File = FaultyDisk::File;

  static FaultyDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<FaultyDisk*>(vfs->pAppData); }
  static Handle& handle_of(sqlite3_file* file) { return *static_cast<Handle*>(file); }
  static File& file_of(sqlite3_file* file) { return *static_cast<File*>(handle_of(file).file.get()); }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* granted) {
    FaultyDisk& disk = disk_of(vfs);
    const std::lock_guard lock(disk.mutex_);
    file->pMethods = nullptr;
    if (disk.is_dead()) return SQLITE_CANTOPEN;
    std::shared_ptr<File> opened;
    if (name == nullptr) {
      opened = std::make_shared<File>();
    } else if (const auto found = disk.files_.find(name); found != disk.files_.end()) {
      opened = found->second;
    } else if ((flags & SQLITE_OPEN_CREATE) != 0) {
      opened = disk.files_[name] = std::make_shared<File>();
    } else {
      return SQLITE_CANTOPEN;
    }
    ++opened->handles;
    Handle* const handle = new (file) Handle;
    handle->pMethods = &kMethods;
    handle->disk = &disk;
    handle->file = std::move(opened);
    handle->path = name ? name : "";
    if (granted) *granted = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int is_synced) {
    FaultyDisk& disk = disk_of(vfs);
    const std::lock_guard lock(disk.mutex_);
    if (disk.counts_to_death()) return SQLITE_IOERR_DELETE;
    const auto found = disk.files_.find(name);
    if (found == disk.files_.end()) return SQLITE_IOERR_DELETE_NOENT;
    if (found->second->is_entry_durable) disk.removed_[name] = found->second->durable;
    disk.files_.erase(found);
    if (is_synced) disk.removed_.clear();
    return SQLITE_OK;
  }

  static int access(sqlite3_vfs* vfs, const char* name, int, int* result) {
    FaultyDisk& disk = disk_of(vfs);
    const std::lock_guard lock(disk.mutex_);
    if (disk.is_dead()) return SQLITE_IOERR_ACCESS;
    *result = disk.files_.contains(name);
    return SQLITE_OK;
  }

  static int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }

  static int randomness(sqlite3_vfs* vfs, int size, char* out) {
    FaultyDisk& disk = disk_of(vfs);
    const std::lock_guard lock(disk.mutex_);
    for (int index = 0; index < size; ++index) out[index] = static_cast<char>(disk.random_());
    return size;
  }

  static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
  static int current_time(sqlite3_vfs*, sqlite3_int64* now) {
    *now = 212'000'000'000'000;
    return SQLITE_OK;
  }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }

  static int close(sqlite3_file* file) {
    FaultyDisk& disk = *handle_of(file).disk;
    const std::lock_guard lock(disk.mutex_);
    File& closed = file_of(file);
    closed.levels.erase(file);
    closed.shared_locks.erase(file);
    closed.exclusive_locks.erase(file);
    if (--closed.handles == 0) closed.shared_memory.clear();
    handle_of(file).~Handle();
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
    FaultyDisk& disk = *handle_of(file).disk;
    const std::lock_guard lock(disk.mutex_);
    if (disk.is_dead() || disk.happens(disk.faults_.reads)) return SQLITE_IOERR_READ;
    const std::string& content = file_of(file).content;
    const auto begin = std::min(content.size(), static_cast<std::size_t>(at));
    const std::size_t count = std::min(content.size() - begin, static_cast<std::size_t>(size));
    std::memcpy(out, content.data() + begin, count);
    if (count == static_cast<std::size_t>(size)) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + count, 0, static_cast<std::size_t>(size) - count);
    return SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    FaultyDisk& disk = *handle_of(file).disk;
    const std::lock_guard lock(disk.mutex_);
    const bool was_dead = disk.is_dead();
    const bool dies = disk.counts_to_death();
    if (was_dead) return SQLITE_IOERR_WRITE;
    File& written = file_of(file);
    int result = SQLITE_OK;
    std::size_t count = static_cast<std::size_t>(size);
    const auto some = [&] { return static_cast<std::size_t>(disk.random_()) % (static_cast<std::size_t>(size) + 1); };
    if (dies || disk.happens(disk.faults_.writes)) {
      count = some();
      result = SQLITE_IOERR_WRITE;
    } else if (disk.capacity_) {
      const std::int64_t more =
          std::max<std::int64_t>(0, at + size - static_cast<std::int64_t>(written.content.size()));
      if (more > 0 && disk.used_now() + more > *disk.capacity_) {
        count = 0;
        result = SQLITE_FULL;
      }
    }
    if (count > 0) {
      FaultyDisk::Change change{at, std::string(static_cast<const char*>(bytes), count)};
      FaultyDisk::apply(change, written.content);
      written.unsynced.push_back(std::move(change));
    }
    return result;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    FaultyDisk& disk = *handle_of(file).disk;
    const std::lock_guard lock(disk.mutex_);
    if (disk.counts_to_death() || disk.happens(disk.faults_.writes)) return SQLITE_IOERR_TRUNCATE;
    FaultyDisk::Change change{size, std::nullopt};
    FaultyDisk::apply(change, file_of(file).content);
    file_of(file).unsynced.push_back(std::move(change));
    return SQLITE_OK;
  }

  static int sync(sqlite3_file* file, int) {
    FaultyDisk& disk = *handle_of(file).disk;
    const std::lock_guard lock(disk.mutex_);
    File& synced = file_of(file);
    if (disk.counts_to_death()) return SQLITE_IOERR_FSYNC;  // what it would have written stays unsynced
    if (disk.happens(disk.faults_.syncs)) {
      for (const FaultyDisk::Change& change : synced.unsynced) disk.apply_some(change, synced.durable);
      synced.unsynced.clear();
      return SQLITE_IOERR_FSYNC;
    }
    for (const FaultyDisk::Change& change : synced.unsynced) FaultyDisk::apply(change, synced.durable);
    synced.unsynced.clear();
    if (!std::exchange(synced.is_entry_durable, true)) disk.removed_.clear();  // the folder is synced with it
    return SQLITE_OK;
  }

  static int size(sqlite3_file* file, sqlite3_int64* out) {
    FaultyDisk& disk = *handle_of(file).disk;
    const std::lock_guard lock(disk.mutex_);
    if (disk.is_dead()) return SQLITE_IOERR_FSTAT;
    *out = static_cast<sqlite3_int64>(file_of(file).content.size());
    return SQLITE_OK;
  }

  static int lock(sqlite3_file* file, int level) {
    FaultyDisk& disk = *handle_of(file).disk;
    const std::lock_guard lock(disk.mutex_);
    std::map<const void*, int>& levels = file_of(file).levels;
    for (const auto& [other, held] : levels) {
      if (other == file) continue;
      if (level == SQLITE_LOCK_SHARED && held >= SQLITE_LOCK_PENDING) return SQLITE_BUSY;
      if (level == SQLITE_LOCK_RESERVED && held >= SQLITE_LOCK_RESERVED) return SQLITE_BUSY;
      if (level == SQLITE_LOCK_EXCLUSIVE && held >= SQLITE_LOCK_SHARED) return SQLITE_BUSY;
    }
    levels[file] = std::max(levels[file], level);
    return SQLITE_OK;
  }

  static int unlock(sqlite3_file* file, int level) {
    FaultyDisk& disk = *handle_of(file).disk;
    const std::lock_guard lock(disk.mutex_);
    file_of(file).levels[file] = level;
    return SQLITE_OK;
  }

  static int check_reserved_lock(sqlite3_file* file, int* result) {
    FaultyDisk& disk = *handle_of(file).disk;
    const std::lock_guard lock(disk.mutex_);
    *result = 0;
    for (const auto& [other, held] : file_of(file).levels) *result |= held >= SQLITE_LOCK_RESERVED;
    return SQLITE_OK;
  }

  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return kSector; }
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int map_memory(sqlite3_file* file, int region, int size, int may_extend, void volatile** out) {
    FaultyDisk& disk = *handle_of(file).disk;
    const std::lock_guard lock(disk.mutex_);
    std::vector<std::unique_ptr<char[]>>& regions = file_of(file).shared_memory;
    *out = nullptr;
    if (static_cast<std::size_t>(region) >= regions.size() && !may_extend) return SQLITE_OK;
    while (static_cast<std::size_t>(region) >= regions.size()) regions.push_back(std::make_unique<char[]>(size));
    *out = regions[region].get();
    return SQLITE_OK;
  }

  static int lock_memory(sqlite3_file* file, int offset, int count, int flags) {
    FaultyDisk& disk = *handle_of(file).disk;
    const std::lock_guard lock(disk.mutex_);
    File& locked = file_of(file);
    const unsigned mask = ((1u << count) - 1) << offset;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      locked.shared_locks[file] &= ~mask;
      locked.exclusive_locks[file] &= ~mask;
      return SQLITE_OK;
    }
    const bool is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    for (const auto& [other, held] : locked.exclusive_locks) {
      if (other != file && (held & mask) != 0) return SQLITE_BUSY;
    }
    for (const auto& [other, held] : locked.shared_locks) {
      if (is_exclusive && other != file && (held & mask) != 0) return SQLITE_BUSY;
    }
    (is_exclusive ? locked.exclusive_locks : locked.shared_locks)[file] |= mask;
    return SQLITE_OK;
  }

  static void barrier(sqlite3_file* file) { const std::lock_guard lock(handle_of(file).disk->mutex_); }
  static int unmap_memory(sqlite3_file*, int) { return SQLITE_OK; }  // goes with the last handle

  static const sqlite3_io_methods kMethods;
};

const sqlite3_io_methods FaultyDiskCalls::kMethods = {
    .iVersion = 2,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_memory,
    .xShmLock = lock_memory,
    .xShmBarrier = barrier,
    .xShmUnmap = unmap_memory,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

FaultyDisk::FaultyDisk(std::string name, std::uint64_t seed)
    : name_(std::move(name)), vfs_(std::make_unique<sqlite3_vfs>()), random_(seed) {
  *vfs_ = sqlite3_vfs{};
  vfs_->iVersion = 2;
  vfs_->szOsFile = sizeof(Handle);
  vfs_->mxPathname = 512;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = FaultyDiskCalls::open;
  vfs_->xDelete = FaultyDiskCalls::remove;
  vfs_->xAccess = FaultyDiskCalls::access;
  vfs_->xFullPathname = FaultyDiskCalls::full_path;
  vfs_->xRandomness = FaultyDiskCalls::randomness;
  vfs_->xSleep = FaultyDiskCalls::sleep;
  vfs_->xGetLastError = FaultyDiskCalls::last_error;
  vfs_->xCurrentTimeInt64 = FaultyDiskCalls::current_time;
  sqlite3_vfs_register(vfs_.get(), 0);
}

FaultyDisk::~FaultyDisk() { sqlite3_vfs_unregister(vfs_.get()); }

std::int64_t FaultyDisk::used() const {
  const std::lock_guard lock(mutex_);
  return used_now();
}

std::int64_t FaultyDisk::used_now() const {
  std::size_t used = 0;
  for (const auto& [path, file] : files_) used += file->content.size();
  return static_cast<std::int64_t>(used);
}

std::int64_t FaultyDisk::size_of(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(path);
  return found == files_.end() ? -1 : static_cast<std::int64_t>(found->second->content.size());
}

void FaultyDisk::revive_after_kill() { calls_left_ = -1; }

void FaultyDisk::revive_after_power_loss() {
  calls_left_ = -1;
  for (auto& [path, bytes] : removed_) {
    if (files_.contains(path) || random_() % 2 == 0) continue;
    const auto file = std::make_shared<File>();
    file->durable = std::move(bytes);
    file->is_entry_durable = true;
    files_[path] = file;
  }
  removed_.clear();
  for (auto each = files_.begin(); each != files_.end();) {
    File& file = *each->second;
    for (const Change& change : file.unsynced) apply_some(change, file.durable);
    file.unsynced.clear();
    file.content = file.durable;
    const bool is_lost = !file.is_entry_durable && random_() % 2 == 0;
    file.is_entry_durable = true;
    each = is_lost ? files_.erase(each) : std::next(each);
  }
}

void FaultyDisk::apply(const Change& change, std::string& bytes) {
  const auto at = static_cast<std::size_t>(change.at);
  if (!change.bytes) return bytes.resize(at);
  if (bytes.size() < at + change.bytes->size()) bytes.resize(at + change.bytes->size());
  std::memcpy(bytes.data() + at, change.bytes->data(), change.bytes->size());
}

// All of it, none, or some of the sectors that it lies in.
void FaultyDisk::apply_some(const Change& change, std::string& bytes) {
  const auto luck = random_() % 3;
  if (luck == 0) return;
  if (luck == 1 || !change.bytes) return apply(change, bytes);
  std::size_t at = static_cast<std::size_t>(change.at);
  for (std::string_view rest = *change.bytes; !rest.empty();) {
    const std::size_t count = std::min(rest.size(), kSector - at % kSector);
    if (random_() % 2 == 0) apply({static_cast<std::int64_t>(at), std::string(rest.substr(0, count))}, bytes);
    rest.remove_prefix(count);
    at += count;
  }
}

bool FaultyDisk::happens(int per_thousand) {
  return per_thousand > 0 && random_() % 1000 < static_cast<std::uint64_t>(per_thousand);
}

bool FaultyDisk::counts_to_death() {
  if (calls_left_ > 0) --calls_left_;
  return calls_left_ == 0;
}

}  // namespace tidings
