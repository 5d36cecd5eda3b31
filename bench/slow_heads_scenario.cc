#include "bench/slow_heads_scenario.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "bench/page_client.h"
#include "bench/percentiles.h"
#include "bench/poller.h"
#include "bench/server_gauges.h"
#include "bench/socket.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kHalfHead = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Age";
constexpr std::chrono::seconds kHeadTimeout{10};  // the server's
constexpr std::chrono::seconds kSettlingTime{5};

struct Kind {
  const char* name;
  std::string_view target;
  bool keeps_alive;
};

constexpr std::array<Kind, 4> kKinds{{{"GET /healthz, keep-alive", "/healthz", true},
                                      {"GET /healthz, fresh connection", "/healthz", false},
                                      {"GET /, keep-alive", "/", true},
                                      {"GET /, fresh connection", "/", false}}};

using Times = std::array<Percentiles, kKinds.size()>;  // in microseconds

class SlowHeads {
 public:
  SlowHeads(std::uint16_t port, std::size_t count) : begun_(Clock::now()) {
    for (std::size_t i = 0; i < count; ++i) {
      sockets_.push_back(Socket::connect(port, Socket::Mode::kBlocking));
      sockets_.back().send(kHalfHead);
    }
  }

  Clock::duration age() const { return Clock::now() - begun_; }

  // Waits until the server has given up on them; returns how many it told so by a 408.
  std::size_t wait_for_408s() {
    Poller poller;
    for (std::size_t i = 0; i < sockets_.size(); ++i) poller.add(sockets_[i].descriptor(), EPOLLIN, i);
    std::size_t told = 0, left = sockets_.size();
    const auto deadline = begun_ + kHeadTimeout + kSettlingTime;
    while (left > 0 && Clock::now() < deadline) {
      for (const epoll_event& event : poller.wait_until(deadline)) {
        char buffer[1024];
        Socket& socket = sockets_[event.data.u64];
        const ssize_t count = socket.receive(buffer);
        const std::string_view answer(buffer, static_cast<std::size_t>(count > 0 ? count : 0));
        if (answer.starts_with("HTTP/1.1 408 ")) ++told;
        socket.close();
        --left;
      }
    }
    return told;
  }

 private:
  Clock::time_point begun_;
  std::vector<Socket> sockets_;
};

void measure(std::uint16_t port, std::size_t requests, Times& times, Verdict& verdict) {
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    PageClient kept(port);
    if (kKinds[kind].keeps_alive) kept.get(kKinds[kind].target);  // its connecting is not measured
    for (std::size_t i = 0; i < requests; ++i) {
      const auto begin = Clock::now();
      const Page page =
          kKinds[kind].keeps_alive ? kept.get(kKinds[kind].target) : PageClient(port).get(kKinds[kind].target);
      times[kind].add(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
      verdict.expect(page.status == 200, "a page request was answered with " + std::to_string(page.status));
    }
  }
}

// Waits for `others` connections beside the asking one.
void expect_connections(PageClient& asking, std::size_t others, Verdict& verdict) {
  const auto wanted = static_cast<std::int64_t>(others) + 1;
  const std::int64_t found = wait_for_gauges(asking, {.connections = wanted}, kSettlingTime).connections;
  verdict.expect(found == wanted,
                 "the server has " + std::to_string(found) + " connections, not " + std::to_string(wanted));
}

void print(Times& without, Times& with) {
  std::printf("  %-32s %9s %9s %9s %9s %7s %7s\n", "", "without", "", "with", "", "ratio", "");
  std::printf("  %-32s %9s %9s %9s %9s %7s %7s\n", "", "p50 us", "p99 us", "p50 us", "p99 us", "p50", "p99");
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    std::printf("  %-32s %9.1f %9.1f %9.1f %9.1f %7.2f %7.2f\n", kKinds[kind].name, without[kind].at(50),
                without[kind].at(99), with[kind].at(50), with[kind].at(99), with[kind].at(50) / without[kind].at(50),
                with[kind].at(99) / without[kind].at(99));
  }
}

}  // namespace

void run(const SlowHeadsScenario& scenario, ServerProcess& server, Verdict& verdict) {
  const std::uint16_t port = server.port();
  PageClient asking(port);
  Times without, with, warm_up;
  measure(port, 100, warm_up, verdict);
  for (std::size_t round = 0; round < scenario.rounds; ++round) {
    const std::size_t requests = (scenario.requests + scenario.rounds - 1) / scenario.rounds;
    expect_connections(asking, 0, verdict);
    measure(port, requests, without, verdict);
    expect_connections(asking, 0, verdict);
    {
      const SlowHeads slow(port, scenario.slow_heads);
      expect_connections(asking, scenario.slow_heads, verdict);
      measure(port, requests, with, verdict);
      expect_connections(asking, scenario.slow_heads, verdict);
      verdict.expect(slow.age() < kHeadTimeout, "a round took longer than the server waits for a head");
    }
    std::fprintf(stderr, "slowheads: round %zu of %zu\n", round + 1, scenario.rounds);
  }
  expect_connections(asking, 0, verdict);

  SlowHeads slow(port, scenario.slow_heads);
  const std::size_t told = slow.wait_for_408s();
  verdict.expect(told == scenario.slow_heads, std::to_string(told) + " slow heads were answered with a 408");
  const double time = std::chrono::duration<double>(slow.age()).count();
  expect_connections(asking, 0, verdict);

  std::printf("\nslowheads: %zu requests of each kind without and with %zu half heads, in %zu rounds\n",
              without[0].count(), scenario.slow_heads, scenario.rounds);
  print(without, with);
  std::printf("  %zu of %zu half heads that waited got a 408, the last after %.2f s\n", told, scenario.slow_heads,
              time);
}

}  // namespace tidings::bench
