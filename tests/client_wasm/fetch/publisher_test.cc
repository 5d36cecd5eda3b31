// Publishing over a fetch that the test answers.
#include "tidings/client_wasm/fetch/publisher.h"

#include <gtest/gtest.h>

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
void fake_fetch_answer(int index, int status, const char* type, std::size_t type_length, const char* body,
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
  static void answer(int index, int status, std::string_view type, std::string_view body) {
    fake_fetch_answer(index, status, type.data(), type.size(), body.data(), body.size());
  }
  static void accept(int index) { answer(index, 200, "application/json", R"({"id":"e-1"})"); }
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
  answer(0, 403, "application/problem+json", R"({"status":403,"detail":"Say \"please\"."})");
  publisher.publish("b");
  answer(1, 502, "text/html", "<p>Bad gateway");
  EXPECT_EQ(seen_, (Seen{R"(a|403|Say "please".)", "b|502|<p>Bad gateway"}));
}

TEST_F(PublisherTest, AProblemWithoutItsSentenceIsGivenAsItIs) {
  Publisher publisher("demo", note());
  for (const char* problem : {R"({"title":"Too many"})", R"({"detail":7})", "null", "", "no JSON"}) {
    publisher.publish("a");
    answer(int(seen_.size()), 429, "application/problem+json", problem);
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

}  // namespace
}  // namespace tidings
