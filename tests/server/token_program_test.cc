// The program with tokens: its flags, who may read and publish then, the end of a token, and keys that change.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"
#include "tidings/tests/server/tokens/signer.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

constexpr const char* kProgram = "server/server";
const std::string kSecret = "the first secret of thirty-two bytes", kOther = "the second secret of thirty-two bytes";

std::string bearing(std::string_view token) { return "Authorization: Bearer " + std::string(token) + "\r\n"; }

std::string follow(std::string_view target, std::string_view fields = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view channel, std::string_view fields = {}) {
  return "POST /channels/" + std::string(channel) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) +
         "Content-Length: 1\r\n\r\nx";
}

class TokenProgramTest : public testing::Test {
 protected:
  TokenProgramTest() { write(kSecret); }
  ~TokenProgramTest() override { std::filesystem::remove(path_); }

  void write(const std::string& text) const {
    std::ofstream(path_ + ".new") << text;
    std::filesystem::rename(path_ + ".new", path_);
  }
  std::vector<std::string> flags(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"--port", "0", "--token_keys", path_, "--publish_token", "static"});
    return more;
  }
  static Client ask(const bench::ServerProcess& server, std::string_view request) {
    Client client(server.port());
    client.send(request);
    return client;
  }
  static int status(const bench::ServerProcess& server, std::string_view request) {
    return ask(server, request).head().status;
  }
  // A token that is over so many seconds from now.
  static std::string token(std::string_view tidings, std::chrono::seconds time = 1h, const std::string& key = kSecret) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return Signer::hs256(key).sign("{\"tidings\":" + std::string(tidings) +
                                   ",\"exp\":" + std::to_string((now + time).time_since_epoch().count()) + '}');
  }
  struct Ended {
    int code = -1;
    std::string output;
  };
  static Ended run(const std::string& arguments) {
    Ended ended;
    std::FILE* pipe = popen((std::string(kProgram) + ' ' + arguments + " 2>&1").c_str(), "r");
    char bytes[4096];
    while (const std::size_t count = std::fread(bytes, 1, sizeof bytes, pipe)) ended.output.append(bytes, count);
    const int status = pclose(pipe);
    if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
    return ended;
  }

  const std::string path_ = std::filesystem::path(testing::TempDir()) / "token_program_keys";
};

TEST_F(TokenProgramTest, ReadingIsOpenUnlessItIsNotAndPublishingIsByTokenOfEitherKind) {
  bench::ServerProcess server(kProgram, flags());
  const std::string mine = bearing(token(R"({"publish":["rooms.*"]})"));
  EXPECT_EQ(status(server, follow("/channels/news")), 200);
  EXPECT_EQ(status(server, follow("/channels/news", bearing("nonsense"))), 200);
  EXPECT_EQ(status(server, post("rooms.1", mine)), 200);
  EXPECT_EQ(status(server, post("news", mine)), 403);
  EXPECT_EQ(status(server, post("news", bearing("static"))), 200);
  EXPECT_EQ(status(server, post("news", bearing("nonsense"))), 401);
  EXPECT_EQ(status(server, post("news")), 401);
  EXPECT_EQ(status(server, post("demo")), 200);
  EXPECT_EQ(status(server, post("demo", mine)), 200) << "open is open";
}

TEST_F(TokenProgramTest, WithReadAccessByTokenItSaysWhichChannelsAreRead) {
  bench::ServerProcess server(kProgram, flags({"--read_access", "token"}));
  const std::string mine = token(R"({"read":["news","rooms.*"]})");
  EXPECT_EQ(status(server, follow("/channels/news")), 401);
  EXPECT_EQ(status(server, follow("/channels/news", bearing("static"))), 401) << "that is for publishing";
  EXPECT_EQ(status(server, follow("/channels/news", bearing(mine))), 200);
  EXPECT_EQ(status(server, follow("/channels?name=news&name=rooms.1", bearing(mine))), 200);
  EXPECT_EQ(status(server, follow("/channels?name=news&name=other", bearing(mine))), 403);
  EXPECT_EQ(status(server, follow("/channels/news?token=" + mine)), 401);
  EXPECT_EQ(status(server, follow("/channels/news", "Cookie: tidings_token=" + mine + "\r\n")), 200);
  EXPECT_EQ(status(server,
                   follow("/channels/news", "Origin: https://evil.example\r\nCookie: tidings_token=" + mine + "\r\n")),
            403);
  EXPECT_EQ(status(server, "HEAD /channels/news HTTP/1.1\r\nHost: h\r\n\r\n"), 401);
  EXPECT_EQ(status(server, follow("/events")), 200) << "that is no channel";
}

