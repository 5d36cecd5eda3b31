#include "tidings/server/http/request_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tidings {
namespace {

using State = RequestReader::State;
using namespace std::string_literals;

constexpr RequestReader::Limits kLimits{
    .max_head_bytes = 512, .max_fields = 8, .max_body_bytes = 64, .max_field_bytes = 256};

struct Outcome {
  State state = State::kEmpty;
  int status = 0;
  std::string head, body, rest;
};

Outcome read(const std::vector<std::string_view>& chunks) {
  RequestReader reader(kLimits);
  Outcome outcome;
  for (const std::string_view chunk : chunks) {
    const bool goes_on = reader.state() != State::kWhole && reader.state() != State::kRefused;
    const std::size_t taken = goes_on ? reader.feed(chunk) : 0;
    if (reader.state() != State::kRefused) outcome.rest.append(chunk.substr(taken));
  }
  outcome.state = reader.state();
  if (outcome.state == State::kRefused) outcome.status = reader.refusal().status;
  if (outcome.state == State::kWhole) {
    outcome.head = reader.head();
    outcome.body = reader.body();
  }
  return outcome;
}

struct Row {
  const char* name;
  std::string bytes;
  State state;
  std::string head = {};
  std::string body = {};
  std::string rest = {};
  int status = 0;
};

Row whole(const char* name, std::string bytes, std::string head, std::string body = {}, std::string rest = {}) {
  return {name, std::move(bytes), State::kWhole, std::move(head), std::move(body), std::move(rest), 0};
}
Row refused(const char* name, int status, std::string bytes) {
  return {name, std::move(bytes), State::kRefused, {}, {}, {}, status};
}

const std::string kHost = "Host: h\r\n";
const std::string kGet = "GET / HTTP/1.1\r\n" + kHost;
const std::string kPost = "POST /p HTTP/1.1\r\n" + kHost;
const std::string kChunked = kPost + "Transfer-Encoding: chunked\r\n\r\n";

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {"nothing", "", State::kEmpty},
      {"blank lines alone", "\r\n\r\n", State::kEmpty},
      {"a part of a head", "GET / HT", State::kHead},
      {"a head without its blank line", kGet, State::kHead},
      whole("a request", kGet + "\r\n", kGet + "\r\n"),
      whole("blank lines before it", "\r\n\r\n" + kGet + "\r\n", kGet + "\r\n"),
      whole("the next one stays", kGet + "\r\nGET /2", kGet + "\r\n", "", "GET /2"),
      whole("HTTP/1.0 needs no host", "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"),
      whole("space around a value", "GET / HTTP/1.1\r\nHost: \t h\t \r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
      whole("an empty value", kGet + "A:\r\n\r\n", kGet + "A: \r\n\r\n"),
      whole("a value beyond ASCII", kGet + "A: \xE2\x82\xAC\r\n\r\n", kGet + "A: \xE2\x82\xAC\r\n\r\n"),
      whole("framing fields are dropped", kGet + "Connection: keep-alive\r\nTrailer: x\r\n\r\n", kGet + "\r\n"),
      whole("fields that only mislead are dropped",
            kGet + "Range: bytes=0-,0-\r\nIf-Range: x\r\nremote_addr: 6.6.6.6\r\nLOCAL_PORT: 1\r\n\r\n", kGet + "\r\n"),
      whole("an absolute target", "GET http://h:80/a?b HTTP/1.1\r\n" + kHost + "\r\n",
            "GET /a?b HTTP/1.1\r\n" + kHost + "\r\n"),
      whole("an absolute target without a path", "GET HTTP://h HTTP/1.1\r\n" + kHost + "\r\n",
            "GET / HTTP/1.1\r\n" + kHost + "\r\n"),
      whole("an absolute target with a query and no path", "GET http://h?a=/b HTTP/1.1\r\n" + kHost + "\r\n",
            "GET /?a=/b HTTP/1.1\r\n" + kHost + "\r\n"),
      whole("content as it is", kPost + "Content-Encoding: identity\r\nContent-Type: text/plain\r\n\r\n",
            kPost + "Content-Encoding: identity\r\nContent-Type: text/plain\r\n\r\n"),
      whole("a body by length", kPost + "Content-Length: 3\r\n\r\nabcd", kPost + "Content-Length: 3\r\n\r\n", "abc",
            "d"),
      whole("no body by length", kPost + "Content-Length: 0\r\n\r\nd", kPost + "Content-Length: 0\r\n\r\n", "", "d"),
      {"a part of a body", kPost + "Content-Length: 3\r\n\r\nab", State::kBody},
      whole("the longest body", kPost + "content-length: 64\r\n\r\n" + std::string(64, 'x'),
            kPost + "Content-Length: 64\r\n\r\n", std::string(64, 'x')),
      whole("chunks", kChunked + "3\r\nabc\r\nA;name=value\r\n0123456789\r\n0\r\n\r\nGET",
            kPost + "Content-Length: 13\r\n\r\n", "abc0123456789", "GET"),
      whole("chunks with a trailer", kChunked + "1\r\na\r\n000\r\nTrailer: x\r\n\r\n",
            kPost + "Content-Length: 1\r\n\r\n", "a"),
      whole("chunks that hold line ends", kChunked + "4\r\n\r\n\r\n\r\n0\r\n\r\n", kPost + "Content-Length: 4\r\n\r\n",
            "\r\n\r\n"),
      {"a part of the chunks", kChunked + "3\r\nabc\r\n", State::kBody},
      {"chunks without their end", kChunked + "3\r\nabc\r\n0\r\n", State::kBody},

      refused("nothing but blank lines", 400, "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"),
      refused("a bare LF", 400, "GET / HTTP/1.1\nHost: h\n\n"),
      refused("a bare LF alone", 400, "\n"),
      refused("a bare CR in the request line", 400, "GET /\r HTTP/1.1\r\nHost: h\r\n\r\n"),
      refused("no target", 400, "GET HTTP/1.1\r\n" + kHost + "\r\n"),
      refused("two spaces", 400, "GET  / HTTP/1.1\r\n" + kHost + "\r\n"),
      refused("a space in the target", 400, "GET /a b HTTP/1.1\r\n" + kHost + "\r\n"),
      refused("a control character in the target", 400, "GET /\x01 HTTP/1.1\r\n" + kHost + "\r\n"),
      refused("NUL in the target", 400, "GET /\0 HTTP/1.1\r\n"s + kHost + "\r\n"),
      refused("a byte beyond ASCII in the target", 400, "GET /\xE9 HTTP/1.1\r\n" + kHost + "\r\n"),
      refused("a method that is no token", 400, "G(T / HTTP/1.1\r\n" + kHost + "\r\n"),
      refused("the PROXY protocol, which a proxy may say before a request", 400,
              "PROXY TCP4 203.0.113.9 10.0.0.1 51966 443\r\nGET / HTTP/1.1\r\n" + kHost + "\r\n"),
      refused("no HTTP", 400, "hello there friend\r\n\r\n"),
      refused("TLS", 400, "\x16\x03\x01\x02\n"),
      refused("HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\n"),
      refused("HTTP/1.2", 505, "GET / HTTP/1.2\r\n" + kHost + "\r\n"),
      refused("no host", 400, "GET / HTTP/1.1\r\n\r\n"),
      refused("two hosts", 400, kGet + kHost + "\r\n"),
      refused("a space before the colon", 400, kGet + "A : b\r\n\r\n"),
      refused("no colon", 400, kGet + "A\r\n\r\n"),
      refused("no name", 400, kGet + ": b\r\n\r\n"),
      refused("a folded line", 400, kGet + "A: b\r\n c\r\n\r\n"),
      refused("a control character in a value", 400, kGet + "A: b\x01\r\n\r\n"),
      refused("NUL in a value", 400, kGet + "A: b\0\r\n\r\n"s),
      refused("a bare CR in a value", 400, kGet + "A: b\rc\r\n\r\n"),
      refused("a length that is no number", 400, kPost + "Content-Length: 1x\r\n\r\n"),
      refused("a negative length", 400, kPost + "Content-Length: -1\r\n\r\n"),
      refused("a length with a sign", 400, kPost + "Content-Length: +1\r\n\r\n"),
      refused("no length", 400, kPost + "Content-Length:\r\n\r\n"),
      refused("a list of lengths", 400, kPost + "Content-Length: 1, 1\r\n\r\n"),
      refused("two lengths", 400, kPost + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"),
      refused("length and chunks", 400, kPost + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
      refused("chunks in HTTP/1.0", 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
      refused("another coding", 501, kPost + "Transfer-Encoding: gzip, chunked\r\n\r\n"),
      refused("chunked twice", 501, kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
      refused("another expectation", 417, kPost + "Expect: a miracle\r\n\r\n"),
      refused("compressed content", 415, kPost + "Content-Encoding: br\r\nContent-Length: 1\r\n\r\n"),
      refused("a multipart body", 415, kPost + "Content-Type: Multipart/form-data; boundary=x\r\n\r\n"),
      refused("a field that is too long", 431, kGet + "A: " + std::string(300, 'x') + "\r\n\r\n"),
      refused("a body that is too long", 413, kPost + "Content-Length: 65\r\n\r\n"),
      refused("a length beyond 64 bits", 413, kPost + "Content-Length: 99999999999999999999\r\n\r\n"),
      refused("chunks that are too long together", 413,
              kChunked + "3f\r\n" + std::string(63, 'x') + "\r\n2\r\nab\r\n0\r\n\r\n"),
      refused("a chunk beyond 64 bits", 413, kChunked + "fffffffffffffffff\r\n"),
      refused("a chunk without a size", 400, kChunked + "\r\nabc\r\n"),
      refused("a chunk's size that is no number", 400, kChunked + "0x3\r\nabc\r\n"),
      refused("a chunk longer than it said", 400, kChunked + "3\r\nabcd\r\n"),
      refused("a bare LF after a chunk's size", 400, kChunked + "3\nabc\r\n"),
      refused("a chunk's extension without end", 400, kChunked + "3;" + std::string(300, 'x')),
      refused("a trailer without end", 431, kChunked + "0\r\n" + std::string(5000, 'x')),
      refused("a head that is too long", 431, "GET /" + std::string(600, 'x')),
      refused("a head of too many short lines", 431,
              "GET / HTTP/1.1\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n\r\n"),
  };
  return kRows;
}

void expect(const Row& row, const Outcome& outcome, const std::string& how) {
  EXPECT_EQ(outcome.state, row.state) << row.name << how;
  EXPECT_EQ(outcome.status, row.status) << row.name << how;
  EXPECT_EQ(outcome.head, row.head) << row.name << how;
  EXPECT_EQ(outcome.body, row.body) << row.name << how;
  EXPECT_EQ(outcome.rest, row.rest) << row.name << how;
}

TEST(RequestReader, EachRowWhole) {
  for (const Row& row : rows()) expect(row, read({row.bytes}), "");
}

TEST(RequestReader, EachRowByteByByte) {
  for (const Row& row : rows()) {
    std::vector<std::string_view> chunks;
    for (const char& byte : row.bytes) chunks.emplace_back(&byte, 1);
    expect(row, read(chunks), ", byte by byte");
  }
}

TEST(RequestReader, EachRowCutAnywhere) {
  for (const Row& row : rows()) {
    const std::string_view bytes = row.bytes;
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      expect(row, read({bytes.substr(0, cut), bytes.substr(cut)}), ", cut at " + std::to_string(cut));
    }
  }
}

bool keeps_alive(std::string_view head) {
  RequestReader reader(kLimits);
  reader.feed(head);
  EXPECT_EQ(reader.state(), State::kWhole) << head;
  return reader.keep_alive();
}

TEST(RequestReader, TheConnectionStaysOpenAsTheVersionAndTheClientSay) {
  EXPECT_TRUE(keeps_alive(kGet + "\r\n"));
  EXPECT_FALSE(keeps_alive(kGet + "Connection: close\r\n\r\n"));
  EXPECT_FALSE(keeps_alive(kGet + "Connection: upgrade, Close\r\n\r\n"));
  EXPECT_FALSE(keeps_alive("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_FALSE(keeps_alive("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(RequestReader, AnExpectationIsTakenOnce) {
  RequestReader reader(kLimits);
  reader.feed(kPost + "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(reader.state(), State::kBody);
  EXPECT_TRUE(reader.take_expectation());
  EXPECT_FALSE(reader.take_expectation());
}

TEST(RequestReader, AnExpectationOfHttp10CountsForNothing) {
  RequestReader reader(kLimits);
  reader.feed("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_FALSE(reader.take_expectation());
}

TEST(RequestReader, TheOriginIsKnownAsFarAsTheHeadHasCome) {
  struct OriginRow {
    std::string bytes;
    std::string_view origin;
  };
  for (const OriginRow& row : {
           OriginRow{"GET / HTTP/1.1\r\nOrigin: https://a", ""},
           OriginRow{"GET / HTTP/1.1\r\nOrigin: https://a\r\n", "https://a"},
           OriginRow{"GET / HTTP/1.1\r\norigin:https://a \r\nX", "https://a"},
           OriginRow{kGet + "Origin: https://a\r\n\r\n", "https://a"},
           OriginRow{kPost + "Origin: https://a\r\nContent-Length: 2\r\n\r\nx", "https://a"},
           OriginRow{kPost + "Origin: https://a\r\nContent-Length: 65\r\n\r\n", "https://a"},
           OriginRow{kPost + "Expect: more\r\nOrigin: https://a\r\n\r\n", "https://a"},
           OriginRow{kGet + "Origin: https://a\r\nBare\n", "https://a"},
           OriginRow{kGet + "Origin: https://a\r\nOrigin: https://b\r\n\r\n", ""},
           OriginRow{kGet + "X-Origin: https://a\r\n\r\n", ""},
       }) {
    RequestReader reader(kLimits);
    reader.feed(row.bytes);
    EXPECT_EQ(reader.origin().value_or(""), row.origin) << row.bytes;
  }
}

}  // namespace
}  // namespace tidings
