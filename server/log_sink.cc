#include "tidings/server/log_sink.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <utility>

namespace tidings {
namespace {

LogLevel level_of(spdlog::level::level_enum level) {
  if (level <= spdlog::level::debug) return LogLevel::kDebug;
  if (level == spdlog::level::info) return LogLevel::kInfo;
  return level == spdlog::level::warn ? LogLevel::kWarning : LogLevel::kError;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: break;
  }
  return spdlog::level::err;
}

class ToSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit ToSink(LogSink sink) : to_(std::move(sink)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    to_(level_of(message.level), {message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  const LogSink to_;
};

}  // namespace

void log_to(LogSink sink, LogLevel least) {
  const auto logger = std::make_shared<spdlog::logger>("tidings", std::make_shared<ToSink>(std::move(sink)));
  logger->set_level(level_of(least));
  spdlog::set_default_logger(logger);
}

}  // namespace tidings
