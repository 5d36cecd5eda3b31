// An endpoint as its clients see it: a server on a free port, and a client that reads as much as it wants.
#include "greeting.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace {

class GreetingTest : public testing::Test {
 protected:
  GreetingTest() {
    server_.stream("/greeting/:name", greeting);
    server_.start();
  }

  // The stream until this text has come, which every wait of the client is bounded for; or the body of a refusal.
  std::string read(const std::string& path, const std::string& text) {
    httplib::Client client("localhost", server_.port());
    client.set_read_timeout(std::chrono::seconds(10));
    client.set_decompress(false);  // a stream's Content-Encoding is identity, which not every release knows
    std::string bytes;
    client.Get(path, [&](const char* data, std::size_t size) {
      bytes.append(data, size);
      return bytes.find(text) == std::string::npos;  // false is enough
    });
    return bytes;
  }

 private:
  tidings::Server server_{{.port = 0}};
};

TEST_F(GreetingTest, GreetsAtOnceByName) {
  EXPECT_NE(read("/greeting/Ada", "\n\n").find("data: Hello, Ada!\n"), std::string::npos);
}

TEST_F(GreetingTest, WhoHasNoNameIsToldWhatToDo) {
  EXPECT_NE(read("/greeting/", "Ada").find("Say whom to greet"), std::string::npos);
}

}  // namespace
