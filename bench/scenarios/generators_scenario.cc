// Does a generator for each client send each tick in time, and at what cost?
#include <algorithm>
#include <charconv>
#include <chrono>
#include <vector>

#include "tidings/bench/load/percentiles.h"
#include "tidings/bench/load/stream_clients.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

using std::chrono::milliseconds, std::chrono::seconds;
using Time = StreamClients::Time;

// What the clients get of the ticks from `first` to `last`: seconds of real time, when each is due.
class Ticks {
 public:
  explicit Ticks(std::size_t clients) : last_(clients) {}

  void expect(std::int64_t first, std::int64_t last) { first_expected_ = first, last_expected_ = last; }

  void take(std::size_t client, const ParsedEvent& event, Time now) {
    const std::string_view id = event.last_event_id;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    const bool is_number = error == std::errc() && end == id.data() + id.size();
    if (!is_number || number <= last_[client]) {
      ++misplaced_;
      return;
    }
    last_[client] = number;
    if (number < first_expected_ || number > last_expected_) return;
    ++count_;
    lateness_ms_.add(std::chrono::duration<double, std::milli>(now - Time(seconds(number))).count());
  }

  std::uint64_t missing() const {
    return static_cast<std::uint64_t>(last_expected_ - first_expected_ + 1) * last_.size() - count_;
  }
  std::uint64_t count() const { return count_; }
  std::uint64_t misplaced() const { return misplaced_; }
  Percentiles& lateness_ms() { return lateness_ms_; }

 private:
  std::vector<std::int64_t> last_;  // of each client
  std::int64_t first_expected_ = 0, last_expected_ = -1;
  Percentiles lateness_ms_;
  std::uint64_t count_ = 0, misplaced_ = 0;
};

void run_until(StreamClients& clients, Time time) {
  clients.run(std::chrono::ceil<milliseconds>(time - std::chrono::system_clock::now()));
}

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  Ticks ticks(load.clients);
  StreamClients clients(
      trial.server.port(), "/events?interval_ms=1000", load.clients,
      [&](std::size_t client, const ParsedEvent& event, Time now) { ticks.take(client, event, now); });
  const double before = kib_of(trial.server);
  const double open_s = clients.open_all();

  // The CPU is measured from half a second before the first tick until half a second after the last. What the clients
  // get before that is to warm up.
  const auto first = std::chrono::ceil<seconds>(std::chrono::system_clock::now()) + seconds(2);
  const auto last = first + seconds(load.events - 1);
  ticks.expect(first.time_since_epoch().count(), last.time_since_epoch().count());
  run_until(clients, first - milliseconds(500));
  const CpuMeter cpu(trial.server.process());
  run_until(clients, last + milliseconds(500));
  for (int i = 0; i < 30 && ticks.missing() > 0; ++i) clients.run(milliseconds(100));
  const auto count = static_cast<double>(std::max<std::uint64_t>(ticks.count(), 1));
  const double server_us = cpu.server_us() / count;
  const double kib = (kib_of(trial.server) - before) / static_cast<double>(load.clients);
  Percentiles& lateness = ticks.lateness_ms();
  return {.figures = {server_us, lateness.at(50), lateness.at(99), lateness.at(100), kib, open_s},
          .lost = ticks.missing(),
          .misplaced = ticks.misplaced()};
}

}  // namespace

Scenario generators_scenario() {
  return {.name = "generators",
          .question = "Does a generator for each client send each tick in time, and at what cost?",
          .load = {.clients = 10'000, .events = 6},
          .describe =
              [](const Load& load) {
                return std::to_string(load.clients) + " clocks, a tick at each second of real time, " +
                       std::to_string(load.events) + " ticks";
              },
          .why_not = with_a_clock,
          .figures = {{.name = "CPU us/event", .decimals = 2, .has_ratio = true, .has_spread = true},
                      {.name = "late p50 ms", .has_ratio = true},
                      {.name = "late p99 ms", .has_ratio = true, .has_spread = true},
                      {.name = "late max ms", .is_worst = true},
                      {.name = "KiB/client", .decimals = 2},
                      {.name = "open s", .decimals = 2}},
          .goals = {{.contender = "ours_generators2", .figure = "late p99 ms", .most = 5},
                    {.contender = "ours_generators", .figure = "KiB/client", .most = 1.5}},
          .measure = measure};
}

}  // namespace tidings::bench
