// Who the client is by a proxy's word: the table is the specification, and its hostile rows are what clients put there
// before an honest proxy adds its part.
#include "tidings/server/gateway/forwarded.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tidings/server/gateway/peer.h"
#include "tidings/server/http/answer.h"

namespace tidings {
namespace {

using Scheme = Request::Scheme;

constexpr const char* kNobody = "";  // so that the connection's peer counts
constexpr const char* kRefused = "refused";

std::string head_of(const Request::Fields& fields) {
  std::string head = "GET /events HTTP/1.1\r\nHost: h\r\n";
  for (const auto& [name, value] : fields) head.append(name).append(": ").append(value).append("\r\n");
  return head + "\r\n";
}

const TrustedProxies& trusted() {
  static const TrustedProxies proxies({"10.0.0.0/8", "2001:db8:ffff::/48"});
  return proxies;
}

Forwarded read(const Request::Fields& fields) { return read_forwarded(head_of(fields), trusted()); }

// The client's address, kNobody, or kRefused for a 400 with a sentence.
std::string client_of(const Request::Fields& fields) {
  try {
    const Forwarded forwarded = read(fields);
    return forwarded.client ? text_of(Peer{.address = forwarded.client}) : kNobody;
  } catch (const Refusal& refusal) {
    EXPECT_EQ(refusal.status(), 400);
    EXPECT_TRUE(std::string(refusal.what()).ends_with('.'));
    return kRefused;
  }
}

struct Row {
  const char* name;
  std::vector<std::string> lines;
  const char* client;
};

void check(const char* field, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    Request::Fields fields;
    for (const std::string& line : row.lines) fields.emplace_back(field, line);
    EXPECT_EQ(client_of(fields), row.client) << field << ": " << row.name;
  }
}

TEST(Forwarded, XForwardedForIsWalkedFromTheRight) {
  check("X-Forwarded-For",
        {
            {"no field", {}, kNobody},
            {"an empty field", {""}, kNobody},
            {"empty members", {" , ,"}, kNobody},
            {"one address", {"203.0.113.9"}, "203.0.113.9"},
            {"one of IPv6", {"2001:DB8:0:0::17"}, "2001:db8::17"},
            {"one of IPv4 written as IPv6", {"::ffff:203.0.113.9"}, "203.0.113.9"},
            {"behind what the client says", {"127.0.0.1, 192.0.2.1, 203.0.113.9"}, "203.0.113.9"},
            {"behind a trusted proxy", {"192.0.2.1, 203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
            {"behind two", {"192.0.2.1,203.0.113.9,2001:db8:ffff::1,10.0.0.2"}, "203.0.113.9"},
            {"trusted ones alone: the first", {"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
            {"a proxy that is not trusted speaks for nobody", {"203.0.113.9, 192.0.2.7, 10.0.0.2"}, "192.0.2.7"},
            {"several lines are one list", {"192.0.2.1", "203.0.113.9", "10.0.0.2"}, "203.0.113.9"},
            {"an empty last line", {"203.0.113.9", ""}, "203.0.113.9"},
            {"an empty last member", {"203.0.113.9,"}, "203.0.113.9"},
            {"a port", {"203.0.113.9:4711"}, "203.0.113.9"},
            {"IPv6 in brackets", {"[2001:db8::17]"}, "2001:db8::17"},
            {"IPv6 with a port", {"[2001:db8::17]:4711"}, "2001:db8::17"},
            {"unknown, as Squid writes it", {"unknown"}, kNobody},
            {"unknown behind a proxy", {"192.0.2.1, unknown, 10.0.0.2"}, "10.0.0.2"},
            {"garbage of the client's", {"<script>, \"', 203.0.113.9"}, "203.0.113.9"},
            {"a quote of the client's", {"\"x, 203.0.113.9"}, "203.0.113.9"},
            {"garbage of the proxy's", {"203.0.113.9, garbage"}, kRefused},
            {"a name", {"client.example"}, kRefused},
            {"three numbers", {"203.0.113"}, kRefused},
            {"a leading zero", {"203.0.113.09"}, kRefused},
            {"a number as an address", {"3405803785"}, kRefused},
            {"a zone", {"fe80::1%eth0"}, kRefused},
            {"a network", {"203.0.113.9/32"}, kRefused},
            {"two addresses without a comma", {"203.0.113.9 192.0.2.1"}, kRefused},
            {"a port without a number", {"203.0.113.9:"}, kRefused},
            {"a port of six digits", {"203.0.113.9:123456"}, kRefused},
            {"IPv6 with a port and no brackets is another address", {"2001:db8::17:4711"}, "2001:db8::17:4711"},
            {"IPv4 in brackets", {"[203.0.113.9]"}, kRefused},
            {"a bracket that stays open", {"[2001:db8::17"}, kRefused},
            {"something behind a bracket", {"[2001:db8::17]4711"}, kRefused},
            {"quotes", {"\"203.0.113.9\""}, kRefused},
            {"a very long line of the client's", {std::string(8000, '1') + ", 203.0.113.9"}, "203.0.113.9"},
            {"a very long member of the proxy's", {std::string(8000, ':')}, kRefused},
        });
}

TEST(Forwarded, TheStandardsFieldIsWalkedFromTheRight) {
  check("Forwarded", {
                         {"no field", {}, kNobody},
                         {"an empty field", {""}, kNobody},
                         {"one address", {"for=203.0.113.9"}, "203.0.113.9"},
                         {"names in any case", {"FOR=203.0.113.9;Proto=https;HOST=h"}, "203.0.113.9"},
                         {"IPv6", {"for=\"[2001:db8::17]\""}, "2001:db8::17"},
                         {"IPv6 with a port", {"for=\"[2001:db8:cafe::17]:4711\""}, "2001:db8:cafe::17"},
                         {"IPv4 with a port", {"for=\"203.0.113.9:4711\""}, "203.0.113.9"},
                         {"a port that is hidden", {"for=\"203.0.113.9:_x\""}, "203.0.113.9"},
                         {"the client hidden", {"for=_hidden"}, kNobody},
                         {"the client hidden, quoted", {"for=\"_SEVKISEK\""}, kNobody},
                         {"the client hidden, with a port", {"for=\"_gazonk:80\""}, kNobody},
                         {"unknown", {"for=unknown"}, kNobody},
                         {"nobody named", {"proto=https"}, kNobody},
                         {"nobody named behind a proxy", {"for=192.0.2.1, by=_x, for=10.0.0.2"}, "10.0.0.2"},
                         {"hidden behind a proxy", {"for=192.0.2.1, for=_x, for=10.0.0.2"}, "10.0.0.2"},
                         {"all of the standard's example",
                          {"for=192.0.2.43, for=198.51.100.17;by=203.0.113.60;proto=http;host=example.com"},
                          "198.51.100.17"},
                         {"two lines", {"for=192.0.2.1", "for=203.0.113.9, for=\"[2001:db8:ffff::1]\""}, "203.0.113.9"},
                         {"spaces around a semicolon", {"for=203.0.113.9 ; proto=https"}, "203.0.113.9"},
                         {"a comma in quotes", {"for=203.0.113.9;x=\"a, for=192.0.2.1\""}, "203.0.113.9"},
                         {"a quote that the client leaves open", {"for=\"x, for=203.0.113.9"}, "203.0.113.9"},
                         {"the same before quotes of the proxy's", {"for=\"x, for=\"[2001:db8::17]\""}, "2001:db8::17"},
                         {"garbage of the client's", {"\\\"=;;, for=203.0.113.9"}, "203.0.113.9"},
                         {"a quote of the proxy's that stays open", {"for=\"203.0.113.9"}, kRefused},
                         {"something behind quotes", {"for=\"203.0.113.9\"x"}, kRefused},
                         {"a quoted pair", {"for=\"\\203.0.113.9\""}, kRefused},
                         {"a name alone", {"for"}, kRefused},
                         {"a value alone", {"203.0.113.9"}, kRefused},
                         {"no value", {"for="}, kRefused},
                         {"a semicolon at the end", {"for=203.0.113.9;"}, kRefused},
                         {"spaces around the equals sign", {"for = 203.0.113.9"}, kRefused},
                         {"IPv6 without quotes", {"for=[2001:db8::17]"}, kRefused},
                         {"IPv6 without brackets", {"for=\"2001:db8::17\""}, kRefused},
                         {"a port without quotes", {"for=203.0.113.9:4711"}, kRefused},
                         {"an underscore alone", {"for=_"}, kRefused},
                         {"a client twice", {"for=203.0.113.9;for=192.0.2.1"}, kRefused},
                         {"a client twice, in another case", {"for=203.0.113.9;For=192.0.2.1"}, kRefused},
                         {"a scheme that is none", {"for=203.0.113.9;proto=gopher"}, kRefused},
                         {"a host that is none", {"for=203.0.113.9;host=\"a b\""}, kRefused},
                         {"a very long part", {"for=203.0.113.9;x=" + std::string(8000, 'x')}, "203.0.113.9"},
                         {"very many pairs",
                          {[] {
                            std::string pairs = "for=203.0.113.9";
                            for (int i = 0; i < 500; ++i) pairs += ";x" + std::to_string(i) + "=y";
                            return pairs;
                          }()},
                          kRefused},
                     });
}

TEST(Forwarded, WhereBothFieldsAreThereTheyHaveToAgree) {
  EXPECT_EQ(client_of({{"Forwarded", "for=203.0.113.9"}, {"X-Forwarded-For", "192.0.2.1, 203.0.113.9"}}),
            "203.0.113.9");
  EXPECT_EQ(client_of({{"Forwarded", "for=192.0.2.1"}, {"X-Forwarded-For", "203.0.113.9"}}), kRefused);
  EXPECT_EQ(client_of({{"Forwarded", "for=_x"}, {"X-Forwarded-For", "203.0.113.9"}}), kRefused);
  EXPECT_EQ(client_of({{"Forwarded", "host=other.example"}, {"X-Forwarded-For", "203.0.113.9"}}), kRefused);
}

TEST(Forwarded, SchemeAndHostAreThoseThatTheClientAskedFor) {
  struct Asked {
    const char* name;
    Request::Fields fields;
    Scheme scheme;
    const char* host;
  };
  for (const Asked& row : std::vector<Asked>{
           {"nothing is said", {}, Scheme::kUnknown, ""},
           {"both",
            {{"x-forwarded-proto", "https"}, {"x-forwarded-host", "a.example:8443"}},
            Scheme::kHttps,
            "a.example:8443"},
           {"an IPv6 host", {{"X-Forwarded-Host", "[::1]:9009"}}, Scheme::kUnknown, "[::1]:9009"},
           {"the nearest proxy's is the last",
            {{"X-Forwarded-Proto", "https, HTTP"}, {"X-Forwarded-Host", "a, b"}},
            Scheme::kHttp,
            "b"},
           {"of several lines too",
            {{"X-Forwarded-Proto", "http"}, {"X-Forwarded-Proto", "https"}},
            Scheme::kHttps,
            ""},
           {"empty ones say nothing", {{"X-Forwarded-Proto", ""}, {"X-Forwarded-Host", ""}}, Scheme::kUnknown, ""},
           {"the standard's come first",
            {{"Forwarded", "for=203.0.113.9;proto=https;host=\"a.example:1\""},
             {"X-Forwarded-Proto", "http"},
             {"X-Forwarded-Host", "b.example"}},
            Scheme::kHttps,
            "a.example:1"},
           {"of the proxy that is nearest to the client",
            {{"Forwarded",
              "for=192.0.2.1;host=evil.example, for=203.0.113.9;proto=https;host=a.example, "
              "for=10.0.0.2;proto=http;host=inner.example"}},
            Scheme::kHttps,
            "a.example"},
       }) {
    const Forwarded forwarded = read(row.fields);
    EXPECT_EQ(forwarded.scheme, row.scheme) << row.name;
    EXPECT_EQ(forwarded.host, row.host) << row.name;
  }
  EXPECT_EQ(client_of({{"X-Forwarded-Proto", "gopher"}}), kRefused);
  EXPECT_EQ(client_of({{"X-Forwarded-Host", "a b"}}), kRefused);
  EXPECT_EQ(client_of({{"X-Forwarded-Host", "a/b"}}), kRefused);
}

TEST(Forwarded, TheHostThatWasAskedForTakesThePlaceOfTheOther) {
  const auto with_host = [](std::string head) {
    set_host(head, "asked.example");
    return head;
  };
  EXPECT_EQ(with_host("GET / HTTP/1.1\r\nA: host: b\r\nhOST: h\r\nB: c\r\n\r\n"),
            "GET / HTTP/1.1\r\nA: host: b\r\nhOST: asked.example\r\nB: c\r\n\r\n");
  EXPECT_EQ(with_host("GET / HTTP/1.0\r\nA: b\r\n\r\n"), "GET / HTTP/1.0\r\nHost: asked.example\r\nA: b\r\n\r\n");
  EXPECT_EQ(with_host("GET / HTTP/1.0\r\n\r\n"), "GET / HTTP/1.0\r\nHost: asked.example\r\n\r\n");
}

}  // namespace
}  // namespace tidings
