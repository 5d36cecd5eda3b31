#include "tidings/server/gateway/listening_sockets.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "tidings/tests/server/passed_socket.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

constexpr std::chrono::seconds kWriteTimeout{30};

// The sentence by which they are refused; empty when they are taken.
std::string refusal(const std::vector<int>& descriptors) {
  asio::io_context context;
  try {
    take_listening(context, descriptors, kWriteTimeout);
    return {};
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(ListeningSockets, WhatIsPassedAndIsNoneIsRefusedByWhatItIs) {
  const PassedSocket connecting(AF_INET, SOCK_STREAM), datagrams(AF_INET6, SOCK_DGRAM), local(AF_UNIX, SOCK_STREAM),
      local_packets(AF_UNIX, SOCK_SEQPACKET);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[1]);
  struct Row {
    int descriptor;
    const char* reason;
  };
  for (const Row& row :
       {Row{-1, "is not open"}, Row{ends[1], "is not open"}, Row{ends[0], "is no socket:"},
        Row{datagrams.descriptor(), "is no socket of TCP"}, Row{local_packets.descriptor(), "no Unix stream socket"},
        Row{local.descriptor(), "does not listen"}, Row{connecting.descriptor(), "does not listen"}}) {
    const std::string sentence = refusal({row.descriptor});
    EXPECT_NE(sentence.find("Descriptor " + std::to_string(row.descriptor)), std::string::npos) << sentence;
    EXPECT_NE(sentence.find(row.reason), std::string::npos) << sentence;
  }
  close(ends[0]);
  const PassedSocket right = PassedSocket::listening();
  EXPECT_EQ(refusal({dup(right.descriptor())}), "");
  EXPECT_NE(refusal({dup(right.descriptor()), local.descriptor()}), "") << "all of them have to be right";
}

TEST(ListeningSockets, ClientsOfIpV4AreShownAsThemselvesWhereOneSocketTakesBoth) {
  const PassedSocket first = PassedSocket::listening(), both = PassedSocket::listening_for_both();
  RunningServer running(
      [](Server& server) {
        server.get("/who", [](const Request& request) { return Answer{.body = request.remote_address}; });
      },
      {.listening_sockets = {dup(first.descriptor()), dup(both.descriptor())}});
  EXPECT_EQ(running.server().port(), first.port());
  EXPECT_EQ(running.server().url(), "http://127.0.0.1:" + std::to_string(first.port()));
  for (const std::uint16_t port : {first.port(), both.port()}) {
    Client client(port);
    client.send(get("/who"));
    EXPECT_EQ(client.response().body, "127.0.0.1");
  }
  Client client(both.port(), true);
  client.send(get("/who"));
  EXPECT_EQ(client.response().body, "::1");
}

}  // namespace
}  // namespace tidings
