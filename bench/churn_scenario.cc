#include "bench/churn_scenario.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bench/page_client.h"
#include "bench/poller.h"
#include "bench/process_figures.h"
#include "bench/server_gauges.h"
#include "bench/socket.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kVisitTime{5}, kSettlingTime{5};

// What the allocator may hold on to: less than 26 bytes for each of 10,000 visits.
constexpr std::int64_t kMemoryNoise = 256 * 1024;

constexpr std::string_view kPage = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view kStream = "GET /events?interval_ms=50 HTTP/1.1\r\nHost: localhost\r\n\r\n";

// When a visitor leaves: once it has sent `sends` and received the end of `awaits`, in this order.
struct Moment {
  const char* name;
  std::string_view sends;
  std::vector<std::string_view> awaits;
};

const std::vector<Moment>& moments() {
  static const std::vector<Moment> kMoments = {
      {"before sending", "", {}},
      {"in the middle of the head", kStream.substr(0, kStream.size() / 2), {}},
      {"before the page", kPage, {}},
      {"after the page", kPage, {"\r\n\r\n", "ok\n"}},
      {"before the stream", kStream, {}},
      {"after the stream's head", kStream, {"\r\n\r\n"}},
      {"after the first event", kStream, {"\r\n\r\n", "data: ", "\n\n"}},
  };
  return kMoments;
}

enum class Way { kClose, kReset, kFinishSending };  // the last goes on receiving until the server closes
constexpr std::size_t kWays = 3;

class Visit {
 public:
  explicit Visit(std::size_t number)
      : moment_(moments()[number % moments().size()]),
        way_(static_cast<Way>(number / moments().size() % kWays)),
        deadline_(Clock::now() + kVisitTime) {}

  void connect(std::uint16_t port, Poller& poller, std::uint64_t number) {
    socket_ = Socket::connect(port, Socket::Mode::kNonBlocking);
    poller.add(socket_.descriptor(), EPOLLOUT, number);
  }

  void take(std::uint32_t events, Poller& poller, std::uint64_t number) {
    if (events & EPOLLOUT) {
      if (!moment_.sends.empty() && socket_.send(moment_.sends) != static_cast<ssize_t>(moment_.sends.size())) {
        return fail("could not send");
      }
      poller.change(socket_.descriptor(), EPOLLIN, number);
    } else if (!receive()) {
      return;
    }
    if (is_leaving_ || !is_moment()) return;
    is_leaving_ = true;
    switch (way_) {
      case Way::kClose: return socket_.close();
      case Way::kReset: return socket_.reset();
      case Way::kFinishSending: return socket_.finish_sending();
    }
  }

  bool is_over() const { return !socket_.is_open() || is_late(); }
  // Once it is over: empty, or what went wrong.
  std::string failure() const { return is_late() ? describe("was not answered or left in time") : failure_; }

 private:
  bool receive() {
    char buffer[4096];
    const ssize_t count = socket_.receive(buffer);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (count > 0) {
      if (!is_leaving_) received_.append(buffer, static_cast<std::size_t>(count));
      return true;
    }
    if (!is_leaving_) fail("was left by the server");
    socket_.close();
    return false;
  }

  bool is_late() const { return socket_.is_open() && Clock::now() > deadline_; }

  bool is_moment() const {
    std::size_t place = 0;
    for (const std::string_view awaited : moment_.awaits) {
      place = received_.find(awaited, place);
      if (place == std::string::npos) return false;
      place += awaited.size();
    }
    return true;
  }

  std::string describe(const char* what) const {
    return std::string("a visitor that ") + (is_leaving_ ? "left " : "wanted to leave ") + moment_.name + ' ' + what;
  }

  void fail(const char* what) {
    failure_ = describe(what);
    socket_.close();
  }

  const Moment& moment_;
  const Way way_;
  const Clock::time_point deadline_;
  Socket socket_;
  std::string received_;
  std::string failure_;
  bool is_leaving_ = false;
};

