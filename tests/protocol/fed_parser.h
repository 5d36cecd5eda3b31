// A parser that is fed and listened to as by a client with one receive buffer: what has been fed is overwritten as soon
// as the feed returns, so that whatever the parser keeps of it must be a copy. For tests. One thread.
#pragma once

#include <string>
#include <string_view>

#include "tidings/protocol/parser.h"
#include "tidings/tests/protocol/conformance_cases.h"

namespace tidings {

class FedParser {
 public:
  explicit FedParser(std::string starting_last_event_id = {});

  // Feeds the parser, and expects it to take everything.
  void feed(std::string_view chunk);

  // What has come of all that was fed.
  Outcome outcome() const;

 private:
  Parser parser_;
  std::string buffer_;
  Outcome outcome_;
};

}  // namespace tidings
