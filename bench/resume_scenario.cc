#include "bench/resume_scenario.h"

#include <chrono>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>

#include "bench/percentiles.h"
#include "bench/socket.h"
#include "server/server.h"

namespace tidings::bench {
namespace {

constexpr double kMostTimes = 1.2;  // the short history's time
constexpr std::size_t kWarmUp = 200;

struct History {
  const char* name;
  std::size_t events;
  std::string before_last, last;  // ids
  Percentiles microseconds = {};
};

void fill(Server& server, History& history) {
  const std::shared_ptr<Channel> channel = server.hub().channel(history.name);
  const std::string data(100, 'x');
  for (std::size_t i = 0; i < history.events; ++i) {
    history.before_last = std::move(history.last);
    history.last = channel->publish(Event(data));
  }
}

// Throws where the event does not come, or another one before it.
double resume(const Server& server, const History& history) {
  const std::string request = "GET /channels/" + std::string(history.name) +
                              " HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: " + history.before_last + "\r\n\r\n";
  const std::string first = "id: " + history.last + '\n';
  const auto begin = std::chrono::steady_clock::now();
  Socket socket = Socket::connect(server.port(), Socket::Mode::kBlocking);
  socket.send(request);
  std::string received;
  while (!received.ends_with("x\n\n")) {
    char buffer[4096];
    const ssize_t count = socket.receive(buffer);
    if (count <= 0) throw std::runtime_error("A stream ended before its event had come.");
    received.append(buffer, static_cast<std::size_t>(count));
  }
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - begin;
  const bool is_gap = received.find("event: gap") != std::string::npos;
  if (is_gap || received.find("\nid: ") + 1 != received.find(first)) {
    throw std::runtime_error("A stream did not begin with the event after the one that it asked for.");
  }
  return time.count();
}

}  // namespace

void run(const ResumeScenario& scenario, Verdict& verdict) {
  ServerOptions options;
  options.host = "127.0.0.1";
  options.port = 0;
  options.threads = 1;
  options.drain_time = {};
  options.channels.channel.history = {.max_events = scenario.long_history,
                                      .max_bytes = std::numeric_limits<std::size_t>::max()};
  Server server(options);
  server.serve_channels();
  server.listen();
  History short_one{.name = "short", .events = scenario.short_history, .before_last = {}, .last = {}};
  History long_one{.name = "long", .events = scenario.long_history, .before_last = {}, .last = {}};
  std::printf("resume: publishing %zu and %zu events\n", short_one.events, long_one.events);
  std::fflush(stdout);
  fill(server, short_one);
  fill(server, long_one);
  std::thread serving([&] { server.run(); });
  try {
    for (std::size_t i = 0; i < scenario.times + kWarmUp; ++i) {
      History* const turns[] = {&short_one, &long_one};
      for (History* history : {turns[i % 2], turns[1 - i % 2]}) {
        const double time = resume(server, *history);
        if (i >= kWarmUp) history->microseconds.add(time);
      }
      if (i % 1000 == 999) std::printf("resume: %zu of %zu times\n", i + 1, scenario.times + kWarmUp);
      std::fflush(stdout);
    }
  } catch (const std::exception& error) {
    verdict.expect(false, error.what());
  }
  server.stop();
  serving.join();

  const double ratio = long_one.microseconds.at(50) / short_one.microseconds.at(50);
  std::printf("\nresume: one event, from connecting to its arrival, %zu times each by turns\n", scenario.times);
  std::printf("  history, events   median, us   p99, us\n");
  for (History* history : {&short_one, &long_one}) {
    std::printf("  %15zu   %10.1f   %7.1f\n", history->events, history->microseconds.at(50),
                history->microseconds.at(99));
  }
  std::printf("  ratio of the medians: %.2f (goal: at most %.1f, %s)\n", ratio, kMostTimes,
              ratio <= kMostTimes ? "met" : "missed");
}

}  // namespace tidings::bench
