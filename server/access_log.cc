#include "tidings/server/access_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "tidings/server/clock/iso8601.h"
#include "tidings/server/http/text.h"

namespace tidings {
namespace {

constexpr std::size_t kMostBytes = 512;  // of a value that a client has chosen
constexpr std::array<std::string_view, 4> kToldParameters{"heartbeat", "interval_ms", "name", "types"};

using Line = nlohmann::ordered_json;

std::string value_of(std::string_view text) { return printable(text.substr(0, kMostBytes)); }

// As text: the values without their names where they say what they are.
std::string as_text(const Line& line) {
  std::string text;
  for (const auto& [name, value] : line.items()) {
    if (!text.empty()) text += ' ';
    if (name == "time") {
      text += '[' + value.get<std::string>() + ']';
    } else if (name == "what") {
      text += value.get<std::string>();
    } else {
      const auto replace = Line::error_handler_t::replace;
      text.append(name).append("=").append(value.dump(-1, ' ', false, replace));
    }
  }
  return text;
}

class AccessLog {
 public:
  AccessLog(const Log& log, const Clock& clock) : format_(log.format()), lines_(log.lines()), clock_(clock) {}

  OnStreamEnd opened(const std::shared_ptr<AccessLog>& self, const Request& request) {
    Line who{{"stream", ++last_number_}, {"address", request.remote_address}, {"target", described_target(request)}};
    Line line = begin("stream opened", who);
    if (const auto id = request.last_event_id()) line["last_event_id"] = value_of(*id);
    if (const auto agent = request.header("User-Agent")) line["agent"] = value_of(*agent);
    write(line);
    return [self, who = std::move(who)](const StreamEnd& end) { self->ended(who, end); };
  }

 private:
  void ended(const Line& who, const StreamEnd& end) {
    Line line = begin("stream ended", who);
    line["reason"] = name_of(end.reason);
    line["time_ms"] = end.time.count();
    line["events"] = end.events;
    line["bytes"] = end.bytes;
    write(line);
  }

  Line begin(std::string_view what, const Line& who) const {
    Line line{{"time", to_iso8601(std::chrono::floor<std::chrono::milliseconds>(clock_.wall_now()))}, {"what", what}};
    line.update(who);
    return line;
  }

  void write(const Line& line) {
    const bool is_json = format_ == LogFormat::kJson;
    lines_->info("{}", is_json ? line.dump(-1, ' ', false, Line::error_handler_t::replace) : as_text(line));
  }

  const LogFormat format_;
  const std::shared_ptr<spdlog::logger> lines_;
  const Clock& clock_;
  std::atomic<std::uint64_t> last_number_ = 0;
};

}  // namespace

OnStream access_log(const Log& log, const Clock& clock) {
  return [access_log = std::make_shared<AccessLog>(log, clock)](const Request& request) {
    return access_log->opened(access_log, request);
  };
}

std::string described_target(const Request& request) {
  std::string target = request.path;
  for (const auto& [name, value] : request.parameters) {
    target += target.size() == request.path.size() ? '?' : '&';
    const bool is_told = std::find(kToldParameters.begin(), kToldParameters.end(), name) != kToldParameters.end();
    target.append(name).append("=").append(is_told ? value : "...");
  }
  return value_of(target);
}

}  // namespace tidings
