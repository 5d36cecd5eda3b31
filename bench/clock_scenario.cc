#include "bench/clock_scenario.h"

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/page_client.h"
#include "bench/percentiles.h"
#include "bench/process_figures.h"
#include "bench/stream_clients.h"

namespace tidings::bench {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kOpeningTime{60};
constexpr double kPromisedLatenessMs = 20;

// The ticks of one client, which must be consecutive numbers.
class Ticks {
 public:
  void add(std::uint64_t number) {
    if (last_ == 0) {
      first_ = number;
    } else if (number <= last_) {
      ++repeated_;
    } else {
      missing_ += number - last_ - 1;
    }
    last_ = std::max(last_, number);
  }

  // How many of the ticks from `first` to `last` did not come between others, before them or after them.
  std::uint64_t missing(std::uint64_t first, std::uint64_t last) const {
    if (last_ == 0) return last - first + 1;
    return missing_ + (first_ > first ? first_ - first : 0) + (last_ < last ? last - last_ : 0);
  }
  std::uint64_t repeated() const { return repeated_; }

 private:
  std::uint64_t first_ = 0, last_ = 0, missing_ = 0, repeated_ = 0;
};

// Gathers what the clients get. Lateness counts from when it is told that all of them are there.
class Record {
 public:
  Record(std::size_t clients, milliseconds interval) : interval_(interval), ticks_(clients) {}

  void measure_from(StreamClients::Time time) { measured_from_ = time; }

  void take(std::size_t client, const ParsedEvent& event, StreamClients::Time received) {
    const std::string_view id = event.last_event_id;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (error != std::errc() || end != id.data() + id.size()) {
      ++without_number_;
      return;
    }
    ticks_[client].add(number);
    ++events_;
    const StreamClients::Time deadline = due(number);
    if (deadline < measured_from_) return;
    lateness_ms_.add(std::chrono::duration<double, std::milli>(received - deadline).count());
  }

  StreamClients::Time due(std::uint64_t number) const {
    return StreamClients::Time(static_cast<std::int64_t>(number) * interval_);
  }
  // The newest tick that is due at `time`.
  std::uint64_t number_at(StreamClients::Time time) const {
    return static_cast<std::uint64_t>(time.time_since_epoch() / interval_);
  }

  std::uint64_t events() const { return events_; }
  std::uint64_t without_number() const { return without_number_; }
  const std::vector<Ticks>& ticks() const { return ticks_; }
  Percentiles& lateness_ms() { return lateness_ms_; }

