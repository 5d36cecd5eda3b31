// The least program, and what it says where it can't begin; run_program() is the same in all examples.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

constexpr const char* kProgram = "examples/hello";

struct Ending {
  int status;
  std::string said;
};

Ending run(const std::string& arguments) {
  std::FILE* const pipe = popen((std::string(kProgram) + ' ' + arguments + " 2>&1").c_str(), "r");
  std::string said;
  for (int c; (c = std::fgetc(pipe)) != EOF;) said += static_cast<char>(c);
  return {WEXITSTATUS(pclose(pipe)), said};
}

TEST(HelloTest, GreetsEachClient) {
  bench::ServerProcess server(kProgram, {"--port", "0"});
  Client client(server.port());
  client.send(get("/hello"));
  ASSERT_EQ(client.head().status, 200);
  EXPECT_EQ(client.event()->data, "hello 1");
  EXPECT_TRUE(server.stop());
}

TEST(HelloTest, APortThatIsTakenIsASentence) {
  bench::ServerProcess first(kProgram, {"--port", "0"});
  const Ending second = run("--port " + std::to_string(first.port()));
  EXPECT_EQ(second.status, 1);
  EXPECT_NE(second.said.find("listens on port"), std::string::npos) << second.said;
  EXPECT_NE(second.said.find("--port"), std::string::npos) << second.said;
}

TEST(HelloTest, AWrongArgumentIsRefused) {
  for (const char* arguments : {"--port abc", "--port 70000", "--prot 1", "9010"}) {
    const Ending refused = run(arguments);
    EXPECT_EQ(refused.status, 2) << arguments;
    EXPECT_NE(refused.said.find("--help"), std::string::npos) << refused.said;
  }
  EXPECT_EQ(run("--help").status, 0);
}

}  // namespace
}  // namespace tidings
