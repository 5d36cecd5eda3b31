// Bytes as tokens write them.
#include "tidings/server/tokens/base64url.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(Base64url, EachTextHasOneValueOrNone) {
  struct Row {
    const char* text;
    std::optional<std::string> bytes;
  };
  for (const Row& row : {
           Row{"", ""},
           Row{"Zg", "f"},
           Row{"Zm8", "fo"},
           Row{"Zm9v", "foo"},
           Row{"Zm9vYg", "foob"},
           Row{"Zm9vYmE", "fooba"},
           Row{"Zm9vYmFy", "foobar"},
           Row{"A-z_4ME", "\x03\xEC\xFF\xE0\xC1"},  // RFC 7515, section "Notes on Implementing base64url Encoding"
           Row{"Zg==", std::nullopt},
           Row{"Zh", std::nullopt},  // not all bits behind the last byte are zero
           Row{"Zm9", std::nullopt},
           Row{"Z", std::nullopt},
           Row{"Zm9vY", std::nullopt},
           Row{"A+z/4ME", std::nullopt},
           Row{"Zm 9v", std::nullopt},
           Row{"Zm9v\n", std::nullopt},
           Row{"Zm\xC3\xA9", std::nullopt},
       }) {
    EXPECT_EQ(from_base64url(row.text), row.bytes) << row.text;
  }
}

}  // namespace
}  // namespace tidings
