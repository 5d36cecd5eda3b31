// What goes to loops by their post boxes, one by one or gathered.
#include "tidings/server/loop/post_box.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace tidings {
namespace {

// A loop that runs what was posted when it is told to.
struct Posted {
  std::vector<PostBox::Work> pieces;
  std::shared_ptr<PostBox> box = std::make_shared<PostBox>([this](PostBox::Work work) { pieces.push_back(work); });

  void run() {
    for (const PostBox::Work& piece : pieces) piece();
  }
};

TEST(PostBoxTest, WhatIsGatheredGoesToEachLoopInOnePieceAndInOrder) {
  Posted a, b;
  std::string ran;
  {
    const PostBox::Gathering gathering;
    for (const char c : {'1', '2', '3'}) {
      a.box->post([&ran, c] { ran += c; });
      b.box->post([&ran, c] { ran += static_cast<char>(c + ('a' - '1')); });
    }
    EXPECT_TRUE(a.pieces.empty());
  }
  EXPECT_EQ(a.pieces.size(), 1u);
  EXPECT_EQ(b.pieces.size(), 1u);
  a.run();
  b.run();
  EXPECT_EQ(ran, "123abc");
}

TEST(PostBoxTest, WithoutGatheringEachIsAPiece) {
  Posted a;
  { const PostBox::Gathering gathering; }
  for (int i = 0; i < 3; ++i) a.box->post([] {});
  EXPECT_EQ(a.pieces.size(), 3u);
}

TEST(PostBoxTest, WhatIsGatheredForALoopThatGoesMeanwhileIsDropped) {
  Posted a;
  const auto token = std::make_shared<int>();
  {
    const PostBox::Gathering gathering;
    a.box->post([token] {});
    a.box->close();
  }
  EXPECT_TRUE(a.pieces.empty());
  EXPECT_EQ(token.use_count(), 1);
}

}  // namespace
}  // namespace tidings
