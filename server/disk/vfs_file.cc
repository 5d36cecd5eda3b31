#include "tidings/server/disk/vfs_file.h"

#include <sqlite3.h>

#include <algorithm>

namespace tidings {
namespace {

// SQLite itself never asks for more than a page, of 64 KiB at most. Its file system for Unix takes a call's length
// modulo 128 KiB, so that a longer write ends, when a multiple of that is left, as if the disk were full.
constexpr int kMostAtOnce = 65536;

}  // namespace

VfsFile::VfsFile(const std::string& path, const std::string& vfs)
    : vfs_(sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str())),
      name_(sqlite3_create_filename(path.c_str(), "", "", 0, nullptr)),
      memory_(new std::max_align_t[static_cast<std::size_t>(vfs_->szOsFile) / sizeof(std::max_align_t) + 1]),
      file_(reinterpret_cast<sqlite3_file*>(memory_.get())) {
  file_->pMethods = nullptr;
}

VfsFile::~VfsFile() {
  close();
  sqlite3_free_filename(const_cast<char*>(name_));
}

bool VfsFile::open(bool may_create) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MAIN_DB | (may_create ? SQLITE_OPEN_CREATE : 0);
  int granted = 0;
  if (vfs_->xOpen(vfs_, name_, file_, flags, &granted) != SQLITE_OK) return false;
  return (granted & SQLITE_OPEN_READONLY) == 0;
}

bool VfsFile::write(std::span<const char> bytes, std::int64_t at) {
  for (; !bytes.empty(); at += kMostAtOnce) {
    const auto piece = bytes.first(std::min<std::size_t>(kMostAtOnce, bytes.size()));
    if (file_->pMethods->xWrite(file_, piece.data(), static_cast<int>(piece.size()), at) != SQLITE_OK) return false;
    bytes = bytes.subspan(piece.size());
  }
  return true;
}

bool VfsFile::read(std::span<char> bytes, std::int64_t at) {
  for (; !bytes.empty(); at += kMostAtOnce) {
    const auto piece = bytes.first(std::min<std::size_t>(kMostAtOnce, bytes.size()));
    if (file_->pMethods->xRead(file_, piece.data(), static_cast<int>(piece.size()), at) != SQLITE_OK) return false;
    bytes = bytes.subspan(piece.size());
  }
  return true;
}

bool VfsFile::truncate(std::int64_t size) { return file_->pMethods->xTruncate(file_, size) == SQLITE_OK; }

bool VfsFile::sync() { return file_->pMethods->xSync(file_, SQLITE_SYNC_NORMAL) == SQLITE_OK; }

std::int64_t VfsFile::size() {
  sqlite3_int64 size = 0;
  return file_->pMethods->xFileSize(file_, &size) == SQLITE_OK ? size : -1;
}

void VfsFile::close() {
  if (file_->pMethods) file_->pMethods->xClose(file_);
  file_->pMethods = nullptr;
}

void VfsFile::remove() { vfs_->xDelete(vfs_, name_, 0); }

bool VfsFile::exists() {
  int result = 0;
  return vfs_->xAccess(vfs_, name_, SQLITE_ACCESS_EXISTS, &result) == SQLITE_OK && result != 0;
}

}  // namespace tidings
