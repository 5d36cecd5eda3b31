// Who is told of a socket while several move and close in one round of the set.
#include "tidings/server/loop/socket_set.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "tidings/server/loop/loop_context.h"
#include "tidings/server/loop/loop_metrics.h"
#include "tidings/tests/server/socket_pair.h"

namespace tidings {
namespace {

// Counts what it is told, and does what it was given to do then.
class Told final : public WatchedSocket::Owner {
 public:
  WatchedSocket socket;
  int readable = 0, writable = 0, gone = 0;
  std::function<void()> when_readable = [] {};

 private:
  void on_readable() override {
    ++readable;
    when_readable();
  }
  void on_writable() override { ++writable; }
  void on_gone() override { ++gone; }
};

class SocketSetTest : public testing::Test {
 protected:
  void give(SocketPair& pair, Told& owner) {
    owner.socket = set_.add(pair.take());
    owner.socket.report_to(owner);
  }
  void round() { context_.context().poll_one(); }

  LoopContext context_;
  Count count_;
  SocketSet set_{context_, count_};
  std::array<char, 100> buffer_;
};

TEST_F(SocketSetTest, ItsOwnerIsToldForAsLongAsThereIsSomethingToReceive) {
  SocketPair pair;
  Told owner;
  give(pair, owner);
  round();
  EXPECT_EQ(owner.readable, 0);
  pair.send("bytes");
  round();
  round();
  EXPECT_EQ(owner.readable, 2);
  EXPECT_EQ(owner.socket.receive(buffer_).bytes, 5u);
  round();
  EXPECT_EQ(owner.readable, 2);
}

TEST_F(SocketSetTest, TheNextOwnerIsToldWhatTheLastOneLeft) {
  SocketPair pair;
  Told first, second;
  give(pair, first);
  pair.send("bytes");
  first.when_readable = [&] {
    second.socket = std::move(first.socket);
    second.socket.report_to(second);
  };
  first.socket.await({.room = true});
  round();
  EXPECT_EQ(first.readable, 1);
  EXPECT_EQ(first.writable + second.writable, 0) << "the second awaits no room";
  round();
  EXPECT_EQ(first.readable, 1);
  EXPECT_EQ(second.readable, 1);
}

TEST_F(SocketSetTest, WhoLosesItsSocketInARoundIsNotToldOfItAnyMore) {
  std::array<SocketPair, 10> pairs;
  std::array<Told, 10> owners;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    give(pairs[i], owners[i]);
    owners[i].socket.await({.room = true});
    pairs[i].send("bytes");
    owners[i].when_readable = [&] {
      for (Told& each : owners) each.socket = {};
    };
  }
  EXPECT_EQ(count_.value(), 10);
  round();
  int told = 0, writable = 0;
  for (const Told& each : owners) told += each.readable, writable += each.writable;
  EXPECT_EQ(told, 1);
  EXPECT_EQ(writable, 0);
  EXPECT_EQ(count_.value(), 0);
}

TEST_F(SocketSetTest, ASocketThatTakesTheMemoryOfOneThatHasClosedIsNotTakenForIt) {
  std::array<SocketPair, 10> pairs;
  std::array<Told, 10> owners;
  std::vector<SocketPair> fresh(10);
  std::vector<Told> others(10);
  for (std::size_t i = 0; i < owners.size(); ++i) {
    give(pairs[i], owners[i]);
    pairs[i].send("bytes");
    owners[i].when_readable = [&] {
      for (Told& each : owners) each.socket = {};
      for (std::size_t at = 0; at < fresh.size(); ++at) give(fresh[at], others[at]);
    };
  }
  round();
  for (const Told& each : others) EXPECT_EQ(each.readable, 0);
  EXPECT_EQ(count_.value(), 10);
}

TEST_F(SocketSetTest, ThatItsConnectionIsGoneIsToldWhateverIsAwaited) {
  SocketPair pair;
  Told owner;
  give(pair, owner);
  owner.socket.await({.input = false});
  pair.send("bytes");
  round();
  EXPECT_EQ(owner.readable + owner.gone, 0);
  pair.leave();
  round();
  EXPECT_EQ(owner.readable, 0);
  EXPECT_EQ(owner.gone, 1);
}

TEST_F(SocketSetTest, WhatTheKernelDoesNotTakeIsClosedAndNotCounted) {
  SocketPair pair;
  const int descriptor = pair.socket();
  WatchedSocket first = set_.add(pair.take());
  EXPECT_FALSE(set_.add(Socket(dup(-1))));
  EXPECT_EQ(count_.value(), 1);
  EXPECT_EQ(first.descriptor(), descriptor);
  first = {};
  EXPECT_EQ(count_.value(), 0);
  pair.received();
  EXPECT_TRUE(pair.has_ended());
}

TEST_F(SocketSetTest, WhileTheLoopIsBehindFewerReportInARoundUntilItHasCaughtUp) {
  std::vector<SocketPair> pairs(100);
  std::vector<Told> owners(100);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    give(pairs[i], owners[i]);
    pairs[i].send("x");
  }
  const auto told_in_a_round = [&] {
    const auto told = [&] {
      int count = 0;
      for (const Told& owner : owners) count += owner.readable;
      return count;
    };
    const int before = told();
    round();
    return told() - before;
  };
  EXPECT_EQ(told_in_a_round(), 64);
  for (const int most : {32, 16, 8, 8}) {
    set_.hold_back(true);
    EXPECT_EQ(told_in_a_round(), most);
  }
  for (const Told& owner : owners) EXPECT_GE(owner.readable, 1) << "each has its turn";
  set_.hold_back(false);
  for (const int most : {16, 32, 64, 64}) EXPECT_EQ(told_in_a_round(), most);
}

}  // namespace
}  // namespace tidings
