// Where the library's own lines go: a stream that failed, by its path and reason; a history that can't be kept. A
// program that does nothing has them on standard output, by spdlog's default logger; one that uses spdlog has them in
// its own log.
#pragma once

#include <functional>
#include <string_view>

namespace tidings {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// A line without its end, and without time and level. Must not throw, nor log, and holds up whoever logs: a loop,
// often.
using LogSink = std::function<void(LogLevel level, std::string_view line)>;

// Has all lines of all servers of this process go there, those that are worth `least` or more, one at a time. Before
// the first server is made: it takes the place of spdlog's default logger.
void log_to(LogSink sink, LogLevel least = LogLevel::kInfo);

}  // namespace tidings
