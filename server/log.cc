#include "tidings/server/log.h"

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "tidings/server/clock/iso8601.h"

namespace tidings {
namespace {

constexpr std::size_t kMostWaiting = 8192;

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const spdlog::string_view_t level = spdlog::level::to_string_view(message.level);
    const std::string_view text(message.payload.data(), message.payload.size());
    const nlohmann::ordered_json line{
        {"time", to_iso8601(std::chrono::floor<std::chrono::milliseconds>(message.time))},
        {"level", std::string_view(level.data(), level.size())},
        {"message", text},
    };
    const std::string bytes = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
    out.append(bytes.data(), bytes.data() + bytes.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

// Of a name of its own, which spdlog knows.
std::shared_ptr<spdlog::logger> make_logger(const std::string& name) {
  auto logger = spdlog::create_async_nb<spdlog::sinks::stderr_color_sink_mt>(name);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

}  // namespace

Log::Log(LogFormat format, const std::string& level) : format_(format) {
  spdlog::init_thread_pool(kMostWaiting, 1);
  logger_ = make_logger("tidings");
  if (format == LogFormat::kJson) logger_->set_formatter(std::make_unique<JsonFormatter>());
  logger_->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(logger_);
  lines_ = make_logger("lines");
  lines_->set_pattern("%v");
}

Log::~Log() {
  logger_ = nullptr;
  lines_ = nullptr;
  spdlog::shutdown();
}

void Log::say_more() { move_level(-1); }
void Log::say_less() { move_level(1); }

void Log::move_level(int by) {
  using Level = spdlog::level::level_enum;
  const Level before = logger_->level();
  const auto after = static_cast<Level>(std::clamp(before + by, int{Level::debug}, int{Level::err}));
  const spdlog::string_view_t name = spdlog::level::to_string_view(after);
  logger_->set_level(std::min(before, after));  // so that it can be said
  logger_->log(std::max(Level::info, logger_->level()), "The log has what is {} or worse from now on.",
               std::string_view(name.data(), name.size()));
  logger_->set_level(after);
}

}  // namespace tidings
