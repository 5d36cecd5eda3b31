#include "tidings/server/loop/thread_team.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace tidings {
namespace {

std::vector<std::function<void()>> works(std::size_t count, const std::function<void()>& work) {
  return std::vector<std::function<void()>>(count, work);
}

TEST(ThreadTeam, AllAreThereBeforeTheFirstBegins) {
  std::atomic<int> begun = 0;
  ThreadTeam team;
  team.make("a thread ", works(4, [&] { ++begun; }));
  EXPECT_EQ(begun, 0);
  team.begin();
  team.join();
  EXPECT_EQ(begun, 4);
}

TEST(ThreadTeam, CanBeMadeAgainWhereSomethingElseWasMissing) {
  std::atomic<int> begun = 0;
  ThreadTeam team;
  team.make("a thread ", works(4, [&] { begun = 100; }));
  team.make("a thread ", works(4, [&] { ++begun; }));
  team.begin();
  team.join();
  EXPECT_EQ(begun, 4);
}

TEST(ThreadTeam, ToolsShowThemByTheirNames) {
  std::mutex mutex;
  std::set<std::string> names;
  ThreadTeam team;
  const auto work = [&] {
    char name[16] = {};
    pthread_getname_np(pthread_self(), name, sizeof name);
    const std::lock_guard lock(mutex);
    names.insert(name);
  };
  team.make("of a long team ", works(3, work), 9);
  team.begin();
  team.join();
  EXPECT_EQ(names, std::set<std::string>{"of a long team "}) << "the system keeps no more";
  names.clear();
  team.make("short ", works(3, work), 9);
  team.begin();
  team.join();
  EXPECT_EQ(names, (std::set<std::string>{"short 9", "short 10", "short 11"}));
}

TEST(ThreadTeam, WhatWasNotLetBeginNeverDoes) {
  std::atomic<int> begun = 0;
  {
    ThreadTeam team;
    team.make("a thread ", works(4, [&] { ++begun; }));
  }
  EXPECT_EQ(begun, 0);
}

// Sanitizers reserve more memory than a limit leaves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// In a process of its own, since the limit stays.
[[noreturn]] void ask_for_too_many() {
  rlimit small{};
  small.rlim_cur = small.rlim_max = 256 << 20;  // of memory, stacks included
  setrlimit(RLIMIT_AS, &small);
  bool has_begun = false;
  ThreadTeam team;
  try {
    team.make("a thread ", works(256, [&] { has_begun = true; }));
  } catch (const std::runtime_error& error) {
    const bool is_clear = std::string(error.what()).find("of 256 threads can be had") != std::string::npos;
    std::exit(is_clear && !has_begun ? 7 : 8);
  }
  std::exit(9);
}

TEST(ThreadTeam, MoreThanCanBeHadIsASentenceAndLeavesNone) {
  EXPECT_EXIT(ask_for_too_many(), testing::ExitedWithCode(7), "");
}

#endif

}  // namespace
}  // namespace tidings
