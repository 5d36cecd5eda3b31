#include "tidings/bench/scenarios/scenario.h"

#include <chrono>

namespace tidings::bench {

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> kScenarios = {
      idle_scenario(),    fanout_scenario(),  generators_scenario(), churn_scenario(),   stalled_scenario(),
      resume_scenario(),  publish_scenario(), open_scenario(),       history_scenario(), slow_heads_scenario(),
      durable_scenario(), kept_scenario(),    crowd_scenario(),      several_scenario(), big_scenario(),
      growth_scenario(),  restart_scenario(), gather_scenario(),     latest_scenario(),  nodes_scenario(),
      relayed_scenario(), many_scenario(),
  };
  return kScenarios;
}

std::string anyone(const Contender& contender) {
  if (contender.name == "floor_gathering") return "one event at a time leaves nothing to gather";
  if (contender.name == "ours_gathering") return "what gathering gains is the question of `gather`";
  if (contender.has_redis) return "nodes that share a Redis have questions of their own";
  return contender.has_streams() ? "" : "it serves no event streams";
}

std::string with_a_clock(const Contender& contender) {
  return contender.has_clock ? "" : "it generates nothing, events are published to it";
}

std::string our_durable_ones(const Contender& contender) {
  return contender.is_ours() && !contender.durability.empty() ? "" : "the question is about //server --data_dir alone";
}

std::string who_shares_a_redis(const Contender& contender) {
  return contender.has_redis ? "" : "the question is about nodes that share a Redis";
}

std::string with_a_history(const Contender& contender) {
  if (contender.has_redis) return anyone(contender);
  return contender.keeps_history ? "" : "it keeps no history to resume from";
}

std::string our_channel_alone(const Contender& contender) {
  return contender.name == "ours" || contender.name == "ours2" ? "" : "the question is about //server alone";
}

double kib_of(const ServerProcess& server) {
  return static_cast<double>(figures_of_tree(server.process()).private_bytes) / 1024;
}

ProcessFigures settled(const ServerProcess& server, std::size_t descriptors) {
  using Clock = std::chrono::steady_clock;
  ProcessFigures figures = figures_of_tree(server.process());
  for (const auto end = Clock::now() + std::chrono::seconds(3);
       figures.descriptors > descriptors && Clock::now() < end;) {
    figures = figures_of_tree(server.process());
  }
  return figures;
}

}  // namespace tidings::bench
