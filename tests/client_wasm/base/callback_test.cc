// Function objects as values.
#include "tidings/client_wasm/base/callback.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace tidings {
namespace {

TEST(Callback, CallsWhatItHoldsWithItsArgumentsAndGivesItsResult) {
  int calls = 0;
  const Callback<std::string(int, const std::string&)> callback = [&calls](int count, const std::string& text) {
    ++calls;
    return text + std::to_string(count);
  };
  EXPECT_EQ(callback(7, "a"), "a7");
  EXPECT_EQ(callback(8, "b"), "b8");
  EXPECT_EQ(calls, 2);
}

TEST(Callback, WithoutAFunctionItIsFalse) {
  Callback<void()> callback;
  EXPECT_FALSE(callback);
  callback = [] {};
  EXPECT_TRUE(callback);
  callback = {};
  EXPECT_FALSE(callback);
}

TEST(Callback, HoldsWhatCanOnlyBeMoved) {
  const Callback<int()> callback = [number = std::make_unique<int>(3)] { return *number; };
  EXPECT_EQ(callback(), 3);
}

TEST(Callback, CopiesShareOneObjectThatEndsWithTheLast) {
  const auto held = std::make_shared<int>(0);
  Callback<int()> first = [held] { return ++*held; };
  EXPECT_EQ(held.use_count(), 2);
  Callback<int()> second = first;
  const Callback<int()> third = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_EQ(held.use_count(), 2);
  EXPECT_EQ(second(), 1);
  EXPECT_EQ(third(), 2);
  const Callback<int()>& same = second;
  second = same;
  second = {};
  EXPECT_EQ(held.use_count(), 2);
  EXPECT_EQ(third(), 3);
}

TEST(Callback, ACopyHeldDuringTheCallOutlivesTheOneThatIsReplaced) {
  Callback<void()> callback;
  std::string seen;
  callback = [&, captured = std::string(100, 'c')] {
    callback = {};
    seen = captured;
  };
  const Callback<void()> copy = callback;
  copy();
  EXPECT_EQ(seen, std::string(100, 'c'));
  EXPECT_FALSE(callback);
}

}  // namespace
}  // namespace tidings
