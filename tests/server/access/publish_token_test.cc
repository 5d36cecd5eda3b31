#include "tidings/server/access/publish_token.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace tidings {
namespace {

class PublishTokenTest : public testing::Test {
 protected:
  std::string file(const std::string& text) const {
    const std::string path = std::filesystem::path(testing::TempDir()) / "token";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
};

TEST_F(PublishTokenTest, TheOneSourceThatIsGivenHasIt) {
  EXPECT_EQ(given_token({}), std::nullopt);
  EXPECT_EQ(given_token({.token = "a"}), "a");
  EXPECT_EQ(given_token({.environment = "c"}), "c");
}

TEST_F(PublishTokenTest, WhiteSpaceAtAFilesEndIsNotTheTokens) {
  EXPECT_EQ(given_token({.file = file("secret")}), "secret");
  EXPECT_EQ(given_token({.file = file("secret\n")}), "secret");
  EXPECT_EQ(given_token({.file = file("secret \r\n\n")}), "secret");
}

TEST_F(PublishTokenTest, WhatIsNoTokenIsASentence) {
  for (const char* text : {"", "\n", "two words\n", "two\nlines\n", "\xEF\xBB\xBFsecret"}) {
    EXPECT_THROW(given_token({.file = file(text)}), std::runtime_error) << text;
    EXPECT_THROW(given_token({.environment = text}), std::runtime_error) << text;
  }
  EXPECT_THROW(given_token({.file = file(std::string(5000, 'x'))}), std::runtime_error);
  EXPECT_THROW(given_token({.file = "no/such/file"}), std::runtime_error);
  EXPECT_THROW(given_token({.file = testing::TempDir()}), std::runtime_error);
}

TEST_F(PublishTokenTest, TwoSourcesAreASentence) {
  EXPECT_THROW(given_token({.token = "a", .file = "b"}), std::runtime_error);
  EXPECT_THROW(given_token({.token = "a", .environment = "a"}), std::runtime_error);
  EXPECT_THROW(given_token({.file = "b", .environment = "c"}), std::runtime_error);
}

TEST_F(PublishTokenTest, TheAdminsComesFromAFileOrTheEnvironmentAndIsNeverMade) {
  EXPECT_EQ(given_admin_token({}), std::nullopt);
  EXPECT_EQ(given_admin_token({.file = file("root\n")}), "root");
  EXPECT_EQ(given_admin_token({.environment = "root"}), "root");
  EXPECT_THROW(given_admin_token({.file = "b", .environment = "c"}), std::runtime_error);
  try {
    given_admin_token({.environment = ""});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()).find("There is no admin token in TIDINGS_ADMIN_TOKEN: one is 1 to 4096"), 0u);
  }
}

TEST_F(PublishTokenTest, OneThatIsMadeIsLongAndAnotherEachTime) {
  const std::string token = make_token();
  EXPECT_EQ(token.size(), 40u);
  EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(token, make_token());
}

}  // namespace
}  // namespace tidings
