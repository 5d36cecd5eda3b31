#include "tidings/server/channels/cold_run.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

namespace tidings {
namespace {

TEST(ColdRun, FewAreLongAndThoseOfACrowdAreSmallTogether) {
  const auto count = std::make_shared<std::atomic<std::size_t>>(0);
  EXPECT_GE(ColdRun(count).share(), std::size_t{100} * 1000);  // a thousand events of a hundred bytes in one
  std::vector<std::unique_ptr<ColdRun>> crowd;
  for (int i = 0; i < 2000; ++i) crowd.push_back(std::make_unique<ColdRun>(count));
  EXPECT_LE(crowd.size() * crowd.back()->share(), std::size_t{32} << 20);
  crowd.clear();
  EXPECT_EQ(*count, 0u);
  EXPECT_GE(ColdRun(count).share(), std::size_t{100} * 1000);
}

}  // namespace
}  // namespace tidings
