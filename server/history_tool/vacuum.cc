#include "tidings/server/history_tool/vacuum.h"

#include "tidings/server/disk/sqlite.h"

namespace tidings {
namespace {

constexpr const char* kStep = "PRAGMA incremental_vacuum(128)";
constexpr int kStepsPerCheckpoint = 16;

}  // namespace

Vacuumed vacuum(const std::string& path, const std::function<void(std::int64_t unused_bytes)>& pause) {
  Database database(path, {}, Database::Mode::kReadWrite);
  // A step is nothing that was promised to anybody, and needs no sync of its own; a checkpoint has one.
  database.execute("PRAGMA secure_delete = 0; PRAGMA synchronous = NORMAL");
  const std::int64_t page_bytes = database.integer("PRAGMA page_size");
  const std::int64_t at_first = database.integer("PRAGMA freelist_count");
  std::int64_t given_back = 0;
  for (int step = 1; given_back < at_first; ++step) {
    const std::int64_t before = database.integer("PRAGMA page_count");
    database.execute(kStep);
    const std::int64_t now = before - database.integer("PRAGMA page_count");
    if (now <= 0) break;  // a server has used what was left
    given_back += now;
    if (step % kStepsPerCheckpoint == 0) database.checkpoint();
    pause((at_first - given_back) * page_bytes);
  }
  database.checkpoint();
  return {given_back * page_bytes, database.integer("PRAGMA page_count") * page_bytes};
}

}  // namespace tidings
