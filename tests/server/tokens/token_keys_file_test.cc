// The file that holds the keys: at the start, when it changes, and when it is broken.
#include "tidings/server/tokens/token_keys_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>
#include <string>

#include "tidings/tests/server/tokens/signer.h"

namespace tidings {
namespace {

const std::string kOne = "the first secret of thirty-two bytes", kTwo = "the second secret of thirty-two bytes";

bool are_of(const TokenKeys& keys, const std::string& secret) {
  return keys.find(Algorithm::kHs256, {})->verifies("text", Signer::hs256(secret).signature("text"));
}

class TokenKeysFileTest : public testing::Test {
 protected:
  TokenKeysFileTest() { write(kOne); }
  ~TokenKeysFileTest() override { std::filesystem::remove(path_); }

  // As those do who change a file well: another file takes its place.
  void write(const std::string& text) const {
    const std::string beside = path_ + ".new";
    std::ofstream(beside, std::ios::binary) << text;
    std::filesystem::rename(beside, path_);
  }
  std::string refusal(const std::string& path) const {
    try {
      const TokenKeysFile file(path);
      return {};
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }
  // How often the keys were given when it looked.
  int look(TokenKeysFile& file) const {
    int times = 0;
    file.look([&](const TokenKeys&) { ++times; });
    return times;
  }

  const std::string path_ = std::filesystem::path(testing::TempDir()) / "token_keys";
};

TEST_F(TokenKeysFileTest, ItIsReadAtTheStartAndAgainWhenItHasChanged) {
  TokenKeysFile file(path_);
  EXPECT_TRUE(are_of(file.keys(), kOne));
  EXPECT_EQ(look(file), 0);
  write(kTwo);
  EXPECT_EQ(look(file), 1);
  EXPECT_TRUE(are_of(file.keys(), kTwo));
  EXPECT_EQ(look(file), 0);
}

TEST_F(TokenKeysFileTest, ABrokenOneLeavesTheKeysAsTheyWere) {
  TokenKeysFile file(path_);
  write("too short");
  EXPECT_EQ(look(file), 0);
  EXPECT_TRUE(are_of(file.keys(), kOne));
  std::filesystem::remove(path_);
  EXPECT_EQ(look(file), 0);
  EXPECT_TRUE(are_of(file.keys(), kOne));
  write(kTwo);
  EXPECT_EQ(look(file), 1);
  EXPECT_TRUE(are_of(file.keys(), kTwo));
}

TEST_F(TokenKeysFileTest, ItIsFollowedByAThreadThatEndsWithIt) {
  std::promise<void> read;
  TokenKeysFile file(path_);
  file.follow([&](const TokenKeys& keys) {
    EXPECT_TRUE(are_of(keys, kTwo));
    read.set_value();
  });
  write(kTwo);
  EXPECT_EQ(read.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST_F(TokenKeysFileTest, WhatCanNotBeReadAtTheStartIsASentence) {
  EXPECT_EQ(refusal("/no/such/file"), "The file /no/such/file can't be read: give --token_keys one that holds keys.");
  EXPECT_EQ(refusal("/dev/zero"), "The file /dev/zero can't be read: give --token_keys one that holds keys.");
  EXPECT_EQ(refusal(testing::TempDir()),
            "The file " + testing::TempDir() + " can't be read: give --token_keys one that holds keys.");
  write("too short\n");
  EXPECT_EQ(refusal(path_),
            "The file " + path_ + " can't be used: a secret of 9 bytes is too short: HS256 needs 32 or more.");
  write(std::string(256 * 1024 + 1, 'x'));
  EXPECT_EQ(refusal(path_), "The file " + path_ + " is longer than 256 KiB.");
}

}  // namespace
}  // namespace tidings
