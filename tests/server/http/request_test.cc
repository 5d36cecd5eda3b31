// What a Request tells of its header fields and cookies, by rows.
#include "tidings/server/http/request.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace tidings {
namespace {

TEST(Request, ACookieIsFoundByItsWholeName) {
  struct Row {
    std::string field, name;
    std::optional<std::string_view> value;
  };
  for (const Row& row : {
           Row{"a=1", "a", "1"},
           Row{"a=1; b=2; c=3", "b", "2"},
           Row{"a=1; b=2; c=3", "c", "3"},
           Row{"a=1;b=2", "b", "2"},          // the space is what user agents write, not what they have to
           Row{"a=1; a=2", "a", "1"},         // of several with different paths the one of the longest comes first
           Row{"ab=1; b=2", "b", "2"},        // not the end of another name
           Row{"bc=1; b=2", "b", "2"},        // nor its beginning
           Row{"A=1; a=2", "a", "2"},         // names differ by their case
           Row{"a=b=c; d=1", "a", "b=c"},     // the name ends at the first =
           Row{"x=a=1; a=2", "a", "2"},       // what looks like a pair in a value is none
           Row{"a=", "a", ""},                // an empty value is one
           Row{"a=\"x y\"", "a", "\"x y\""},  // the quotes are part of the value
           Row{"a; b=2", "b", "2"},           // some user agents send a name alone
           Row{"a; b=2", "a", std::nullopt},
           Row{";; ;a=1;", "a", "1"},
           Row{"", "a", std::nullopt},
           Row{"a=1", "b", std::nullopt},
       }) {
    Request request;
    request.headers = {{"Host", "h"}, {"cookie", row.field}};
    EXPECT_EQ(request.cookie(row.name), row.value) << row.field << " / " << row.name;
  }
}

TEST(Request, WithoutACookieFieldThereIsNoCookie) {
  Request request;
  request.headers = {{"X-Cookie", "a=1"}};
  EXPECT_EQ(request.cookie("a"), std::nullopt);
}

TEST(Request, FieldsOfOneNameAreAllThereAndHeaderGivesTheFirst) {
  Request request;
  request.headers = {{"X-Tag", "one"}, {"Host", "h"}, {"x-tag", "two"}};
  EXPECT_EQ(request.header("X-TAG"), "one");
  EXPECT_EQ(request.headers.at(2).second, "two");
  EXPECT_EQ(request.header("X-Other"), std::nullopt);
}

}  // namespace
}  // namespace tidings
