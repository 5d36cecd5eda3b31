#include "tidings/bench/results.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>

#include "tidings/bench/load/publisher.h"
#include "tidings/bench/meters/machine_load.h"
#include "tidings/bench/meters/process_figures.h"

namespace tidings::bench {
namespace {

// Of a server and those that it works with, as far as they have not ended.
std::chrono::nanoseconds cpu_of_all(const ServerProcess& server) {
  auto sum = server.process() > 0 ? cpu_of_tree(server.process()) : std::chrono::nanoseconds(0);
  for (const auto& other : server.others()) sum += cpu_of_all(*other);
  return sum;
}

Round run(const Scenario& scenario, const Load& load, const Contender& contender, Contenders& contenders) {
  const MachineLoad machine;
  // What the machine does for this round, beside the servers that have not ended.
  const auto known_cpu = [&] { return cpu_of(getpid()) + cpu_of_ended_children() + contenders.network_cpu(); };
  const auto before = known_cpu();
  const std::unique_ptr<ServerProcess> server = contenders.start(contender, scenario.server_flags);
  // With its first event a server sets up what it keeps, which is not to be measured.
  Publisher(server->port(), "load", Publisher::kFewestBytes, 0, contender.protocol).publish(1);
  Round round{
      .outcome = scenario.measure({.load = load, .contender = contender, .server = *server, .contenders = contenders})};
  round.others = machine.others(cpu_of_all(*server) + known_cpu() - before);
  return round;
}

std::string summary(const Scenario& scenario, const Round& round) {
  std::string text;
  char part[80];
  for (std::size_t i = 0; i < scenario.figures.size(); ++i) {
    const Figure& figure = scenario.figures[i];
    std::snprintf(part, sizeof part, "%s %.*f, ", figure.name.c_str(), figure.decimals, round.outcome.figures[i]);
    text += part;
  }
  std::snprintf(part, sizeof part, "others took %.0f %%", round.others * 100);
  return text + std::to_string(round.outcome.lost) + " lost, " + part;
}

}  // namespace

Results run(const Scenario& scenario, const Load& load, const std::vector<Contender>& field, std::size_t rounds,
            Contenders& contenders) {
  Results results{.scenario = scenario, .load = load};
  for (const Contender& contender : field) {
    std::string reason = scenario.why_not(contender);
    if (reason.empty()) reason = contenders.prepare(contender);
    results.rows.push_back({.contender = contender, .left_out = reason});
  }
  for (std::size_t i = 0; i < rounds; ++i) {
    for (Results::Row& row : results.rows) {
      if (!row.left_out.empty() || !row.failure.empty()) continue;
      std::string told;
      try {
        row.rounds.push_back(run(scenario, load, row.contender, contenders));
        told = summary(scenario, row.rounds.back());
      } catch (const std::exception& error) {
        row.failure = error.what();
        told = "FAILED, " + row.failure;
      }
      std::fprintf(stderr, "%s, round %zu of %zu, %s: %s\n", scenario.name.c_str(), i + 1, rounds,
                   row.contender.title.c_str(), told.c_str());
    }
  }
  return results;
}

}  // namespace tidings::bench
