// Hostile heads against a running server, at each kind of route: the loop answers some itself, and workers others, and
// nothing that is refused at one may be taken at another. What each is refused for: request_reader_test.cc.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tidings/server/server.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::string_literals;

// What stands behind the path in the request's first line, and behind that.
struct Row {
  const char* name;
  int status;
  std::string rest;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {"a bare LF", 400, " HTTP/1.1\nHost: h\n\n"},
      {"a bare CR", 400, "\r HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"a space in the target", 400, " b HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"NUL in the target", 400, "\0 HTTP/1.1\r\nHost: h\r\n\r\n"s},
      {"a byte beyond ASCII in the target", 400, "?\xE9 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"another version", 505, " HTTP/1.2\r\nHost: h\r\n\r\n"},
      {"no host", 400, " HTTP/1.1\r\n\r\n"},
      {"two hosts", 400, " HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"},
      {"a space before the colon", 400, " HTTP/1.1\r\nHost : h\r\n\r\n"},
      {"a folded line", 400, " HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n"},
      {"NUL in a value", 400, " HTTP/1.1\r\nHost: h\r\nA: \0\r\n\r\n"s},
      {"two lengths", 400, " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx"},
      {"a length with a sign", 400, " HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\nx"},
      {"length and chunks", 400, " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"another coding", 501, " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
      {"another expectation", 417, " HTTP/1.1\r\nHost: h\r\nExpect: a miracle\r\n\r\n"},
      {"compressed content", 415, " HTTP/1.1\r\nHost: h\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx"},
      {"a multipart body", 415, " HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n"},
      {"a body that is too long", 413, " HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n"},
      {"a chunk's size that is no number", 400, " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\n"},
      {"a field that is too long", 431, " HTTP/1.1\r\nHost: h\r\nA: " + std::string(9000, 'x') + "\r\n\r\n"},
      {"a head that is too long", 431, "?" + std::string(20'000, 'x')},
  };
  return kRows;
}

TEST(HostileHeads, AreRefusedAlikeWhoeverAnswersTheRoute) {
  const RunningServer running([](Server& server) {
    server.serve_channels({.token = "secret", .open_channels = {"open"}});  // the loop
    server.post("/worker", [](const Request&) { return Answer{}; });
    server.get("/worker", [](const Request&) { return Answer{}; });
  });
  for (const Row& row : rows()) {
    for (const char* const begin : {"GET /channels/open", "POST /channels/open", "GET /worker", "POST /worker",
                                    "GET /nothing", "POST /nothing"}) {
      Client client = running.connect();
      client.send(std::string(begin) + row.rest);
      EXPECT_EQ(client.response().status, row.status) << begin << ": " << row.name;
      EXPECT_TRUE(client.is_ended()) << begin << ": " << row.name;
    }
  }
  EXPECT_EQ(running.metric("tidings_streams"), 0);
  EXPECT_EQ(running.metric("tidings_published_events_total"), 0);
}

}  // namespace
}  // namespace tidings
