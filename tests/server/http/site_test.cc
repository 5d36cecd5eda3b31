#include "tidings/server/http/site.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "tidings/server/http/answer.h"

namespace tidings {
namespace {

constexpr SiteFile kFiles[] = {
    {"index.html", "aa", "<p>plain", "gzip bytes", "brotli bytes"},
    {"page.wasm", "bb", "wasm", "", ""},
    {"whole.html", "cc", "<style>", "", "", "'sha256-style'", "'sha256-script'"},
};

Request request(std::string name = {}, std::string value = {}) {
  Request request;
  request.path = "/asked";
  if (!name.empty()) request.headers.emplace_back(std::move(name), std::move(value));
  return request;
}

std::string header(const Answer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return value;
  }
  return "none";
}

int refused(const Site& site, std::string_view name) {
  try {
    return site.answer(name, request()).status;
  } catch (const Refusal& refusal) {
    return refusal.status();
  }
}

TEST(Site, GivesTheShortestEncodingThatTheClientTakes) {
  const Site site(kFiles, std::nullopt);
  struct Row {
    const char* accepted;
    std::string_view body, encoding, tag;
  };
  for (const Row& row :
       {Row{"", "<p>plain", "none", "\"aa\""}, Row{"gzip, deflate, br", "brotli bytes", "br", "\"aa-br\""},
        Row{"gzip", "gzip bytes", "gzip", "\"aa-gzip\""}, Row{"br;q=0, gzip", "gzip bytes", "gzip", "\"aa-gzip\""},
        Row{"identity", "<p>plain", "none", "\"aa\""}}) {
    const Answer answer = site.answer("index.html", request("accept-encoding", row.accepted));
    EXPECT_EQ(answer.body, row.body) << row.accepted;
    EXPECT_EQ(header(answer, "Content-Encoding"), row.encoding) << row.accepted;
    EXPECT_EQ(header(answer, "ETag"), row.tag) << row.accepted;
    EXPECT_EQ(header(answer, "Vary"), "Accept-Encoding");
  }
}

TEST(Site, WhatTheClientHasIsNotSentAgain) {
  const Site site(kFiles, std::nullopt);
  for (const char* known : {"\"aa\"", "W/\"aa\"", "\"zz\", \"aa\"", "*"}) {
    const Answer answer = site.answer("index.html", request("If-None-Match", known));
    EXPECT_EQ(answer.status, 304) << known;
    EXPECT_EQ(answer.body, "") << known;
    EXPECT_EQ(header(answer, "ETag"), "\"aa\"") << known;
  }
  for (const char* known : {"\"aa-br\"", "aa", "", "\"a\""}) {
    EXPECT_EQ(site.answer("index.html", request("If-None-Match", known)).status, 200) << known;
  }
}

TEST(Site, TypesAndPolicyAreSaid) {
  const Site site(kFiles, std::nullopt);
  EXPECT_EQ(site.answer("page.wasm", request()).content_type, "application/wasm");
  const Answer answer = site.answer("index.html", request());
  EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
  EXPECT_NE(header(answer, "Content-Security-Policy").find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(header(answer, "X-Content-Type-Options"), "nosniff");
}

TEST(Site, ADocumentMayRunAndShowWhatItHoldsAndWhatItsOriginHas) {
  const Site site(kFiles, std::nullopt);
  const std::string apart = header(site.answer("index.html", request()), "Content-Security-Policy");
  EXPECT_NE(apart.find("script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:;"),
            std::string::npos);
  const std::string whole = header(site.answer("whole.html", request()), "Content-Security-Policy");
  EXPECT_NE(whole.find("script-src 'self' 'wasm-unsafe-eval' 'sha256-script'; style-src 'self' 'sha256-style';"),
            std::string::npos);
}

TEST(Site, AFileThatIsNoDocumentIsSentWithoutThePolicyOfDocuments) {
  const Site site(kFiles, std::nullopt);
  const Answer answer = site.answer("page.wasm", request());
  EXPECT_EQ(header(answer, "Content-Security-Policy"), "none");
  EXPECT_EQ(header(answer, "Referrer-Policy"), "none");
  EXPECT_EQ(header(answer, "X-Content-Type-Options"), "nosniff");
}

TEST(Site, AnUnknownNameIsA404) { EXPECT_EQ(refused(Site(kFiles, std::nullopt), "other.html"), 404); }

TEST(Site, AFolderComesFirstAndIsReadAnewAndNothingOutsideItIsGiven) {
  const std::filesystem::path top = std::filesystem::path(testing::TempDir()) / "site_test";
  const std::filesystem::path root = top / "root";
  std::filesystem::create_directories(root / "deep");
  std::ofstream(root / "index.html") << "first";
  std::ofstream(root / "deep" / "other.css") << "css";
  std::ofstream(root / ".hidden") << "secret";
  std::ofstream(top / "outside.html") << "secret";
  const Site site(kFiles, root);
  EXPECT_EQ(site.answer("index.html", request()).body, "first");
  std::ofstream(root / "index.html") << "second";
  EXPECT_EQ(site.answer("index.html", request()).body, "second");
  EXPECT_EQ(site.answer("deep/other.css", request()).content_type, "text/css; charset=utf-8");
  EXPECT_EQ(site.answer("page.wasm", request()).body, "wasm");
  const std::string policy =
      header(Site(kFiles, std::nullopt).answer("index.html", request()), "Content-Security-Policy");
  EXPECT_EQ(header(site.answer("index.html", request()), "Content-Security-Policy"), policy);
  EXPECT_EQ(header(Site(kFiles, root, "a").answer("index.html", request()), "Content-Security-Policy"), "a");
  EXPECT_EQ(header(Site(kFiles, root, "").answer("index.html", request()), "Content-Security-Policy"), "none");
  EXPECT_EQ(header(Site(kFiles, root, "").answer("whole.html", request()), "Content-Security-Policy"),
            header(Site(kFiles, std::nullopt).answer("whole.html", request()), "Content-Security-Policy"));
  for (const char* name : {"../outside.html", "deep/../../outside.html", "/etc/passwd", ".hidden", "deep", "deep/",
                           "deep//other.css", "a\\b", ""}) {
    EXPECT_EQ(refused(site, name), 404) << name;
  }
  std::filesystem::remove_all(top);
}

TEST(Site, TheEmbeddedFilesAreAllThere) {
  for (const std::string_view name : {"index.html", "page.js", "page.wasm"}) {
    const auto files = site_files();
    const auto file = std::find_if(files.begin(), files.end(), [&](const SiteFile& each) { return each.name == name; });
    ASSERT_NE(file, files.end()) << name;
    EXPECT_FALSE(file->identity.empty()) << name;
    EXPECT_LT(file->brotli.size(), file->identity.size()) << name;
  }
}

TEST(AcceptsEncoding, ByNameWeightAndStar) {
  EXPECT_TRUE(accepts_encoding("gzip, br", "br"));
  EXPECT_TRUE(accepts_encoding("BR;q=0.1", "br"));
  EXPECT_TRUE(accepts_encoding("*", "br"));
  EXPECT_FALSE(accepts_encoding("", "br"));
  EXPECT_FALSE(accepts_encoding("brotli", "br"));
  EXPECT_FALSE(accepts_encoding("br;q=0", "br"));
  EXPECT_FALSE(accepts_encoding("br;q=0.000, *", "br"));
  EXPECT_FALSE(accepts_encoding("*;q=0", "br"));
}

}  // namespace
}  // namespace tidings
