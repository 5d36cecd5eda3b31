// Blocks over memory of the test's own.
#include "tidings/client_wasm/memory/blocks.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace tidings {
namespace {

constexpr std::size_t kMemory = 1 << 20;
constexpr std::size_t kHead = alignof(std::max_align_t);

alignas(std::max_align_t) char memory[kMemory];
std::size_t taken = 0;

void* take_more(std::size_t bytes) {
  if (bytes > kMemory - taken) return nullptr;
  void* const more = memory + taken;
  taken += bytes;
  return more;
}

class BlocksTest : public testing::Test {
 protected:
  BlocksTest() { taken = 0; }
  Blocks blocks_{take_more};
};

TEST_F(BlocksTest, EveryBlockHoldsWhatWasAskedForWhereAnyTypeMayBe) {
  for (std::size_t bytes = 0; bytes < 300; ++bytes) {
    void* const block = blocks_.allocate(bytes);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignof(std::max_align_t), 0u) << bytes;
    EXPECT_GE(Blocks::capacity(block), bytes);
    EXPECT_LE(Blocks::capacity(block), 2 * bytes + kHead) << bytes;
  }
}

TEST_F(BlocksTest, WhatIsReleasedIsTakenAgainByTheNextOfItsSize) {
  void* const first = blocks_.allocate(100);
  void* const second = blocks_.allocate(100);
  EXPECT_NE(first, second);
  const std::size_t before = taken;
  blocks_.release(first);
  blocks_.release(second);
  EXPECT_NE(blocks_.allocate(10), second) << "of another size";
  EXPECT_GT(taken, before);
  const std::size_t after = taken;
  EXPECT_EQ(blocks_.allocate(97), second);
  EXPECT_EQ(blocks_.allocate(103), first);
  EXPECT_EQ(taken, after);
}

TEST_F(BlocksTest, NothingIsReleasedAsNothing) { blocks_.release(nullptr); }

TEST_F(BlocksTest, WithoutMemoryItGivesNone) {
  void* const all = blocks_.allocate(kMemory - kHead);
  EXPECT_EQ(all, memory + kHead);
  EXPECT_EQ(blocks_.allocate(0), nullptr);
  EXPECT_EQ(blocks_.allocate(1), nullptr);
  blocks_.release(all);
  EXPECT_EQ(blocks_.allocate(1), nullptr) << "blocks are not split";
  EXPECT_EQ(blocks_.allocate(kMemory / 2), all) << "which is more than half with its head";
}

TEST_F(BlocksTest, ASizeThatNoneCanHaveIsRefusedBeforeItIsRoundedUp) {
  constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  for (const std::size_t bytes : {kAll, kAll - 1, kAll - 15, kAll - 16, kAll / 2, kAll / 2 + 1, kAll / 4 + 1, kAll / 4})
    EXPECT_EQ(blocks_.allocate(bytes), nullptr) << bytes;
  EXPECT_EQ(taken, 0u);
}

// Each is filled to its end with a letter of its own, which nobody else may touch.
TEST_F(BlocksTest, BlocksThatComeAndGoKeepWhatTheyHold) {
  struct Held {
    char* at;
    std::size_t size;
    char letter;
  };
  std::mt19937 random(7);
  std::vector<Held> held;
  const auto drop = [&](std::size_t index) {
    const Held block = held[index];
    for (std::size_t i = 0; i < block.size; ++i) ASSERT_EQ(block.at[i], block.letter);
    blocks_.release(block.at);
    held[index] = held.back();
    held.pop_back();
  };
  for (int i = 0; i < 100'000; ++i) {
    if (held.size() == 64 || (!held.empty() && random() % 2 == 0)) {
      drop(random() % held.size());
    } else {
      const std::size_t bytes = random() % (std::size_t{1} << random() % 12);
      char* const block = static_cast<char*>(blocks_.allocate(bytes));
      ASSERT_NE(block, nullptr) << "64 of at most 4 KiB of each size fit";
      held.push_back({block, Blocks::capacity(block), static_cast<char>('a' + i % 26)});
      std::memset(block, held.back().letter, held.back().size);
    }
  }
  while (!held.empty()) drop(0);
}

}  // namespace
}  // namespace tidings
