#include "tidings/server/log_sink.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using Lines = std::vector<std::pair<LogLevel, std::string>>;

TEST(LogSink, GetsWhatIsWorthIt) {
  Lines lines;
  log_to([&lines](LogLevel level, std::string_view line) { lines.emplace_back(level, line); }, LogLevel::kWarning);
  spdlog::info("nothing");
  spdlog::warn("{} wrong", "something");
  spdlog::critical("all wrong");
  EXPECT_EQ(lines, (Lines{{LogLevel::kWarning, "something wrong"}, {LogLevel::kError, "all wrong"}}));
}

TEST(LogSink, GetsWhatServersSay) {
  Lines lines;
  log_to([&lines](LogLevel level, std::string_view line) { lines.emplace_back(level, line); }, LogLevel::kError);
  {
    RunningServer running([](Server& server) {
      server.get("/fail", [](const Request&) -> Answer { throw std::runtime_error("broken"); });
    });
    EXPECT_EQ(running.open("/fail").response().status, 500);
  }
  EXPECT_EQ(lines, (Lines{{LogLevel::kError, "/fail: the handler failed: broken"}}));
}

}  // namespace
}  // namespace tidings
