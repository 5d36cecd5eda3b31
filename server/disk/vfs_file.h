// A file through SQLite's own file system: what is beside the database lies where the database lies, also when that is
// made of something else in a test. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct sqlite3_file;
struct sqlite3_vfs;

namespace tidings {

class VfsFile {
 public:
  // `vfs` names one that was registered with SQLite; empty is the system's.
  VfsFile(const std::string& path, const std::string& vfs);
  VfsFile(const VfsFile&) = delete;
  VfsFile& operator=(const VfsFile&) = delete;
  ~VfsFile();

  // Each says whether it went well.
  bool open(bool may_create);
  bool write(std::span<const char> bytes, std::int64_t at);
  bool read(std::span<char> bytes, std::int64_t at);
  bool truncate(std::int64_t size);
  bool sync();
  // -1 when it is not known.
  std::int64_t size();

  void close();
  void remove();
  bool exists();

 private:
  sqlite3_vfs* const vfs_;
  const char* const name_;
  const std::unique_ptr<std::max_align_t[]> memory_;
  sqlite3_file* const file_;
};

}  // namespace tidings
