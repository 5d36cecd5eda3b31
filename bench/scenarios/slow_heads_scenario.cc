// Do clients that never finish their request's head hold up a page?
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "tidings/bench/load/page_client.h"
#include "tidings/bench/load/percentiles.h"
#include "tidings/bench/load/socket.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kHalfHead = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Age";
constexpr const char* kPage = "/healthz";

constexpr std::size_t kTurns = 4;

struct Times {
  Percentiles kept_us, fresh_us;  // on a connection kept alive, and on one of its own
};

double micros_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

void ask(std::uint16_t port, std::size_t count, Times& times) {
  PageClient asking(port);
  asking.get(kPage);  // its connecting is not measured
  for (std::size_t i = 0; i < count; ++i) {
    auto begin = Clock::now();
    asking.get(kPage);
    times.kept_us.add(micros_since(begin));
    begin = Clock::now();
    PageClient(port).get(kPage);
    times.fresh_us.add(micros_since(begin));
  }
}

// The asking one included. Waits for them: some may still come or go.
void expect_connections(std::uint16_t port, std::size_t count) {
  const std::string wanted = "\ntidings_connections " + std::to_string(count) + "\n";
  PageClient asking(port);
  for (const auto end = Clock::now() + std::chrono::seconds(5); Clock::now() < end;) {
    if (asking.get("/metrics").body.find(wanted) != std::string::npos) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw std::runtime_error("the server does not count " + std::to_string(count) + " connections");
}

Outcome measure(const Trial& trial) {
  const std::uint16_t port = trial.server.port();
  const std::size_t count = trial.load.events / kTurns;
  Times warm_up, without, with;
  ask(port, count, warm_up);
  for (std::size_t turn = 0; turn < kTurns; ++turn) {
    expect_connections(port, 1);
    ask(port, count, without);
    std::vector<Socket> halves;
    for (std::size_t i = 0; i < trial.load.clients; ++i) {
      halves.push_back(Socket::connect(port, Socket::Mode::kBlocking));
      halves.back().send(kHalfHead);
    }
    expect_connections(port, trial.load.clients + 1);
    ask(port, count, with);
    expect_connections(port, trial.load.clients + 1);  // the server has not given them up yet
  }
  const double kept = without.kept_us.at(50), fresh = without.fresh_us.at(50);
  const double kept_with = with.kept_us.at(50), fresh_with = with.fresh_us.at(50);
  return {.figures = {kept, kept_with, kept_with / kept, fresh, fresh_with, fresh_with / fresh}};
}

}  // namespace

Scenario slow_heads_scenario() {
  return {.name = "slow_heads",
          .question = "Do clients that never finish their request's head hold up a page?",
          .load = {.clients = 1000, .events = 2000},
          .describe =
              [](const Load& load) {
                return std::to_string(load.events) + " requests for a page on a connection kept alive and on fresh " +
                       "ones, without and with " + std::to_string(load.clients) + " half heads";
              },
          .why_not = our_channel_alone,
          .figures = {{.name = "kept p50 us"},
                      {.name = "kept p50 us with"},
                      {.name = "kept with/without", .decimals = 2, .has_spread = true},
                      {.name = "fresh p50 us"},
                      {.name = "fresh p50 us with"},
                      {.name = "fresh with/without", .decimals = 2, .has_spread = true}},
          .measure = measure};
}

}  // namespace tidings::bench
