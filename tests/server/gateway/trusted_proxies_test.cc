// Which peers' words count, and what can't be a network of them.
#include "tidings/server/gateway/trusted_proxies.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace tidings {
namespace {

TEST(TrustedProxies, AnAddressIsInItsNetworksAndInNoOthers) {
  struct Row {
    std::vector<std::string> proxies;
    const char* address;
    bool is_in;
  };
  for (const Row& row : {
           Row{{}, "127.0.0.1", false},
           Row{{"10.0.0.0/8"}, "10.255.0.1", true},
           Row{{"10.0.0.0/8"}, "11.0.0.1", false},
           Row{{"10.1.2.3/8"}, "10.9.9.9", true},
           Row{{"10.1.2.3"}, "10.1.2.3", true},
           Row{{"10.1.2.3/32"}, "10.1.2.3", true},
           Row{{"10.1.2.3"}, "10.1.2.4", false},
           Row{{"0.0.0.0/0"}, "203.0.113.9", true},
           Row{{"0.0.0.0/0"}, "2001:db8::1", false},
           Row{{"::/0"}, "2001:db8::1", true},
           Row{{"::/0"}, "203.0.113.9", false},
           Row{{"2001:db8::/32"}, "2001:db8:ffff::1", true},
           Row{{"2001:db8::/32"}, "2001:db9::1", false},
           Row{{"2001:db8::1"}, "2001:DB8:0::1", true},
           Row{{"::ffff:10.1.2.3"}, "10.1.2.3", true},
           Row{{"10.1.2.3"}, "::ffff:10.1.2.3", true},
           Row{{"192.0.2.1", "10.0.0.0/8", "2001:db8::/127"}, "2001:db8::1", true},
           Row{{"192.0.2.1", "10.0.0.0/8", "2001:db8::/127"}, "2001:db8::2", false},
           Row{{"unix"}, "127.0.0.1", false},
       }) {
    const TrustedProxies trusted(row.proxies);
    EXPECT_EQ(trusted.contains(*parse_address(row.address)), row.is_in)
        << (row.proxies.empty() ? "nobody" : row.proxies[0]) << " and " << row.address;
  }
}

TEST(TrustedProxies, AZoneIsNoPartOfANetwork) {
  const asio::ip::address_v6 address = asio::ip::make_address_v6("fe80::1");
  EXPECT_TRUE(TrustedProxies({"fe80::/10"}).contains(asio::ip::address_v6(address.to_bytes(), 3)));
}

TEST(TrustedProxies, WhoComesByAUnixSocketIsTrustedByThatNameAlone) {
  EXPECT_TRUE(TrustedProxies({"unix"}).contains(Peer()));
  EXPECT_FALSE(TrustedProxies({"0.0.0.0/0", "::/0"}).contains(Peer()));
}

TEST(TrustedProxies, WhatIsNoneIsRefusedWithASentence) {
  for (const std::string proxy : {"",
                                  "/",
                                  "10.0.0.0/",
                                  "10.0.0.0/33",
                                  "10.0.0.0/-1",
                                  "10.0.0.0/+8",
                                  "10.0.0.0/8 ",
                                  " 10.0.0.0/8",
                                  "10.0.0/8",
                                  "10.0.0.0/4294967304",
                                  "10.0.0.0/255.0.0.0",
                                  "10.0.0.0/8/8",
                                  "010.0.0.0/8",
                                  "2001:db8::/129",
                                  "[2001:db8::]/32",
                                  "fe80::1%eth0",
                                  "::ffff:10.0.0.0/104",
                                  "localhost",
                                  "unix:",
                                  "unix/8",
                                  "*"}) {
    try {
      TrustedProxies({proxy});
      ADD_FAILURE() << proxy << " is taken";
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find('"' + proxy + "\" is no proxy to trust"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace tidings
