// A small run of the benchmark that kills a cluster, with a real Redis.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace {

void expect_nothing_wrong(const std::string& arguments) {
  const std::string command = "bench/kill_cluster " + arguments + " --folder '" + testing::TempDir() + "' 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  char bytes[4096];
  while (const std::size_t count = std::fread(bytes, 1, sizeof bytes, pipe)) output.append(bytes, count);
  EXPECT_EQ(pclose(pipe), 0) << output;
  EXPECT_NE(output.find("| ids used twice                        |         0 |"), std::string::npos) << output;
}

TEST(KillCluster, NothingIsLostAndNoGapToldWhereRedisKeepsAll) { expect_nothing_wrong("--kills 10 --seed 7"); }

TEST(KillCluster, WhereRedisMayHaveLostSomethingAGapIsTold) {
  expect_nothing_wrong("--kills 5 --seed 7 --fsync everysec");
}

TEST(KillCluster, WhatAPromotedReplicaDoesNotHaveIsToldByAGap) { expect_nothing_wrong("--kills 10 --seed 7 --lag"); }

}  // namespace
