// A question that the benchmark puts to each contender in turn: what is done to its server, and which figures that
// gives. scenarios() gives all of them; each has a file *_scenario.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tidings/bench/meters/process_figures.h"
#include "tidings/bench/rivals/contenders.h"
#include "tidings/bench/rivals/server_process.h"

namespace tidings::bench {

// How much is done to the server; what a scenario has no use for is 0.
struct Load {
  std::size_t clients = 0;
  std::size_t events = 0;
  std::size_t bytes = 0;  // of an event's data
  std::size_t rate = 0;   // events a second
};

// A column of the table.
struct Figure {
  std::string name;  // with its unit
  int decimals = 1;
  bool has_ratio = false;   // beside the median of the rounds stands that of their ratios to each base's same round
  bool has_spread = false;  // a column of its own has the least and the most of the rounds
  bool is_worst = false;    // it is the most of all rounds instead of their median
};

// What one of ours must reach, with the load that the scenario has by default.
struct Goal {
  std::string contender, figure;  // by their names
  double most = std::numeric_limits<double>::infinity(), least = -most;
  std::string by = {};  // the contender by whose figure of the same round it is divided, where one is named
};

struct Outcome {
  std::vector<double> figures;  // in the order of the scenario's
  std::uint64_t lost = 0;       // events that did not come to some client
  std::uint64_t misplaced = 0;  // came twice, out of order or changed
};

struct Trial {
  const Load& load;
  const Contender& contender;
  ServerProcess& server;  // has just been started
  Contenders& contenders;
};

struct Scenario {
  std::string name;      // as --scenario takes it
  std::string question;  // one line
  Load load;
  std::string (*describe)(const Load&);        // what is done, in a sentence without its full stop
  std::string (*why_not)(const Contender&);    // empty, or why it can't take part
  std::vector<std::string> server_flags = {};  // for //server
  std::vector<std::string> bases = {"floor"};  // the contenders to which ratios are
  std::vector<Figure> figures;                 // the floor's first one tells whether the machine was quiet
  std::vector<Goal> goals = {};
  Outcome (*measure)(const Trial&);  // once; bounded in time. Throws std::exception where there are no figures
};

Scenario idle_scenario();
Scenario fanout_scenario();
Scenario generators_scenario();
Scenario churn_scenario();
Scenario stalled_scenario();
Scenario resume_scenario();
Scenario publish_scenario();
Scenario gather_scenario();
Scenario open_scenario();
Scenario history_scenario();
Scenario durable_scenario();
Scenario kept_scenario();
Scenario crowd_scenario();
Scenario slow_heads_scenario();
Scenario several_scenario();
Scenario nodes_scenario();
Scenario relayed_scenario();
Scenario many_scenario();
Scenario big_scenario();
Scenario growth_scenario();
Scenario restart_scenario();
Scenario latest_scenario();

const std::vector<Scenario>& scenarios();

// What a scenario's why_not can be.
// Who serves event streams by itself; the floor that gathers is for `publish`.
std::string anyone(const Contender& contender);
std::string with_a_clock(const Contender& contender);
std::string with_a_history(const Contender& contender);
std::string our_channel_alone(const Contender& contender);
std::string our_durable_ones(const Contender& contender);
std::string who_shares_a_redis(const Contender& contender);

// The server's memory as figures_of_tree() counts it.
double kib_of(const ServerProcess& server);
// The server's figures once it has no more descriptors than these: it has closed what clients have left. 3 s later at
// most.
ProcessFigures settled(const ServerProcess& server, std::size_t descriptors);

}  // namespace tidings::bench
