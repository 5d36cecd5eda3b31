// JSON of strangers, read into a struct: what is taken is JSON, with the values that another parser sees in it, and is
// the same when it is written and read again; what is refused is told with a path and a reason. An input is the JSON.
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/protocol/typed/json_reader.h"
#include "tidings/protocol/typed/typed.h"
#include "tidings/protocol/utf8.h"
#include "tidings/tests/fuzz/fuzz.h"

namespace tidings::fuzz {
namespace {

struct Inner {
  float short_real = 0;
  std::optional<std::string> note;
};
TIDINGS_STRUCT(Inner, (short_real), note);

struct Robot {
  bool is_on = false;
  double x = 0;
  std::int8_t small = 0;
  std::uint64_t big = 0;
  std::int64_t offset = 0;
  std::string text;
  std::vector<Inner> list;
  std::vector<Robot> others;
};
TIDINGS_STRUCT(Robot, (is_on), x, (small), (big), (offset), (text), (list), (others));

std::string json(const Robot& robot) { return to_json(&robot, *describe<Robot>()); }

// The other parser refuses half a surrogate pair, and a number that no double holds.
bool may_differ(std::string_view text) {
  if (text.find("\\u") != text.npos) return true;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if ((text[i] | 0x20) == 'e' && text[i - 1] >= '0' && text[i - 1] <= '9') return true;
  }
  return false;
}

void check_values(const Robot& robot, std::string_view text) {
  std::string valid;
  append_utf8(text, valid);
  const auto other = nlohmann::json::parse(valid, nullptr, false);
  expect(other.is_object(), "what is taken is JSON");
  const nlohmann::json& x = other.at("x");
  expect(x.is_null() ? std::isnan(robot.x) : x.get<double>() == robot.x, "a double is the nearest to its text");
  const auto big = other.find("big");
  if (big != other.end()) {
    expect((big->is_string() ? std::stoull(big->get<std::string>()) : big->get<std::uint64_t>()) == robot.big,
           "64 bits are exact");
  }
  const auto told = other.find("text");
  if (told != other.end()) {
    std::string read;
    append_utf8(robot.text, read);
    expect(*told == read, "a text is what it stands for");
  }
}

void check(std::string_view text) {
  JsonProblem problem;
  const std::optional<Robot> robot = from_json<Robot>(text, problem);
  if (!robot) {
    expect(*problem.what != '\0', "what is refused is told with a reason");
    return;
  }
  if (!may_differ(text)) check_values(*robot, text);
  const std::string written = json(*robot);
  const std::optional<Robot> again = from_json<Robot>(written, problem);
  expect(again.has_value(), "what is written can be read");
  expect(json(*again) == written, "and is what it was");
}

}  // namespace
}  // namespace tidings::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tidings::fuzz::check(tidings::fuzz::as_text(data, size));
  return 0;
}
