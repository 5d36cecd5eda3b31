// Space on the disk that is held back: when the disk is full, SQLite can't even delete, and this is given up so that it
// can. Lies beside the database as a file of zeros, made through SQLite's own file system, so that whatever that is
// made of in a test holds for it, too. One thread at a time.
#pragma once

#include <cstdint>
#include <string>

namespace tidings {

class DiskReserve {
 public:
  // Of `bytes`, for the database at this path; `vfs` as of a Database. A reserve that lies there is taken over.
  DiskReserve(const std::string& database, const std::string& vfs, std::int64_t bytes);

  // Whether the space is held: already or from now on. False when the disk has no room for it and for `more` bytes.
  bool hold(std::int64_t more = 0);
  void give_up();

 private:
  const std::string path_, vfs_;
  const std::int64_t bytes_;
  bool is_held_ = false;
};

}  // namespace tidings
