#include "tidings/server/disk/sqlite.h"

#include <sqlite3.h>

namespace tidings {
namespace {

// How long a connection waits for a lock that another one holds: the tool beside the server takes it for moments.
constexpr int kBusyMilliseconds = 2000;

int primary(int code) { return code & 0xff; }

}  // namespace

bool SqliteError::is_full() const { return primary(code_) == SQLITE_FULL; }
bool SqliteError::is_busy() const { return primary(code_) == SQLITE_BUSY; }
bool SqliteError::is_damage() const { return primary(code_) == SQLITE_CORRUPT || primary(code_) == SQLITE_NOTADB; }
bool SqliteError::is_read_only() const {
  return primary(code_) == SQLITE_READONLY || primary(code_) == SQLITE_CANTOPEN || primary(code_) == SQLITE_PERM;
}

Database::Database(const std::string& path, const std::string& vfs, Mode mode) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (mode == Mode::kReadWriteCreate) flags |= SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (code != SQLITE_OK) {
    const SqliteError error(code, handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code));
    sqlite3_close_v2(handle_);
    throw error;
  }
  sqlite3_busy_timeout(handle_, kBusyMilliseconds);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // A hook of our own stands in the place of SQLite's automatic checkpoint.
  sqlite3_wal_hook(
      handle_,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Database*>(self)->log_pages_ = pages;
        return SQLITE_OK;
      },
      this);
}

Database::~Database() { sqlite3_close_v2(handle_); }

void Database::execute(const char* sql) { check(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr)); }

std::int64_t Database::integer(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

bool Database::is_in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

bool Database::checkpoint(int mode) {
  int pages = 0, taken = 0;
  const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, mode, &pages, &taken);
  if (primary(code) == SQLITE_BUSY || primary(code) == SQLITE_LOCKED) return false;
  check(code);
  return pages == taken;
}

bool Database::checkpoint() { return checkpoint(SQLITE_CHECKPOINT_PASSIVE); }

bool Database::truncate_log() {
  struct PatientAgain {
    sqlite3* handle;
    ~PatientAgain() { sqlite3_busy_timeout(handle, kBusyMilliseconds); }
  } const patient_again{handle_};
  sqlite3_busy_timeout(handle_, 0);
  const bool is_done = checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  if (is_done) log_pages_ = 0;
  return is_done;
}

void Database::check(int code) const {
  if (code == SQLITE_OK) return;
  // The connection's own code is the more exact one.
  const int extended = sqlite3_extended_errcode(handle_);
  throw SqliteError(primary(extended) == primary(code) ? extended : code, sqlite3_errmsg(handle_));
}

Statement::Statement(Database& database, const char* sql) : database_(database) {
  database.check(sqlite3_prepare_v3(database.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr));
}

Statement::~Statement() { sqlite3_finalize(handle_); }

bool Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  const SqliteError error(sqlite3_extended_errcode(database_.get()), sqlite3_errmsg(database_.get()));
  reset();
  throw error;
}

void Statement::reset() { sqlite3_reset(handle_); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view Statement::bytes(int column) const {
  const void* const begin = sqlite3_column_blob(handle_, column);
  return {static_cast<const char*>(begin), static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

bool Statement::is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

void Statement::bind(int index, std::int64_t value) { database_.check(sqlite3_bind_int64(handle_, index, value)); }

void Statement::bind(int index, std::string_view text) {
  // A null pointer would bind NULL.
  const char* const begin = text.empty() ? "" : text.data();
  database_.check(sqlite3_bind_text64(handle_, index, begin, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind(int index, Blob blob) {
  const char* const begin = blob.bytes.empty() ? "" : blob.bytes.data();
  database_.check(sqlite3_bind_blob64(handle_, index, begin, blob.bytes.size(), SQLITE_STATIC));
}

void Statement::bind(int index, const std::optional<std::string>& text) {
  if (text) return bind(index, std::string_view(*text));
  database_.check(sqlite3_bind_null(handle_, index));
}

}  // namespace tidings
