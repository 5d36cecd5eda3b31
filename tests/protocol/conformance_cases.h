// The conformance table of tests/data/event_stream, read: what a stream's bytes mean to every implementation.
// Its form is described by the README.md there. Not the feeding of a parser (conformance_test.cc). Any thread.
#pragma once

#include <chrono>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace tidings {

struct DispatchedEvent {
  std::string type, data, last_event_id;
  bool operator==(const DispatchedEvent&) const = default;
};

struct Outcome {
  std::vector<DispatchedEvent> events;
  std::string last_event_id;  // as a client that reconnects after the stream's end sends it
  std::optional<std::chrono::milliseconds> reconnection_time;
  bool operator==(const Outcome&) const = default;
};

struct ConformanceCase {
  std::string name;  // `group/name`
  std::string bytes;
  std::string starting_last_event_id;
  bool any_line_end = true;  // false: the case is about its line ends
  Outcome outcome;
};

struct ConformanceTable {
  std::vector<ConformanceCase> cases;  // by name
  std::vector<std::string> faults;     // of the files, a sentence each; a case with a fault is left out
};

// Reads the folder, whose path is relative to the repository's root, where tests run.
ConformanceTable read_conformance_table(const std::string& folder);

// What GoogleTest prints.
void PrintTo(const DispatchedEvent& event, std::ostream* out);
void PrintTo(const Outcome& outcome, std::ostream* out);

}  // namespace tidings
