// A server on a free port, on threads of its own and on a clock that stands still, and stopped at the end of the test.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tidings/server/server.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/server/client.h"

namespace tidings {

class RunningServer {
 public:
  static constexpr std::chrono::sys_seconds kStart{std::chrono::seconds(1'795'573'400)};  // 2026-11-25T02:23:20Z

  // `configure` adds routes before the server runs.
  explicit RunningServer(const std::function<void(Server&)>& configure, ServerOptions options = {});
  ~RunningServer();

  Client connect() const { return Client(server_->port()); }
  // Connects and sends a GET.
  Client open(std::string_view target) const;

  // Advances the clock.
  void pass(std::chrono::nanoseconds time) { clock_->advance(time); }
  // The same, of many: not before every loop has had a turn at the one before, in which it has also looked at its
  // sockets. So what is on its way arrives meanwhile, however slow the machine.
  void step(std::chrono::nanoseconds time) {
    if (clock_->is_followed()) pass(time);
  }
  ManualClock& clock() { return *clock_; }
  Server& server() { return *server_; }

  std::int64_t metric(std::string_view name) const;
  // Waits until the metric has this value; false when it has not come to it within ten seconds.
  bool reaches(std::string_view name, std::int64_t value) const;

  // Waits until every loop is through with the turn that it is in, and so with all of what a metric tells the beginning
  // of; false when one is not within ten seconds.
  bool settles();

  // Advances the clock by `time` again and again until the metric has this value, as `reaches` does.
  bool reaches_in_steps(std::chrono::nanoseconds time, std::string_view name, std::int64_t value);

  // Stops the server and waits until it has.
  void stop();

 private:
  static bool wait(const std::function<bool()>& is_so, const std::function<void()>& meanwhile);

  std::shared_ptr<ManualClock> clock_;
  std::unique_ptr<Server> server_;
};

}  // namespace tidings
