// Publishing over a fetch that the test answers.
#include "tidings/client_wasm/fetch/publisher.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
// fake_fetch.js
void fake_fetch_install();
int fake_fetch_count();
int fake_fetch_timers();
bool fake_fetch_is_aborted(int index);
bool fake_fetch_is(int index, const char* url, std::size_t url_length, const char* body, std::size_t body_length);
bool fake_fetch_has(int index, const char* name, std::size_t name_length, const char* value, std::size_t value_length);
bool fake_fetch_has_same(int index, int other, const char* name, std::size_t name_length);
double fake_fetch_wait();
void fake_fetch_answer(int index, int status, const char* retry_after, std::size_t retry_after_length, const char* body,
                       std::size_t body_length);
void fake_fetch_fail(int index);
void fake_fetch_time_out();
}

namespace tidings {
namespace {

using namespace std::string_literals;

using Seen = std::vector<std::string>;

class PublisherTest : public testing::Test {
 protected:
  PublisherTest() { fake_fetch_install(); }

  static bool request_is(int index, std::string_view url, std::string_view body) {
    return fake_fetch_is(index, url.data(), url.size(), body.data(), body.size());
  }
  static void answer(int index, int status, std::string_view body, std::string_view retry_after = {}) {
    fake_fetch_answer(index, status, retry_after.data(), retry_after.size(), body.data(), body.size());
  }
  static void accept(int index) { answer(index, 200, R"({"id":"e-1"})"); }
  static bool has_token(int index, std::string_view token) {
    constexpr std::string_view kName = "Authorization";
    return fake_fetch_has(index, kName.data(), kName.size(), token.data(), token.size());
  }
  static bool has_key_of(int index, int other) {
    constexpr std::string_view kName = "Idempotency-Key";
    return fake_fetch_has_same(index, other, kName.data(), kName.size());
  }
  Publisher::OnOutcome note() {
    return [this](const Publisher::Outcome& outcome) {
      seen_.push_back(std::string(outcome.text) + '|' + std::to_string(outcome.status) + '|' +
                      std::string(outcome.answer) + (outcome.is_published() ? "|published" : ""));
    };
  }

