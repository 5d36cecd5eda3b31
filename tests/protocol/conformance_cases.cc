#include "tidings/tests/protocol/conformance_cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string_view>
#include <utility>

namespace tidings {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// An object with all of the required keys and none but the allowed ones: a slip of the pen must not weaken a case.
bool has_keys(const json& object, std::initializer_list<std::string_view> required,
              std::initializer_list<std::string_view> optional = {}) {
  if (!object.is_object()) return false;
  const auto is_in = [](std::initializer_list<std::string_view> keys, std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  std::size_t found = 0;
  for (const auto& item : object.items()) {
    if (is_in(required, item.key())) {
      ++found;
    } else if (!is_in(optional, item.key())) {
      return false;
    }
  }
  return found == required.size();
}

bool read_events(const json& events, std::vector<DispatchedEvent>& out) {
  if (!events.is_array()) return false;
  for (const json& event : events) {
    if (!has_keys(event, {"type", "data", "last_event_id"})) return false;
    for (const json& text : event) {
      if (!text.is_string()) return false;
    }
    out.push_back({event["type"], event["data"], event["last_event_id"]});
  }
  return true;
}

// A time above what the type holds is its greatest.
bool read_reconnection_time(const json& time, std::optional<std::chrono::milliseconds>& out) {
  if (time.is_null()) return true;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (time.is_number_unsigned()) {
    out.emplace(static_cast<std::int64_t>(std::min<std::uint64_t>(time.get<std::uint64_t>(), kMost)));
    return true;
  }
  if (!time.is_number_float() || time.get<double>() < static_cast<double>(kMost)) return false;
  out.emplace(kMost);  // above 64 bits
  return true;
}

// What is wrong with the expectations, or nothing.
std::string_view read_expectations(const json& file, ConformanceCase& out) {
  if (file.is_discarded()) return "is no JSON";
  if (!has_keys(file, {"events", "last_event_id", "reconnection_time"},
                {"starting_last_event_id", "line_ends", "deviations"})) {
    return "lacks a key or has an unknown one";
  }
  if (!read_events(file["events"], out.outcome.events)) return "has malformed events";
  if (!read_reconnection_time(file["reconnection_time"], out.outcome.reconnection_time)) {
    return "has a malformed reconnection_time";
  }
  const json start = file.value("starting_last_event_id", json(""));
  if (!file["last_event_id"].is_string() || !start.is_string()) return "has an id that is no string";
  out.outcome.last_event_id = file["last_event_id"];
  out.starting_last_event_id = start;
  if (file.contains("line_ends")) {
    if (file["line_ends"] != "as_is") return "has line_ends that are not as_is";
    out.any_line_end = false;
  } else if (out.bytes.find('\r') != std::string::npos) {
    return "does not say line_ends, but its stream has a CR";
  }
  return {};
}

}  // namespace

ConformanceTable read_conformance_table(const std::string& folder) {
  ConformanceTable table;
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& group : fs::directory_iterator(folder, error)) {
    if (!group.is_directory()) continue;
    for (const fs::directory_entry& file : fs::directory_iterator(group.path(), error)) files.push_back(file.path());
  }
  if (error) table.faults.push_back(folder + " can't be read: " + error.message());
  std::sort(files.begin(), files.end());
  for (fs::path path : files) {
    const std::string name = path.parent_path().filename().string() + "/" + path.stem().string();
    const bool is_stream = path.extension() == ".stream";
    if (!fs::exists(path.replace_extension(is_stream ? ".json" : ".stream"))) {
      table.faults.push_back(name + " is half a case: a case is a .stream and a .json");
    }
    if (!is_stream) continue;
    ConformanceCase found;
    found.name = name;
    found.bytes = read_file(path.replace_extension(".stream"));
    const std::string_view fault =
        read_expectations(json::parse(read_file(path.replace_extension(".json")), nullptr, false), found);
    if (fault.empty()) {
      table.cases.push_back(std::move(found));
    } else {
      table.faults.push_back(name + ".json " + std::string(fault));
    }
  }
  return table;
}

void PrintTo(const DispatchedEvent& event, std::ostream* out) {
  *out << '{' << testing::PrintToString(event.type) << ", " << testing::PrintToString(event.data) << ", "
       << testing::PrintToString(event.last_event_id) << '}';
}

void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << testing::PrintToString(outcome.events) << ", last event ID " << testing::PrintToString(outcome.last_event_id);
  if (outcome.reconnection_time) *out << ", reconnection time " << outcome.reconnection_time->count();
}

}  // namespace tidings
