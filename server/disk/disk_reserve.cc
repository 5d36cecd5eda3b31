#include "tidings/server/disk/disk_reserve.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "tidings/server/disk/vfs_file.h"

namespace tidings {
namespace {

constexpr std::array<char, 65536> kZeros = {};

bool fill(VfsFile& file, std::int64_t bytes, std::int64_t more) {
  if (!file.open(true)) return false;
  if (file.size() == bytes && more == 0) return true;
  for (std::int64_t at = 0; at < bytes + more;) {
    const std::size_t count = std::min<std::size_t>(kZeros.size(), static_cast<std::size_t>(bytes + more - at));
    if (!file.write(std::span(kZeros).first(count), at)) return false;
    at += static_cast<std::int64_t>(count);
  }
  return file.sync() && file.truncate(bytes);
}

}  // namespace

DiskReserve::DiskReserve(const std::string& database, const std::string& vfs, std::int64_t bytes)
    : path_(database + "-reserve"), vfs_(vfs), bytes_(bytes) {}

bool DiskReserve::hold(std::int64_t more) {
  if (is_held_) return true;
  VfsFile file(path_, vfs_);
  is_held_ = fill(file, bytes_, more);
  file.close();
  if (!is_held_) file.remove();
  return is_held_;
}

void DiskReserve::give_up() {
  is_held_ = false;
  VfsFile(path_, vfs_).remove();
}

}  // namespace tidings
