#include "tidings/server/http/answer.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace tidings {
namespace {

TEST(Answer, AProblemIsKeptByNoCache) {
  EXPECT_EQ(problem(404, "Nothing.").headers, (Answer::Fields{{"Cache-Control", "no-store"}}));
  EXPECT_EQ(problem(Refusal(410, "Gone.", {{"cache-control", "max-age=60"}})).headers,
            (Answer::Fields{{"cache-control", "max-age=60"}}));
}

TEST(Answer, A401AsksForATokenUnlessItHasAChallengeOfItsOwn) {
  EXPECT_EQ(problem(401, "Who?").headers.at(1),
            (std::pair<std::string, std::string>("WWW-Authenticate", "Bearer realm=\"tidings\"")));
  const Answer basic = problem(Refusal(401, "Who?", {{"WWW-Authenticate", "Basic realm=\"mine\""}}));
  EXPECT_EQ(basic.headers.size(), 2u);
  EXPECT_EQ(basic.headers.at(0).second, "Basic realm=\"mine\"");
}

TEST(Answer, AFieldThatWouldBreakTheResponseOrStandTwiceIsAnError) {
  struct Row {
    const char* name;
    const char* value;
  };
  for (const Row& row : {Row{"", "x"}, Row{"a b", "x"}, Row{"a:", "x"}, Row{"a", "x\r\nb: y"},
                         Row{"content-length", "1"}, Row{"Transfer-Encoding", "chunked"}, Row{"connection", "close"}}) {
    EXPECT_THROW(response_bytes({.body = {}, .headers = {{row.name, row.value}}}, {}), std::invalid_argument)
        << row.name;
    EXPECT_THROW(Refusal(400, "No.", {{row.name, row.value}}), std::invalid_argument) << row.name;
  }
  EXPECT_THROW(response_bytes({.content_type = "text/plain\r\nx: y", .body = {}}, {}), std::invalid_argument);
}

TEST(Answer, AStatusThatEndsNoRequestIsAnError) {
  for (const int status : {-1, 0, 99, 100, 101, 199, 600, 1000}) {
    EXPECT_THROW(response_bytes({.status = status, .body = {}}, {}), std::invalid_argument) << status;
    EXPECT_THROW(Refusal(status, "No."), std::invalid_argument) << status;
  }
  EXPECT_TRUE(response_bytes(problem(410, "It is over."), {}).starts_with("HTTP/1.1 410 Gone\r\n"));
}

TEST(Answer, ATypeAmongTheFieldsStandsOnce) {
  const std::string bytes = response_bytes({.body = "<p>", .headers = {{"content-type", "text/html"}}}, {});
  EXPECT_EQ(bytes, "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nContent-Length: 3\r\nConnection: close\r\n\r\n<p>");
}

}  // namespace
}  // namespace tidings
