#include "tidings/server/disk/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace tidings {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

DataFolder::DataFolder(const std::string& path) : path_(path) {
  struct stat found = {};
  if (stat(path.c_str(), &found) != 0) {
    throw std::runtime_error("The data folder " + path + " can't be used: " + reason(errno) +
                             ". Make it first, so that a mistyped name begins no new history");
  }
  if (!S_ISDIR(found.st_mode)) throw std::runtime_error("The data folder " + path + " is not a folder");
  const std::string lock = path + "/history.lock";
  lock_ = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) throw std::runtime_error("The data folder " + path + " can't be written to: " + reason(errno));
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  const int error = errno;
  close(lock_);
  throw std::runtime_error(error == EWOULDBLOCK
                               ? "The data folder " + path + " is used by another server: each needs its own"
                               : "The data folder " + path + " can't be locked: " + reason(error));
}

// The lock's file stays: were it removed, two servers could lock two files of its name.
DataFolder::~DataFolder() { close(lock_); }

std::uint64_t DataFolder::file_number() const {
  struct stat found = {};
  return stat(database().c_str(), &found) == 0 ? found.st_ino : 0;
}

std::string system_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace tidings
