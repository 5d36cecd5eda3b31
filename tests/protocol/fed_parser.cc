#include "tidings/tests/protocol/fed_parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace tidings {

FedParser::FedParser(std::string starting_last_event_id)
    : parser_(Parser::Limits{}, std::move(starting_last_event_id)) {}

void FedParser::feed(std::string_view chunk) {
  buffer_.assign(chunk);
  const Parser::Status status = parser_.feed(buffer_, [this](const ParsedEvent& event) {
    outcome_.events.push_back({std::string(event.type), std::string(event.data), std::string(event.last_event_id)});
  });
  std::fill(buffer_.begin(), buffer_.end(), '!');
  EXPECT_EQ(status, Parser::Status::kOk);
}

Outcome FedParser::outcome() const {
  Outcome outcome = outcome_;
  outcome.last_event_id = parser_.last_event_id();
  outcome.reconnection_time = parser_.reconnection_time();
  return outcome;
}

}  // namespace tidings