// Visits, at most `at_once` at a time; returns how many failed.
std::size_t visit(std::uint16_t port, std::size_t times, std::size_t at_once) {
  Poller poller;
  std::map<std::uint64_t, Visit> here;
  std::size_t begun = 0, failed = 0;
  while (begun < times || !here.empty()) {
    for (; begun < times && here.size() < at_once; ++begun) {
      here.try_emplace(begun, begun).first->second.connect(port, poller, begun);
    }
    for (const epoll_event& event : poller.wait_until(Clock::now() + std::chrono::milliseconds(100))) {
      here.at(event.data.u64).take(event.events, poller, event.data.u64);
    }
    std::erase_if(here, [&](const auto& entry) {
      if (!entry.second.is_over()) return false;
      if (const std::string failure = entry.second.failure(); !failure.empty()) {
        std::fprintf(stderr, "%s\n", failure.c_str());
        ++failed;
      }
      return true;
    });
  }
  return failed;
}

struct State {
  ServerGauges gauges;
  ProcessFigures process;
};

// What the server holds, once its gauges are where they began or have had the time.
State settled(const ServerProcess& server, PageClient& asking, const ServerGauges& began) {
  State state;
  state.gauges = wait_for_gauges(asking, began, kSettlingTime);
  state.process = figures_of(server.process());
  return state;
}

void print(const char* name, const State& state) {
  std::printf("  %-32s %11lld %9lld %9lld %12zu %12lld\n", name, static_cast<long long>(state.gauges.connections),
              static_cast<long long>(state.gauges.streams), static_cast<long long>(state.gauges.frames),
              state.process.descriptors, static_cast<long long>(state.process.anonymous_bytes / 1024));
}

}  // namespace

void run(const ChurnScenario& scenario, ServerProcess& server, Verdict& verdict) {
  constexpr std::size_t kSteps = 10;
  const ServerGauges began{.connections = 1};  // the one that asks
  PageClient asking(server.port());
  const State first = settled(server, asking, began);
  std::size_t failed = visit(server.port(), scenario.warm_up, scenario.at_once);
  const State warm = settled(server, asking, began);
  std::size_t done = 0;
  for (std::size_t step = 1; step <= kSteps; ++step) {
    const std::size_t goal = scenario.times * step / kSteps;
    failed += visit(server.port(), goal - done, scenario.at_once);
    done = goal;
    std::fprintf(stderr, "churn: %zu of %zu visits, server memory %lld KiB\n", done, scenario.times,
                 static_cast<long long>(figures_of(server.process()).anonymous_bytes / 1024));
  }
  const State last = settled(server, asking, began);

  std::printf("\nchurn: %zu visits, up to %zu at once, by FIN, RST and half-close at %zu moments\n", scenario.times,
              scenario.at_once, moments().size());
  std::printf("  %-32s %11s %9s %9s %12s %12s\n", "", "connections", "streams", "frames", "descriptors", "memory, KiB");
  print("at the start", first);
  print(("after " + std::to_string(scenario.warm_up) + " visits to warm up").c_str(), warm);
  print(("after " + std::to_string(scenario.times) + " more").c_str(), last);
  std::printf("  (connections: the asking one is counted; memory: Anonymous of smaps_rollup)\n");
  std::printf("  %zu visits failed\n", failed);

  verdict.expect(failed == 0, std::to_string(failed) + " visits failed");
  verdict.expect(first.gauges == began && warm.gauges == began && last.gauges == began,
                 "the gauges did not return to where they began");
  verdict.expect(last.process.descriptors == warm.process.descriptors, "open descriptors did not return");
  verdict.expect(last.process.anonymous_bytes - warm.process.anonymous_bytes <= kMemoryNoise,
                 "memory grew by more than 256 KiB after the warm-up");
}

}  // namespace tidings::bench
