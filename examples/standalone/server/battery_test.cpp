#include "server/battery.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <cstddef>
#include <string>
#include <thread>

namespace standalone {
namespace {

TEST(Battery, TellsItsChargeAtOnce) {
  tidings::ServerOptions options;
  options.port = 0;
  tidings::Server server(options);
  server.stream("/battery", battery);
  server.listen();
  std::thread thread([&server] { server.run(); });

  std::string body;
  httplib::Client client("localhost", server.port());
  // A stream's Content-Encoding is identity, for proxies, which cpp-httplib 0.41 takes for one that it can't undo.
  client.set_decompress(false);
  const httplib::Result result = client.Get("/battery", [&body](const char* data, std::size_t size) {
    body.append(data, size);
    return body.find("data: 100 %\n") == std::string::npos;
  });

  server.stop();
  thread.join();
  EXPECT_NE(body.find("data: 100 %\n"), std::string::npos) << httplib::to_string(result.error());
}

}  // namespace
}  // namespace standalone
