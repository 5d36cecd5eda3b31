// Headers of the PROXY protocol, fed whole, byte by byte and at every cut: the table is the specification.
#include "tidings/server/gateway/proxy_header.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tidings {
namespace {

using State = ProxyHeader::State;
using namespace std::string_literals;

constexpr const char* kNext = "GET / HTTP/1.1\r\n";  // what stands behind a header that is whole

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string binary(unsigned char command, unsigned char family, const std::string& rest) {
  std::string header = kSignature;
  header += static_cast<char>(command);
  header += static_cast<char>(family);
  header += static_cast<char>(rest.size() >> 8);
  header += static_cast<char>(rest.size() & 0xFF);
  return header + rest;
}

// 203.0.113.9:51966 and 10.0.0.1:443.
const std::string kIpv4 = "\xCB\x00\x71\x09\x0A\x00\x00\x01\xCA\xFE\x01\xBB"s;
// [2001:db8::17]:51966 and [::1]:443.
const std::string kIpv6 =
    "\x20\x01\x0D\xB8"s + std::string(11, '\0') + "\x17"s + std::string(15, '\0') + "\x01"s + "\xCA\xFE\x01\xBB"s;

struct Row {
  const char* name;
  std::string bytes;
  State state;
  const char* source;  // ADDRESS PORT, or "" where the connection's own peer counts
};

std::string source_of(const ProxyHeader& header) {
  return header.source() ? text_of(*header.source()) + ' ' + std::to_string(header.source()->port) : "";
}

std::vector<Row> rows() {
  const auto whole = [](const char* name, std::string bytes, const char* source) {
    return Row{name, std::move(bytes), State::kWhole, source};
  };
  const auto wrong = [](const char* name, std::string bytes) { return Row{name, std::move(bytes), State::kWrong, ""}; };
  const auto partial = [](const char* name, std::string bytes) {
    return Row{name, std::move(bytes), State::kPartial, ""};
  };
  const std::string addresses = "203.0.113.9 10.0.0.1";
  return {
      whole("IPv4 as text", "PROXY TCP4 203.0.113.9 10.0.0.1 51966 443\r\n", "203.0.113.9 51966"),
      whole("IPv6 as text", "PROXY TCP6 2001:db8::17 ::1 51966 443\r\n", "2001:db8::17 51966"),
      whole("IPv4 written as IPv6", "PROXY TCP6 ::ffff:203.0.113.9 ::ffff:10.0.0.1 1 2\r\n", "203.0.113.9 1"),
      whole("the ports' bounds", "PROXY TCP4 203.0.113.9 10.0.0.1 0 65535\r\n", "203.0.113.9 0"),
      whole("nobody known, as text", "PROXY UNKNOWN\r\n", ""),
      whole("nobody known, with more", "PROXY UNKNOWN ffff::1 ffff::1 65535 65535\r\n", ""),
      wrong("another family", "PROXY UDP4 203.0.113.9 10.0.0.1 51966 443\r\n"),
      wrong("a family in lower case", "PROXY tcp4 203.0.113.9 10.0.0.1 51966 443\r\n"),
      wrong("IPv6 as IPv4", "PROXY TCP4 2001:db8::17 ::1 51966 443\r\n"),
      wrong("IPv4 as IPv6", "PROXY TCP6 203.0.113.9 10.0.0.1 51966 443\r\n"),
      wrong("one address of each", "PROXY TCP4 203.0.113.9 ::1 51966 443\r\n"),
      wrong("a name", "PROXY TCP4 client.example 10.0.0.1 51966 443\r\n"),
      wrong("a zone", "PROXY TCP6 fe80::1%eth0 ::1 51966 443\r\n"),
      wrong("no ports", "PROXY TCP4 203.0.113.9 10.0.0.1\r\n"),
      wrong("one port", "PROXY TCP4 203.0.113.9 10.0.0.1 51966\r\n"),
      wrong("three ports", "PROXY TCP4 203.0.113.9 10.0.0.1 51966 443 1\r\n"),
      wrong("a port too large", "PROXY TCP4 203.0.113.9 10.0.0.1 65536 443\r\n"),
      wrong("a port with a sign", "PROXY TCP4 203.0.113.9 10.0.0.1 +1 443\r\n"),
      wrong("a port with a leading zero", "PROXY TCP4 203.0.113.9 10.0.0.1 01 443\r\n"),
      wrong("two spaces", "PROXY TCP4  203.0.113.9 10.0.0.1 51966 443\r\n"),
      wrong("a space at the end", "PROXY TCP4 203.0.113.9 10.0.0.1 51966 443 \r\n"),
      wrong("a tab", "PROXY TCP4\t203.0.113.9 10.0.0.1 51966 443\r\n"),
      wrong("a bare LF", "PROXY TCP4 203.0.113.9 10.0.0.1 51966 443\n"),
      wrong("nothing but the name", "PROXY \r\n"),
      wrong("the name in lower case", "proxy TCP4 203.0.113.9 10.0.0.1 51966 443\r\n"),
      wrong("a line of 108 bytes", "PROXY UNKNOWN " + std::string(92, 'x') + "\r\n"),
      whole("a line of 107 bytes", "PROXY UNKNOWN " + std::string(91, 'x') + "\r\n", ""),
      wrong("a line without an end", "PROXY UNKNOWN " + std::string(200, 'x')),
      wrong("a request", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
      wrong("a blank line and a request", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"),
      wrong("TLS", "\x16\x03\x01\x02"),
      partial("nothing", ""),
      partial("the beginning of a line", "PROX"),
      partial("a line but for its end", "PROXY TCP4 203.0.113.9 10.0.0.1 51966 443\r"),

      whole("IPv4 in binary", binary(0x21, 0x11, kIpv4), "203.0.113.9 51966"),
      whole("IPv6 in binary", binary(0x21, 0x21, kIpv6), "2001:db8::17 51966"),
      whole("with more behind the addresses", binary(0x21, 0x11, kIpv4 + std::string(200, '\x04')),
            "203.0.113.9 51966"),
      whole("the longest", binary(0x21, 0x11, kIpv4 + std::string(ProxyHeader::kMostBytes - 28, 'x')),
            "203.0.113.9 51966"),
      wrong("longer", binary(0x21, 0x11, kIpv4 + std::string(ProxyHeader::kMostBytes - 27, 'x'))),
      wrong("as long as the length can say", kSignature + "\x21\x11\xFF\xFF"),
      whole("the proxy itself", binary(0x20, 0x00, ""), ""),
      whole("the proxy itself, with addresses", binary(0x20, 0x11, kIpv4), ""),
      whole("a family that is not told", binary(0x21, 0x00, ""), ""),
      whole("a Unix socket", binary(0x21, 0x31, std::string(216, '\0')), ""),
      wrong("datagrams", binary(0x21, 0x12, kIpv4)),
      wrong("a family that there is not", binary(0x21, 0x41, kIpv4)),
      wrong("another version", binary(0x11, 0x11, kIpv4)),
      wrong("another command", binary(0x22, 0x11, kIpv4)),
      wrong("IPv4 cut short", binary(0x21, 0x11, kIpv4.substr(1))),
      wrong("IPv6 cut short", binary(0x21, 0x21, kIpv6.substr(1))),
      wrong("a signature that is another", "\r\n\r\n\0\r\nQUIT\r"s),
      partial("the signature alone", kSignature),
      partial("all but the last byte", binary(0x21, 0x11, kIpv4).substr(0, 27)),
  };
}

TEST(ProxyHeader, SaysWhoHasConnectedOrIsNone) {
  for (const Row& row : rows()) {
    const std::string bytes = row.state == State::kPartial ? row.bytes : row.bytes + kNext;
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      ProxyHeader header;
      std::size_t taken = header.feed(std::string_view(bytes).substr(0, cut));
      taken += header.feed(std::string_view(bytes).substr(cut));
      ASSERT_EQ(header.state(), row.state) << row.name << ", cut at " << cut;
      ASSERT_EQ(source_of(header), row.source) << row.name << ", cut at " << cut;
      if (row.state == State::kWhole) {
        ASSERT_EQ(taken, row.bytes.size()) << row.name << ", cut at " << cut;
      }
      ASSERT_LE(header.kept_bytes(), 2 * ProxyHeader::kMostBytes) << row.name;
    }
  }
}

TEST(ProxyHeader, TakesNothingMoreOnceItHasEnded) {
  ProxyHeader whole, wrong;
  whole.feed("PROXY UNKNOWN\r\n");
  EXPECT_EQ(whole.feed("x"), 0u);
  wrong.feed("x");
  EXPECT_EQ(wrong.feed("x"), 0u);
}

}  // namespace
}  // namespace tidings
