// Do clients that never finish their request's head hold up a page?
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/page_client.h"
#include "bench/percentiles.h"
#include "bench/scenario.h"
#include "bench/socket.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kHalfHead = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Age";
constexpr const char* kPage = "/healthz";

struct Medians {
  double kept_us = 0, fresh_us = 0;  // on a connection kept alive, and on one of its own
};

double micros_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

Medians pages(std::uint16_t port, std::size_t count) {
  PageClient asking(port);
  Percentiles kept, fresh;
  asking.get(kPage);  // its connecting is not measured
  for (std::size_t i = 0; i < count; ++i) {
    auto begin = Clock::now();
    asking.get(kPage);
    kept.add(micros_since(begin));
    begin = Clock::now();
    PageClient(port).get(kPage);
    fresh.add(micros_since(begin));
  }
  return {.kept_us = kept.at(50), .fresh_us = fresh.at(50)};
}

// Waits for them: a half head may still be on its way.
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
  pages(port, trial.load.events / 10);
  const Medians without = pages(port, trial.load.events);
  std::vector<Socket> halves;
  for (std::size_t i = 0; i < trial.load.clients; ++i) {
    halves.push_back(Socket::connect(port, Socket::Mode::kBlocking));
    halves.back().send(kHalfHead);
  }
  expect_connections(port, trial.load.clients + 1);
  const Medians with = pages(port, trial.load.events);
  expect_connections(port, trial.load.clients + 1);  // the server has not given them up yet
  return {.figures = {without.kept_us, with.kept_us, with.kept_us / without.kept_us, without.fresh_us, with.fresh_us,
                      with.fresh_us / without.fresh_us}};
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
