// The floor is a fair one: it loses nothing that it can keep within its bound.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "tidings/bench/load/page_client.h"
#include "tidings/bench/load/socket.h"
#include "tidings/bench/rivals/server_process.h"

namespace tidings::bench {
namespace {

constexpr std::size_t kEventBytes = 1 << 20;

// Publishes so many events while a subscriber with a small buffer does not read, then reads until so much has come or
// the stream has ended. Returns how much has come.
std::size_t read_late(std::size_t events, std::size_t bytes) {
  ServerProcess floor("bench/rivals/floor", {});
  Socket subscriber = Socket::connect(floor.port(), Socket::Mode::kBlocking, 1, 4096);
  subscriber.send("GET /channels/load HTTP/1.1\r\n\r\n");
  std::vector<char> buffer(64 * 1024);
  EXPECT_GT(subscriber.receive(buffer), 0) << "no head has come";
  PageClient publisher(floor.port());
  for (std::size_t i = 0; i < events; ++i) {
    EXPECT_EQ(publisher.post("/channels/load", std::string(kEventBytes, 'x')).status, 200);
  }
  std::size_t received = 0;
  while (received < bytes) {
    const ssize_t count = subscriber.receive(buffer);
    if (count <= 0) break;
    received += static_cast<std::size_t>(count);
  }
  return received;
}

TEST(Floor, WhatASocketDoesNotTakeWaitsForIt) {
  constexpr std::size_t kEvents = 3;
  EXPECT_GE(read_late(kEvents, kEvents * kEventBytes), kEvents * kEventBytes);
}

TEST(Floor, AClientForWhichTooMuchWaitsIsDropped) {
  constexpr std::size_t kEvents = 30;
  EXPECT_LT(read_late(kEvents, kEvents * kEventBytes), kEvents * kEventBytes);
}

}  // namespace
}  // namespace tidings::bench
