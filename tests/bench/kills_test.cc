// What the kill benchmark would say of a server that breaks a promise: nothing that a publisher or a subscriber is told
// wrongly goes unnoticed. And a small run of the benchmark itself, against the program.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "tidings/bench/kills/ledger.h"
#include "tidings/bench/kills/reading.h"
#include "tidings/bench/kills/verdict.h"

namespace tidings::bench {
namespace {

constexpr Publication kFirst{0, 0}, kSecond{1, 2}, kThird{0, 3};  // of channel 0
constexpr Publication kOther{0, 1};                               // of channel 1

struct Told {
  std::string type, data, id;
};
Told message(const Publication& publication, std::string id) { return {"message", publication.data(), std::move(id)}; }

struct Case {
  const char* name;
  std::vector<Told> told;  // to a subscriber of channel 0
  std::vector<Fault> expected;
};

class Kills : public testing::Test {
 protected:
  std::vector<std::uint64_t> counts() const {
    std::vector<std::uint64_t> counts;
    for (const Fault fault : {Fault::kLost, Fault::kTwice, Fault::kIdUsedTwice, Fault::kGap, Fault::kOther}) {
      counts.push_back(verdict_.count(fault));
    }
    return counts;
  }

  Verdict verdict_;
  Ledger ledger_{2, verdict_};
};

void take(Reading& reading, const std::vector<Told>& all) {
  for (const Told& told : all) reading.take({.type = told.type, .data = told.data, .last_event_id = told.id});
}

TEST(KillsReading, EachPromiseThatIsBrokenIsFoundAndNamed) {
  const std::vector<Case> cases = {
      {"all is well", {{"begin", "{}", "E-0"}, message(kFirst, "E-1"), message(kSecond, "E-2")}, {}},
      {"one is left out", {{"begin", "{}", "E-0"}, message(kThird, "E-2")}, {Fault::kLost}},
      {"one comes again", {{"begin", "{}", "E-0"}, message(kFirst, "E-1"), message(kFirst, "E-1")}, {Fault::kTwice}},
      {"one comes under another id",
       {{"begin", "{}", "E-0"}, message(kFirst, "E-1"), message(kFirst, "E-2")},
       {Fault::kTwice}},
      {"an id has come before with another event",
       {{"begin", "{}", "E-0"}, message(kFirst, "E-1"), {"gap", "{}", "E-0"}, message(kSecond, "E-1")},
       {Fault::kIdUsedTwice, Fault::kGap}},
      {"a gap", {{"begin", "{}", "E-0"}, {"gap", "{}", "E-1"}, message(kSecond, "E-2")}, {Fault::kGap}},
      {"another epoch", {{"begin", "{}", "E-0"}, message(kFirst, "F-1")}, {Fault::kLost, Fault::kGap}},
      {"a begin in the midst", {{"begin", "{}", "E-0"}, {"begin", "{}", "E-0"}}, {Fault::kOther}},
      {"what was never published", {{"begin", "{}", "E-0"}, {"message", kFirst.data() + 'x', "E-1"}}, {Fault::kOther}},
      {"an event of another channel", {{"begin", "{}", "E-0"}, message(kOther, "E-1")}, {Fault::kLost, Fault::kOther}},
      {"another type", {{"begin", "{}", "E-0"}, {"channel0", kFirst.data(), "E-1"}}, {Fault::kOther}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    Verdict verdict;
    Ledger ledger(2, verdict);
    Reading reading("a subscriber", {0}, ledger, verdict);
    take(reading, each.told);
    for (const Fault fault : {Fault::kLost, Fault::kTwice, Fault::kIdUsedTwice, Fault::kGap, Fault::kOther}) {
      const bool is_expected = std::count(each.expected.begin(), each.expected.end(), fault) > 0;
      EXPECT_EQ(verdict.count(fault) > 0, is_expected) << static_cast<int>(fault);
    }
  }
}

// Where Redis may lose what was acknowledged: what a subscriber of channel 0 is told, and is found wrong with that.
TEST(KillsReading, WhatIsLostIsToldByAGap) {
  const std::vector<Case> cases = {
      {"a gap into another epoch, in which sequences go on",
       {{"begin", "{}", "E-0"}, message(kFirst, "E-1"), {"gap", "{}", "F-1"}, message(kSecond, "F-2")},
       {}},
      {"what it has had comes again behind a gap, by the id of the new epoch",
       {{"begin", "{}", "E-0"}, message(kFirst, "E-1"), {"gap", "{}", "F-0"}, message(kFirst, "F-1")},
       {}},
      {"another epoch without a gap",
       {{"begin", "{}", "E-0"}, message(kFirst, "E-1"), message(kSecond, "F-2")},
       {Fault::kLost}},
      {"one is left out behind a gap",
       {{"begin", "{}", "E-0"}, {"gap", "{}", "F-0"}, message(kSecond, "F-2")},
       {Fault::kLost}},
      {"an id of the old epoch is given once more",
       {{"begin", "{}", "E-0"}, message(kFirst, "E-1"), {"gap", "{}", "E-0"}, message(kSecond, "E-1")},
       {Fault::kIdUsedTwice}},
      {"one has two ids in an epoch",
       {{"begin", "{}", "E-0"}, {"gap", "{}", "F-0"}, message(kFirst, "F-1"), message(kFirst, "F-2")},
       {Fault::kTwice}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    Verdict verdict;
    Ledger ledger(2, verdict, Ledger::Losses::kTold);
    Reading reading("a subscriber", {0}, ledger, verdict);
    take(reading, each.told);
    EXPECT_EQ(verdict.count(), each.expected.size());
    for (const Fault fault : each.expected) EXPECT_EQ(verdict.count(fault), 1) << static_cast<int>(fault);
  }
}

TEST(KillsReading, AGapOfOneChannelLeavesTheOthersAlone) {
  Verdict verdict;
  Ledger ledger(2, verdict, Ledger::Losses::kTold);
  Reading reading("a subscriber", {0, 1}, ledger, verdict);
  take(reading, {{"begin", "{}", "channel0:E-0,channel1:F-0"},
                 {"gap", R"({"channel":"channel1","asked":"F-0","first":"H-1"})", "channel0:E-0,channel1:H-3"}});
  EXPECT_EQ(verdict.count(), 0);
  EXPECT_EQ(reading.gaps(), 1);
  take(reading, {{"gap", R"({"channel":"channel1","asked":"H-3","first":"H-1"})", "channel0:E-5,channel1:H-3"}});
  EXPECT_EQ(verdict.count(Fault::kLost), 1);
}

TEST(KillsLedger, WhatTheNewestEpochDoesNotHaveIsCountedAndItsReadersMustHaveCome) {
  Verdict verdict;
  Ledger ledger(2, verdict, Ledger::Losses::kTold);
  ledger.acknowledged(kFirst, "E-1");
  ledger.acknowledged(kThird, "E-3");
  ledger.acknowledged(kSecond, "F-2");
  ledger.close();
  EXPECT_EQ(verdict.count(), 0) << "in an epoch that has ended, one is missing whom nobody was told of";
  EXPECT_EQ(ledger.acknowledged(), 3);
  EXPECT_EQ(ledger.lost(), 2);
  EXPECT_TRUE(ledger.is_at_the_end(0, {.epoch = "F", .sequence = 2}));
  EXPECT_FALSE(ledger.is_at_the_end(0, {.epoch = "E", .sequence = 3}));
  ledger.end(0, {.epoch = "E", .sequence = 3}, "a reader");
  EXPECT_EQ(verdict.count(Fault::kLost), 1) << "it was told nothing";
}

TEST_F(Kills, AStreamOfAllChannelsStandsInEach) {
  Reading reading("a subscriber", {0, 1, 2}, ledger_, verdict_);
  take(reading, {{"begin", "{}", "channel0:E-0,channel1:F-0,channel2:G-0"},
                 {"channel1", kOther.data(), "channel0:E-0,channel1:F-1,channel2:G-0"},
                 {"channel0", kFirst.data(), "channel0:E-1,channel1:F-1,channel2:G-0"}});
  EXPECT_EQ(verdict_.count(), 0);
  EXPECT_EQ(reading.count(), 2);
  take(reading, {{"channel0", kSecond.data(), "channel0:E-2,channel1:F-2,channel2:G-0"}});
  EXPECT_EQ(counts(), (std::vector<std::uint64_t>{1, 0, 0, 0, 0})) << "the place in channel1 skips an event";
}

TEST_F(Kills, WhatWasAcknowledgedAndNeverCameIsLost) {
  Reading reading("a subscriber", {0}, ledger_, verdict_);
  take(reading, {{"begin", "{}", "E-0"}, message(kFirst, "E-1")});
  EXPECT_TRUE(reading.is_at_the_end());
  ledger_.acknowledged(kSecond, "E-2");
  EXPECT_FALSE(reading.is_at_the_end());
  reading.end();
  EXPECT_EQ(counts(), (std::vector<std::uint64_t>{1, 0, 0, 0, 0}));
}

TEST_F(Kills, APublisherAndASubscriberAreToldTheSameId) {
  ledger_.acknowledged(kFirst, "E-1");
  ledger_.acknowledged(kFirst, "E-1");
  EXPECT_EQ(ledger_.acknowledged(), 1);
  ledger_.seen(kFirst, "E-1");
  EXPECT_EQ(verdict_.count(), 0);
  ledger_.seen(kSecond, "E-1");
  EXPECT_EQ(counts(), (std::vector<std::uint64_t>{0, 0, 1, 0, 0}));
  ledger_.acknowledged(kFirst, "E-2");
  EXPECT_EQ(counts(), (std::vector<std::uint64_t>{0, 1, 1, 0, 0}));
}

TEST_F(Kills, InTheEndEachIdIsSomeEventsAndAPublishersEventsAreInOrder) {
  ledger_.acknowledged(kThird, "E-1");
  ledger_.acknowledged(kFirst, "E-3");
  ledger_.close();
  EXPECT_EQ(counts(), (std::vector<std::uint64_t>{1, 0, 0, 0, 1}));
}

TEST(Kill, ASmallRunFindsNothingWrong) {
  for (const char* durability : {"process", "power"}) {
    const std::string folder = testing::TempDir();
    const std::string command =
        std::string("bench/kill --kills 8 --seed 7 --durability ") + durability + " --folder '" + folder + "' 2>&1";
    std::FILE* pipe = popen(command.c_str(), "r");
    std::string output;
    char bytes[4096];
    while (const std::size_t count = std::fread(bytes, 1, sizeof bytes, pipe)) output.append(bytes, count);
    EXPECT_EQ(pclose(pipe), 0) << output;
    EXPECT_NE(output.find("--seed 7\n"), std::string::npos) << output;
    EXPECT_NE(output.find("| ids used twice              |         0 |"), std::string::npos) << output;
  }
}

}  // namespace
}  // namespace tidings::bench
