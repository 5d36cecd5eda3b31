// What the program logs, to standard error: as text for people, or as a JSON object a line for programs. Lines are
// written by a thread of their own, so that whoever reads them, or doesn't, holds up no stream: 8,192 wait at most, and
// then the oldest of them is dropped.
#pragma once

#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace tidings {

enum class LogFormat { kText, kJson };

// While it lives, spdlog's default logger is the program's. One of these at a time, in main().
class Log {
 public:
  // `level` is debug, info, warn or error.
  Log(LogFormat format, const std::string& level);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log();  // writes what waits

  LogFormat format() const { return format_; }

  // Logs more, or less, than now, by one level, and says so. Any thread.
  void say_more();
  void say_less();

  // A logger of lines that are logged whatever the level is, and are written as they are.
  std::shared_ptr<spdlog::logger> lines() const { return lines_; }

 private:
  void move_level(int by);

  const LogFormat format_;
  std::shared_ptr<spdlog::logger> logger_, lines_;
};

}  // namespace tidings
