// SQLite's C interface as objects: a connection, its statements, and errors as exceptions.
// Source: "C-language Interface Specification for SQLite". Not thread-safe: a connection and its statements belong to
// one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace tidings {

class SqliteError : public std::runtime_error {
 public:
  // `code` is one of SQLite's extended result codes.
  SqliteError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}

  int code() const { return code_; }
  bool is_full() const;    // no space left on the disk
  bool is_busy() const;    // another connection holds the lock
  bool is_damage() const;  // the file is not what a database looks like
  bool is_read_only() const;

 private:
  int code_;
};

// Closing it leaves the write-ahead log as it is, also where it was the last connection: a log that could not be synced
// must not be taken into the file.
class Database {
 public:
  enum class Mode { kReadWriteCreate, kReadWrite, kReadOnly };

  // `vfs` names one that was registered with SQLite; empty is the system's.
  Database(const std::string& path, const std::string& vfs, Mode mode);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  sqlite3* get() const { return handle_; }

  void execute(const char* sql);
  // The first column of the first row.
  std::int64_t integer(const char* sql);
  bool is_in_transaction() const;

  // Takes all of the write-ahead log into the file, as far as no reader needs it, and has both synced. Whether all of
  // it was taken.
  bool checkpoint();
  // The same, and the log's file is empty afterwards. False when somebody still reads from it.
  bool truncate_log();
  // Pages in the log after the last commit.
  int log_pages() const { return log_pages_; }
  // Throws SqliteError with what the connection says of this result code, unless it is SQLITE_OK.
  void check(int code) const;

 private:
  bool checkpoint(int mode);

  sqlite3* handle_ = nullptr;
  int log_pages_ = 0;
};

// A prepared statement. What is bound is not copied: it must live until the statement has run.
class Statement {
 public:
  Statement(Database& database, const char* sql);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Begins to run with these as its parameters: integers, texts, Blob, or empty optionals of them.
  template <class... Values>
  Statement& start(const Values&... values) {
    reset();
    [[maybe_unused]] int index = 0;
    (bind(++index, values), ...);
    return *this;
  }
  // Runs to its end.
  template <class... Values>
  void run(const Values&... values) {
    start(values...);
    while (step()) {
    }
  }

  struct Blob {
    std::string_view bytes;
  };

  // Whether there is a row. At the end, and on an error, the statement holds no lock any more.
  bool step();
  void reset();

  // Of the row; texts and blobs are valid until the next step.
  std::int64_t integer(int column) const;
  std::string_view bytes(int column) const;
  bool is_null(int column) const;

 private:
  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view text);
  void bind(int index, Blob blob);
  void bind(int index, const std::optional<std::string>& text);

  Database& database_;
  sqlite3_stmt* handle_ = nullptr;
};

}  // namespace tidings