TEST_F(TokenProgramTest, ATokensClaimMakesAnAdminAndSoDoesTheAdminsOwnTokenAndNotThePublishers) {
  write(kSecret);
  const std::string file = path_ + "_admin";
  std::ofstream(file) << "root\n";
  bench::ServerProcess server(kProgram, flags({"--admin_token_file", file}));
  EXPECT_EQ(status(server, follow("/channels", bearing("root"))), 200);
  EXPECT_EQ(status(server, follow("/channels", bearing(token(R"({"admin":true})")))), 200);
  EXPECT_EQ(status(server, follow("/channels", bearing(token(R"({"read":["*"],"publish":["*"]})")))), 403);
  EXPECT_EQ(status(server, follow("/channels", bearing("static"))), 401);
  EXPECT_EQ(status(server, follow("/channels")), 400);
  EXPECT_EQ(status(server, post("news", bearing("root"))), 401);
  std::filesystem::remove(file);
  const Ended ended = run("--port 0 --publish_token root --admin_token_file " + file);
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.output.find("The file " + file + " can't be read: give --admin_token_file one"), std::string::npos)
      << ended.output;
}

TEST_F(TokenProgramTest, ATokenInTheQueryIsForWhoHasAllowedIt) {
  bench::ServerProcess server(kProgram, flags({"--read_access", "token", "--token_in_query"}));
  const std::string query = "?token=" + token(R"({"read":["news"],"publish":["news"]})");
  EXPECT_EQ(status(server, follow("/channels/news" + query)), 200);
  EXPECT_EQ(status(server, post("news" + query)), 200);
  EXPECT_EQ(status(server, follow("/channels/news" + query + "x")), 401);
}

TEST_F(TokenProgramTest, AStreamEndsWithItsTokenAndComingBackWithItIsA401) {
  bench::ServerProcess server(kProgram, flags({"--read_access", "token"}));
  const std::string mine = bearing(token(R"({"read":["*"]})", 2s));
  Client client = ask(server, follow("/channels/news", mine));
  EXPECT_EQ(client.head().status, 200);
  EXPECT_NE(client.until("the grant has ended").find("the grant has ended"), std::string::npos);
  client.rest();
  EXPECT_FALSE(client.has_whole_body());
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (status(server, follow("/channels/news", mine)) == 200 && std::chrono::steady_clock::now() < give_up) {
  }  // the stream has ended some moments before the token
  const ClientResponse again = ask(server, follow("/channels/news", mine)).response();
  EXPECT_EQ(again.status, 401);
  EXPECT_NE(again.headers.at("www-authenticate").find("error=\"invalid_token\""), std::string::npos);
}

TEST_F(TokenProgramTest, KeysAreReadAgainWhenTheirFileChangesAndStayWhereItIsBroken) {
  bench::ServerProcess server(kProgram, flags());
  const std::string by_one = post("news", bearing(token(R"({"publish":["*"]})")));
  const std::string by_two = post("news", bearing(token(R"({"publish":["*"]})", 1h, kOther)));
  EXPECT_EQ(status(server, by_one), 200);
  EXPECT_EQ(status(server, by_two), 401);
  write("broken");
  write(kOther);
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  int now = 0;
  while ((now = status(server, by_two)) == 401 && std::chrono::steady_clock::now() < give_up) {
  }
  EXPECT_EQ(now, 200);
  EXPECT_EQ(status(server, by_one), 401);
}

TEST_F(TokenProgramTest, WrongUsageIsASentence) {
  EXPECT_EQ(run("--read_access token").code, 2);
  EXPECT_NE(run("--read_access token").output.find("--token_keys"), std::string::npos);
  EXPECT_EQ(run("--token_audience a").code, 2);
  EXPECT_EQ(run("--token_in_query").code, 2);
  EXPECT_EQ(run("--read_access anybody --token_keys " + path_).code, 2);
  const Ended ended = run("--token_keys no/such/file");
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.output, "The file no/such/file can't be read: give --token_keys one that holds keys.\n");
  write("{}");
  EXPECT_EQ(run("--token_keys " + path_).output,
            "The file " + path_ + " holds no key that verifies HS256, RS256, ES256 or EdDSA.\n");
}

}  // namespace
}  // namespace tidings
