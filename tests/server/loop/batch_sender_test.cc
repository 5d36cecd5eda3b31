// Both ways to send many at once keep the same promises.
#include "tidings/server/loop/batch_sender.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "tidings/tests/server/socket_pair.h"

namespace tidings {
namespace {

struct Way {
  const char* name;
  std::unique_ptr<BatchSender> (*make)();
};

class BatchSenderTest : public testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    sender_ = GetParam().make();
    if (!sender_) GTEST_SKIP() << "this kernel does not allow io_uring";
  }

  std::unique_ptr<BatchSender> sender_;
};

TEST_P(BatchSenderTest, EverySocketGetsItsBytesAlsoWhenTheyAreMoreThanARingHolds) {
  constexpr std::size_t kSockets = 400, kRounds = 6;  // 2,400 in one batch: each socket several times
  std::vector<SocketPair> pairs(kSockets);
  std::vector<std::string> bytes;
  std::vector<BatchSender::Send> sends;
  for (std::size_t i = 0; i < kSockets * kRounds; ++i) bytes.push_back(std::to_string(i) + ';');
  for (std::size_t i = 0; i < bytes.size(); ++i) sends.push_back({pairs[i % kSockets].socket(), bytes[i]});
  sender_->send(sends);
  for (std::size_t i = 0; i < sends.size(); ++i) EXPECT_EQ(sends[i].result, static_cast<int>(bytes[i].size())) << i;
  for (std::size_t i = 0; i < kSockets; ++i) {
    std::string expected;
    for (std::size_t round = 0; round < kRounds; ++round) expected += bytes[round * kSockets + i];
    EXPECT_EQ(pairs[i].received(), expected) << i;
  }
}

TEST_P(BatchSenderTest, AFullSocketTakesAPartThenSaysSoAndHoldsUpNobody) {
  std::vector<SocketPair> pairs(8);
  const std::string large(4 << 20, 'x');
  std::vector<BatchSender::Send> sends;
  sends.push_back({pairs[0].socket(), large});
  sends.push_back({pairs[0].socket(), large});
  for (std::size_t i = 1; i < pairs.size(); ++i) sends.push_back({pairs[i].socket(), "small"});
  sender_->send(sends);
  EXPECT_GT(sends[0].result, 0);
  EXPECT_LT(sends[0].result, static_cast<int>(large.size()));
  EXPECT_EQ(sends[1].result, -EAGAIN);
  for (std::size_t i = 1; i < pairs.size(); ++i) EXPECT_EQ(pairs[i].received(), "small");
}

TEST_P(BatchSenderTest, OneThatHasLeftIsAnErrorOfItsOwnAndNoSignal) {
  std::vector<SocketPair> pairs(8);
  pairs[3].leave();
  std::vector<BatchSender::Send> sends;
  for (const SocketPair& pair : pairs) sends.push_back({pair.socket(), "bytes"});
  sends.push_back({-1, "bytes"});
  sender_->send(sends);
  for (std::size_t i = 0; i < pairs.size(); ++i) EXPECT_EQ(sends[i].result, i == 3 ? -EPIPE : 5) << i;
  EXPECT_EQ(sends.back().result, -EBADF);
}

TEST_P(BatchSenderTest, NothingIsSentOfAnEmptyBatch) { sender_->send({}); }

INSTANTIATE_TEST_SUITE_P(Ways, BatchSenderTest,
                         testing::Values(Way{"Plain", make_plain_sender}, Way{"Ring", make_ring_sender}),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace tidings
