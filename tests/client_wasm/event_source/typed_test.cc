// Events as structs.
#include "tidings/client_wasm/event_source/typed.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "tidings/protocol/typed/typed.h"
#include "tidings/tests/client_wasm/fake_browser.h"

namespace {

struct Pose {
  double x = 0, y = 0;
};
TIDINGS_EVENT(Pose, "pose", x, y);

std::vector<std::string> console;

}  // namespace

extern "C" {

double tidings_typed_number(const char* text, std::size_t length) { return tidings::text_to_number(text, length); }

void tidings_typed_problem(const char* type, std::size_t type_length, const char* path, std::size_t path_length,
                           const char* what, std::size_t what_length) {
  console.push_back(std::string(type, type_length) + ": " + std::string(path, path_length) + ' ' +
                    std::string(what, what_length));
}
}

namespace tidings {
namespace {

TEST(Typed, EventsComeAsStructsAndWhatIsNoneIsToldOnTheConsole) {
  FakeBrowser browser;
  EventSource source("/channels/robot");
  std::vector<double> seen;
  const EventSource::Listener listener = source.on<Pose>([&seen](const Pose& pose) { seen = {pose.x, pose.y}; });
  browser.open(browser.source());
  browser.dispatch(browser.source(), "pose", R"({"x":1.5,"y":0.12345678901234567890})");
  EXPECT_EQ(seen, (std::vector<double>{1.5, 0.12345678901234567890}));
  seen.clear();
  browser.dispatch(browser.source(), "pose", R"({"x":1.5})");
  browser.dispatch(browser.source(), "message", R"({"x":1,"y":2})");
  EXPECT_TRUE(seen.empty());
  EXPECT_EQ(console, std::vector<std::string>{"pose: y is missing"});
  source.remove(listener);
  browser.dispatch(browser.source(), "pose", R"({"x":1,"y":2})");
  EXPECT_TRUE(seen.empty());
}

}  // namespace
}  // namespace tidings
