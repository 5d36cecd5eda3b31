// The benchmark runs, small: nothing is lost, and its tables are there. Needs no rival.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <string>

namespace {

struct Ended {
  int code = -1;
  std::string output;
};

Ended run(const std::string& arguments) {
  Ended ended;
  std::FILE* pipe = popen(("bench/fanout " + arguments).c_str(), "r");
  char bytes[4096];
  while (const std::size_t count = std::fread(bytes, 1, sizeof bytes, pipe)) ended.output.append(bytes, count);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  return ended;
}

// Cells of the first row that begins with this title.
bool has_row(const std::string& output, const std::string& title) {
  return output.find("\n| " + title + " | ") != std::string::npos;
}

TEST(Fanout, OursAndTheFloorLoseNothing) {
  const Ended ended = run(
      "--scenario fanout,churn,stalled,resume,publish,open,several,big,growth,restart "
      "--servers floor,floor_gathering,ours,ours_generators --rounds 1 --clients 20 --events 20 --rate 100 --markdown");
  EXPECT_EQ(ended.code, 0) << ended.output;
  for (const char* title : {"floor: bare epoll and send()", "floor that gathers: one send() a turn", "Tidings, channel",
                            "Tidings, generator per client"}) {
    EXPECT_TRUE(has_row(ended.output, title)) << ended.output;
  }
  EXPECT_EQ(ended.output.find("FAILED"), std::string::npos) << ended.output;
  EXPECT_NE(ended.output.find("- not there, it keeps no history to resume from: floor"), std::string::npos)
      << ended.output;
}

TEST(Fanout, ClientsOfAKilledServerComeBackForWhatItHasKept) {
  const Ended ended = run("--scenario restart --servers ours_process --rounds 1 --clients 20 --events 5 --markdown");
  EXPECT_EQ(ended.code, 0) << ended.output;
  EXPECT_TRUE(has_row(ended.output, "Tidings, kept over a kill")) << ended.output;
}

TEST(Fanout, NodesThatShareARedisLoseNothing) {
  const Ended many = run("--scenario many --servers ours,ours_redis --rounds 1 --clients 20 --events 1 2>&1");
  EXPECT_EQ(many.code, 0) << many.output;
  const Ended ended =
      run("--scenario fanout,durable,nodes,relayed --servers ours,ours_redis,redis_benchmark --rounds 1 --clients 20 "
          "--events 64 --rate 100 --markdown 2>&1");
  EXPECT_EQ(ended.code, 0) << ended.output;
  for (const char* title : {"Tidings, kept in Redis", "the same, by redis-benchmark"}) {
    EXPECT_TRUE(has_row(ended.output, title)) << ended.output;
  }
  EXPECT_EQ(ended.output.find("FAILED"), std::string::npos) << ended.output;
}

TEST(Fanout, AChannelThatGathersLosesNothing) {
  const Ended ended =
      run("--scenario gather --servers ours,ours_gathering --rounds 1 --clients 20 --events 128 --markdown");
  EXPECT_EQ(ended.code, 0) << ended.output;
  EXPECT_TRUE(has_row(ended.output, "Tidings, gathering for 5 ms")) << ended.output;
}

TEST(Fanout, ServersBehindAVethPairLoseNothingOrItSaysWhatThatNeeds) {
  const Ended ended =
      run("--veth --scenario fanout --servers floor,ours,ours_generators --rounds 1 --clients 20 "
          "--events 5 --rate 100 --markdown 2>&1");
  if (ended.code == 1) {
    EXPECT_NE(ended.output.find("--veth needs root, iproute2"), std::string::npos) << ended.output;
    return;
  }
  EXPECT_EQ(ended.code, 0) << ended.output;
  EXPECT_TRUE(has_row(ended.output, "Tidings, generator per client")) << ended.output;
}

TEST(Fanout, ClientsOfAValueThatChangesHaveTheNewest) {
  const Ended ended = run("--scenario latest --servers ours_generators --rounds 1 --clients 20 --events 1 --markdown");
  EXPECT_EQ(ended.code, 0) << ended.output;
  EXPECT_TRUE(has_row(ended.output, "Tidings, generator per client")) << ended.output;
}

TEST(Fanout, EveryClockTicks) {
  const Ended ended = run("--scenario generators --servers ours_generators --rounds 1 --clients 20 --events 1");
  EXPECT_EQ(ended.code, 0) << ended.output;
}

TEST(Fanout, WrongUsageIsExitCode2) {
  EXPECT_EQ(run("--scenario other 2>&1").code, 2);
  EXPECT_EQ(run("--servers other 2>&1").code, 2);
  EXPECT_EQ(run("--quick --clients 20 2>&1").code, 2);
  EXPECT_EQ(run("--record 2>&1").code, 2);
}

}  // namespace