  Seen seen_;
};

TEST_F(PublisherTest, PostsTheTextAsItIsToTheChannel) {
  Publisher publisher("demo", note());
  int index = 0;
  for (const std::string& text :
       {"hello"s, "<b>&amp;"s, "a\0b"s, ""s, "\xF0\x9F\x93\xB0"s, std::string(300'000, 'x')}) {
    EXPECT_TRUE(publisher.publish(text));
    EXPECT_TRUE(request_is(index, "/channels/demo", text)) << text.substr(0, 20);
    accept(index++);
  }
  EXPECT_EQ(seen_.size(), 6u);
  EXPECT_EQ(seen_[0], R"(hello|200|{"id":"e-1"}|published)");
}

TEST_F(PublisherTest, OneRequestAtATimeKeepsTheOrder) {
  Publisher publisher("demo", note());
  for (const char* text : {"1", "2", "3"}) EXPECT_TRUE(publisher.publish(text));
  EXPECT_EQ(fake_fetch_count(), 1);
  accept(0);
  EXPECT_EQ(fake_fetch_count(), 2);
  EXPECT_TRUE(request_is(1, "/channels/demo", "2"));
  fake_fetch_fail(1);
  accept(2);
  ASSERT_EQ(seen_.size(), 3u);
  EXPECT_EQ(seen_[2], R"(3|200|{"id":"e-1"}|published)");
  EXPECT_EQ(fake_fetch_timers(), 0);
}

TEST_F(PublisherTest, WhatIsTooManyToWaitIsNotTaken) {
  Publisher publisher("demo", note());
  for (std::size_t i = 0; i < Publisher::kMostWaiting; ++i) EXPECT_TRUE(publisher.publish("x"));
  EXPECT_FALSE(publisher.publish("one more"));
  accept(0);
  EXPECT_TRUE(publisher.publish("now"));
}

TEST_F(PublisherTest, ARefusalGivesItsSentence) {
  Publisher publisher("demo", note());
  publisher.publish("a");
  answer(0, 403, R"({"status":403,"detail":"Say \"please\"."})");
  publisher.publish("b");
  answer(1, 502, "<p>Bad gateway");
  EXPECT_EQ(seen_, (Seen{R"(a|403|Say "please".)", "b|502|<p>Bad gateway"}));
}

TEST_F(PublisherTest, AProblemWithoutItsSentenceIsGivenAsItIs) {
  Publisher publisher("demo", note());
  for (const char* problem : {R"({"title":"Too many"})", R"({"detail":7})", "null", "", "no JSON"}) {
    publisher.publish("a");
    answer(int(seen_.size()), 429, problem);
    EXPECT_EQ(seen_.back(), std::string("a|429|") + problem);
  }
}

TEST_F(PublisherTest, NoAnswerIsToldInWords) {
  Publisher publisher("demo", note());
  publisher.publish("a");
  fake_fetch_fail(0);
  publisher.publish("b");
  fake_fetch_time_out();
  ASSERT_EQ(seen_.size(), 2u);
  EXPECT_EQ(seen_[0].substr(0, 14), "a|0|The server");
  EXPECT_EQ(seen_[1].substr(0, 13), "b|0|No answer");
}

TEST_F(PublisherTest, EndedItCancelsAndSaysNothingMore) {
  {
    Publisher publisher("demo", note());
    publisher.publish("a");
    publisher.publish("waits");
  }
  EXPECT_TRUE(fake_fetch_is_aborted(0));
  accept(0);
  EXPECT_EQ(seen_, Seen{});
  EXPECT_EQ(fake_fetch_count(), 1);
  EXPECT_EQ(fake_fetch_timers(), 0);
}

TEST_F(PublisherTest, ACallbackMayEndItAndGoOn) {
  std::optional<Publisher> publisher;
  const std::string captured(100, 'c');
  publisher.emplace("demo", [&, captured](const Publisher::Outcome& outcome) {
    publisher.reset();
    seen_.push_back(std::string(outcome.text) + captured);
  });
  publisher->publish("a ");
  publisher->publish("b");
  accept(0);
  EXPECT_EQ(seen_, Seen{"a " + captured});
  EXPECT_TRUE(fake_fetch_is_aborted(1));
}

TEST_F(PublisherTest, ACallbackMayPublish) {
  std::optional<Publisher> publisher;
  publisher.emplace("demo", [&](const Publisher::Outcome& outcome) {
    seen_.emplace_back(outcome.text);
    if (seen_.size() == 1) publisher->publish("again");
  });
  publisher->publish("first");
  accept(0);
  accept(1);
  EXPECT_EQ(seen_, (Seen{"first", "again"}));
}

TEST_F(PublisherTest, SendsATextOnceWhereNothingElseIsAsked) {
  Publisher publisher("demo", note());
  publisher.publish("a");
  EXPECT_FALSE(has_key_of(0, 0)) << "it has none";
  answer(0, 503, "busy", "1");
  EXPECT_EQ(seen_, Seen{"a|503|busy"});
  EXPECT_EQ(fake_fetch_timers(), 0);
}

TEST_F(PublisherTest, GoesToTheServerThatIsNamedWithItsToken) {
  Publisher publisher("news", {.base_url = "https://example.org/tidings/", .token = "secret"}, note());
  publisher.publish("a");
  EXPECT_TRUE(request_is(0, "https://example.org/tidings/channels/news", "a"));
  EXPECT_TRUE(has_token(0, "Bearer secret"));
  answer(0, 401, R"({"detail":"The token has expired."})");
  EXPECT_EQ(seen_, Seen{"a|401|The token has expired."});
  publisher.set_token("another");
  publisher.publish("b");
  EXPECT_TRUE(has_token(1, "Bearer another"));
}

TEST_F(PublisherTest, TriesAgainWithTheKeyOfItsOwnThatATextHas) {
  Publisher publisher("demo", Publishing{}, note());
  publisher.publish("a");
  publisher.publish("b");
  fake_fetch_fail(0);
  EXPECT_EQ(fake_fetch_count(), 1) << "there is a wait";
  fake_fetch_time_out();
  EXPECT_TRUE(request_is(1, "/channels/demo", "a"));
  EXPECT_TRUE(has_key_of(1, 0));
  fake_fetch_time_out();  // without an answer
  fake_fetch_time_out();
  EXPECT_TRUE(has_key_of(2, 0));
  accept(2);
  EXPECT_TRUE(request_is(3, "/channels/demo", "b"));
  EXPECT_FALSE(has_key_of(3, 0));
  accept(3);
  EXPECT_EQ(seen_, (Seen{R"(a|200|{"id":"e-1"}|published)", R"(b|200|{"id":"e-1"}|published)"}));
  EXPECT_EQ(fake_fetch_timers(), 0);
}

TEST_F(PublisherTest, TriesAgainAfterWhatPassesAndNotAfterARefusal) {
  Publisher publisher("demo", Publishing{}, note());
  int index = 0;
  for (const int status : {429, 502, 503, 504}) {
    publisher.publish("a");
    answer(index++, status, "");
    fake_fetch_time_out();
    accept(index++);
    EXPECT_EQ(seen_.back(), R"(a|200|{"id":"e-1"}|published)") << status;
  }
  for (const int status : {400, 401, 404, 413, 422, 500}) {
    publisher.publish("a");
    answer(index++, status, "no");
    EXPECT_EQ(seen_.back(), "a|" + std::to_string(status) + "|no");
  }
  EXPECT_EQ(fake_fetch_count(), index);
}

TEST_F(PublisherTest, WaitsLongerEachTimeAndAsLongAsTheServerAsks) {
  using namespace std::chrono_literals;
  Publisher publisher("demo", {.first_wait = 100ms, .longest_wait = 300ms, .most_attempts = 10}, note());
  publisher.publish("a");
  int index = 0;
  for (const double longest : {100, 200, 300, 300}) {
    answer(index++, 503, "");
    EXPECT_LE(fake_fetch_wait(), longest);
    fake_fetch_time_out();
  }
  answer(index++, 503, "", "7");
  EXPECT_GE(fake_fetch_wait(), 7000);
  EXPECT_LE(fake_fetch_wait(), 7300);
  fake_fetch_time_out();
  answer(index++, 503, "", "1000000");
  EXPECT_LE(fake_fetch_wait(), 3'600'300);
}

TEST_F(PublisherTest, GivesUpWithTheLastOutcomeAndGoesOnWithTheNextText) {
  Publisher publisher("demo", {.most_attempts = 2}, note());
  publisher.publish("a");
  publisher.publish("b");
  fake_fetch_fail(0);
  fake_fetch_time_out();
  answer(1, 503, R"({"detail":"Still busy."})");
  EXPECT_EQ(seen_, Seen{"a|503|Still busy."});
  answer(2, 503, "");
  fake_fetch_time_out();
  accept(3);
  EXPECT_EQ(seen_.back(), R"(b|200|{"id":"e-1"}|published)") << "its attempts are its own";
}

TEST_F(PublisherTest, EndedWhileItWaitsItIsSilent) {
  {
    Publisher publisher("demo", Publishing{}, note());
    publisher.publish("a");
    fake_fetch_fail(0);
    EXPECT_EQ(fake_fetch_timers(), 1);
  }
  EXPECT_EQ(fake_fetch_timers(), 0);
  EXPECT_EQ(fake_fetch_count(), 1);
  EXPECT_EQ(seen_, Seen{});
}

}  // namespace
}  // namespace tidings
