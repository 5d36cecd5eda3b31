#include "tidings/server/loop/processors.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>
#include <string>
#include <thread>

namespace tidings {
namespace {

// As the kernel writes it.
std::string allowed_list() {
  std::ifstream status("/proc/thread-self/status");
  for (std::string name, rest; status >> name && std::getline(status >> std::ws, rest);) {
    if (name == "Cpus_allowed_list:") return rest;
  }
  return {};
}

TEST(Processors, AreThoseOfWhichTheKernelTells) {
  EXPECT_NE(allowed_list(), "");
  EXPECT_EQ(Processors::of_this_thread().text(), allowed_list());
}

TEST(Processors, WhoTakesOneRunsThereUntilItTakesOthers) {
  std::thread([] {
    const Processors before = Processors::of_this_thread();
    const auto here = static_cast<unsigned>(sched_getcpu());
    ASSERT_TRUE(Processors::one(here).take());
    EXPECT_EQ(allowed_list(), std::to_string(here));
    EXPECT_EQ(static_cast<unsigned>(sched_getcpu()), here);
    std::thread([here] { EXPECT_EQ(allowed_list(), std::to_string(here)); }).join();
    EXPECT_TRUE(before.take());
    EXPECT_EQ(allowed_list(), before.text());
  }).join();
}

TEST(Processors, OneThatIsNotThereIsNotTaken) {
  for (const unsigned number : {Processors::kMost - 1, Processors::kMost, ~0u}) {
    const std::string before = allowed_list();
    EXPECT_FALSE(Processors::one(number).take()) << number;
    EXPECT_EQ(allowed_list(), before);
  }
  EXPECT_EQ(Processors::one(Processors::kMost).text(), "");
  EXPECT_EQ(Processors::one(Processors::kMost - 1).text(), "8191");
}

}  // namespace
}  // namespace tidings
