#include "tidings/server/gateway/descriptor_budget.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace tidings {
namespace {

TEST(DescriptorBudget, FewOfManyAreKeptAndEnoughOfFew) {
  struct Row {
    int limit, scarce, in_reserve, among_last;  // the first of each
  };
  for (const Row& row : {Row{64, 48, 56, 60}, Row{1024, 976, 1000, 1012}, Row{20'000, 19'952, 19'976, 19'988}}) {
    const DescriptorBudget budget(row.limit);
    EXPECT_FALSE(budget.is_scarce(row.scarce - 1)) << row.limit;
    EXPECT_TRUE(budget.is_scarce(row.scarce)) << row.limit;
    EXPECT_FALSE(budget.is_in_reserve(row.in_reserve - 1)) << row.limit;
    EXPECT_TRUE(budget.is_in_reserve(row.in_reserve)) << row.limit;
    EXPECT_FALSE(budget.is_among_last(row.among_last - 1)) << row.limit;
    EXPECT_TRUE(budget.is_among_last(row.among_last)) << row.limit;
    EXPECT_EQ(budget.most_streams(0), static_cast<std::size_t>(row.scarce));
    EXPECT_EQ(budget.most_streams(row.scarce), 0u);
    EXPECT_EQ(budget.most_streams(row.limit), 0u);
  }
}

TEST(DescriptorBudget, OfAProcessItIsItsLimit) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(static_cast<rlim_t>(DescriptorBudget::of_process().limit()), limit.rlim_cur);
}

}  // namespace
}  // namespace tidings
