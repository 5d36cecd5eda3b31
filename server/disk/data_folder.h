// The folder that history lies in, held by one server at a time, and what can be told of its files from outside.
#pragma once

#include <cstdint>
#include <string>

namespace tidings {

class DataFolder {
 public:
  // Holds the folder for as long as it lives, against every other process and also against this one. Throws
  // std::runtime_error with a sentence when the folder is missing, can't be written to, or is held already.
  explicit DataFolder(const std::string& path);
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;
  ~DataFolder();

  std::string database() const { return path_ + "/history.db"; }
  // The inode: the same for as long as the file is not replaced by another one; 0 where there is none.
  std::uint64_t file_number() const;

 private:
  const std::string path_;
  int lock_ = -1;
};

// Another one after each start of the machine; empty where the system does not tell.
std::string system_boot_id();

}  // namespace tidings
