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
  std::string note;
};
TIDINGS_EVENT(Pose, "pose", x, y, (note));

std::vector<std::string> console;

}  // namespace

extern "C" {

double tidings_typed_number(const char* text, std::size_t length) { return tidings::kJsonHelp.number(text, length); }

std::size_t tidings_typed_text(const char* text, std::size_t length, char* into) {
  return tidings::kJsonHelp.text(text, length, into);
}

void tidings_typed_problem(const char* type, std::size_t type_length, const char* path, std::size_t path_length,
                           const char* what) {
  console.push_back(std::string(type, type_length) + ": " + std::string(path, path_length) + ' ' + what);
}
}

namespace tidings {
namespace {

TEST(Typed, EventsComeAsStructsAndWhatIsNoneIsToldOnTheConsole) {
  FakeBrowser browser;
  EventSource source("/channels/robot");
  std::vector<double> seen;
  std::string note;
  const EventSource::Listener listener = source.on<Pose>([&](const Pose& pose) {
    seen = {pose.x, pose.y};
    note = pose.note;
  });
  browser.open(browser.source());
  browser.dispatch(browser.source(), "pose", R"({"x":1.5,"y":0.12345678901234567890,"note":"a\tb"})");
  EXPECT_EQ(seen, (std::vector<double>{1.5, 0.12345678901234567890}));
  EXPECT_EQ(note, "a\tb");
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