 private:
  milliseconds interval_;
  std::vector<Ticks> ticks_;
  Percentiles lateness_ms_;
  StreamClients::Time measured_from_ = StreamClients::Time::max();
  std::uint64_t events_ = 0, without_number_ = 0;
};

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

void run(const ClockScenario& scenario, ServerProcess& server, Verdict& verdict) {
  Record record(scenario.clients, scenario.interval);
  StreamClients clients(
      server.port(), "/events?interval_ms=" + std::to_string(scenario.interval.count()), scenario.clients,
      [&](std::size_t client, const ParsedEvent& event, StreamClients::Time now) { record.take(client, event, now); });
  PageClient(server.port()).get("/healthz");  // by its answer all of the server's threads are there
  const ProcessFigures before = figures_of(server.process());
  const auto opening = std::chrono::steady_clock::now();
  const bool all_are_open = clients.open(kOpeningTime);
  const auto opening_time = std::chrono::steady_clock::now() - opening;
  verdict.expect(all_are_open, std::to_string(clients.failed()) + " clients failed to open their stream");
  if (!all_are_open) return;

  // Memory and CPU between these two, when nothing but ticks goes on.
  clients.run(std::chrono::seconds(1));
  record.measure_from(std::chrono::system_clock::now());
  const ProcessFigures begin = figures_of(server.process());
  const std::uint64_t events_at_begin = record.events();
  const double own_cpu_at_begin = own_cpu_seconds();
  for (std::chrono::seconds passed{0}; passed < scenario.time;) {
    const auto step = std::min(std::chrono::seconds(5), scenario.time - passed);
    clients.run(step);
    passed += step;
    std::fprintf(stderr, "clock: %lld of %lld s, %llu events\n", static_cast<long long>(passed.count()),
                 static_cast<long long>(scenario.time.count()), static_cast<unsigned long long>(record.events()));
  }
  const ProcessFigures end = figures_of(server.process());
  const std::uint64_t last = record.number_at(std::chrono::system_clock::now());
  const std::uint64_t measured = record.events() - events_at_begin;
  const double own_cpu = own_cpu_seconds() - own_cpu_at_begin;
  clients.run(std::max(scenario.interval, milliseconds(1000)));  // for what is under way

  std::uint64_t missing = 0, repeated = 0;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    // A tick between the generator's start and the head's arrival here may come or not; the next must.
    missing += record.ticks()[i].missing(record.number_at(clients.opened_at(i)) + 1, last);
    repeated += record.ticks()[i].repeated();
  }
  verdict.expect(clients.failed() == 0, std::to_string(clients.failed()) + " streams ended");
  verdict.expect(missing == 0, std::to_string(missing) + " ticks did not come");
  verdict.expect(repeated == 0, std::to_string(repeated) + " ticks came twice or out of order");
  verdict.expect(record.without_number() == 0, std::to_string(record.without_number()) + " events had no number");

  Percentiles& lateness = record.lateness_ms();
  const auto clients_count = static_cast<double>(scenario.clients);
  const double cpu = seconds(end.cpu - begin.cpu);
  std::printf("\nclock: %zu clients, a tick every %lld ms, %lld s\n", scenario.clients,
              static_cast<long long>(scenario.interval.count()), static_cast<long long>(scenario.time.count()));
  std::printf("  %-52s %12.2f s\n", "all streams open after", seconds(opening_time));
  std::printf("  %-52s %12llu\n", "events received, in all", static_cast<unsigned long long>(record.events()));
  std::printf("  %-52s %12llu\n", "  missing", static_cast<unsigned long long>(missing));
  std::printf("  %-52s %12llu\n", "  twice or out of order", static_cast<unsigned long long>(repeated));
  std::printf("  %-52s %12.3f %%\n", "within 20 ms of their deadline", lateness.share_within(kPromisedLatenessMs));
  std::printf("  %-52s %12.2f ms\n", "lateness, p50", lateness.at(50));
  std::printf("  %-52s %12.2f ms\n", "          p99", lateness.at(99));
  std::printf("  %-52s %12.2f ms\n", "          p99.9", lateness.at(99.9));
  std::printf("  %-52s %12.2f ms\n", "          max", lateness.at(100));
  std::printf("  %-52s %12zu\n", "server threads, before", before.threads);
  std::printf("  %-52s %12zu\n", "                with the clients", end.threads);
  std::printf("  %-52s %12.2f KiB\n", "server memory per client (Anonymous of smaps_rollup)",
              static_cast<double>(end.anonymous_bytes - before.anonymous_bytes) / 1024 / clients_count);
  std::printf("  %-52s %12.2f KiB\n", "  in all, before", static_cast<double>(before.anonymous_bytes) / 1024);
  std::printf("  %-52s %12.2f KiB\n", "  in all, with the clients", static_cast<double>(end.anonymous_bytes) / 1024);
  std::printf("  %-52s %12.2f s\n", "server CPU (user and system)", cpu);
  std::printf("  %-52s %12.2f us\n", "  per delivered event", cpu * 1e6 / static_cast<double>(measured));
  std::printf("  %-52s %12.2f us\n", "load generator's own CPU per event",
              own_cpu * 1e6 / static_cast<double>(measured));
}

}  // namespace tidings::bench
