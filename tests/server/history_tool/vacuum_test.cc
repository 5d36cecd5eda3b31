// Unused pages go back to the disk while an engine goes on keeping.
#include "tidings/server/history_tool/vacuum.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "tidings/server/history/history_view.h"
#include "tidings/tests/server/history/engine.h"

namespace tidings {
namespace {

TEST(Vacuum, GivesWhatWasTrimmedBackWhilePublishingGoesOn) {
  Engine engine;
  for (int count = 0; count < 4000; ++count) engine.hand_in("news", std::string(1000, 'x'));
  engine.settle();
  engine.options.limits.max_events = 10;
  engine.restart();
  engine.settle();
  const std::uintmax_t before = std::filesystem::file_size(engine.folder.database());
  int steps = 0;
  const Vacuumed vacuumed = vacuum(engine.folder.database(), [&](std::int64_t) {
    ++steps;
    EXPECT_GT(engine.publish("news", "meanwhile").sequence, 0u);
  });
  EXPECT_GT(steps, 1);
  EXPECT_GT(vacuumed.given_back, 3'000'000);
  EXPECT_LT(std::filesystem::file_size(engine.folder.database()), before - 3'000'000);
  EXPECT_EQ(engine.blocks("news", engine.extent("news").next - 1).back(), "data: meanwhile\n");
}

TEST(Vacuum, WhereNothingIsUnusedItDoesNothing) {
  Engine engine;
  engine.publish("news", "x");
  EXPECT_EQ(vacuum(engine.folder.database(), [](std::int64_t) { FAIL(); }).given_back, 0);
}

}  // namespace
}  // namespace tidings
