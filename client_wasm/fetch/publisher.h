// Publishes to one of the server's channels: POST /channels/NAME by the browser's fetch, one request at a time, so that
// the events are in the order of their publishing. With Publishing it goes to other servers too, by a token, and tries
// again: what a page does not use of that is not linked. Source: README.md, section "What the server answers"; WHATWG
// Fetch, section "Fetch method"; the HTTP working group's draft "The Idempotency-Key HTTP Header Field". The page has
// one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "tidings/client_wasm/base/callback.h"

namespace tidings {

// The texts need to live during the construction alone.
struct Publishing {
  std::string_view base_url =
      {};                       // what stands before /channels/NAME, as https://example.org; empty: the page's server
  std::string_view token = {};  // goes along as `Authorization: Bearer TOKEN`; empty: none does

  // A text without an answer, or with one of 429, 502, 503 and 504, is sent again: after the server's Retry-After, up
  // to an hour, and any time from 0 to first_wait * 2^n, at most longest_wait. Each text has an Idempotency-Key, the
  // same each time it is sent, so that the server publishes it once. The texts behind it wait.
  std::chrono::milliseconds first_wait{1000};
  std::chrono::milliseconds longest_wait{30'000};
  unsigned most_attempts = 5;  // at one text; its outcome is the last one's
};

class Publisher {
 public:
  static constexpr std::size_t kMostWaiting = 16;

  // What came of one text; the views are valid during the call.
  struct Outcome {
    std::string_view text;    // as it was given
    int status;               // HTTP's; 0: no answer came, none within ten seconds, or none that a page may read
    std::string_view answer;  // the answer's body; of a refusal the sentence that says why
    bool is_published() const { return status >= 200 && status < 300; }
  };
  using OnOutcome = Callback<void(const Outcome&)>;

  // Of a channel of the page's own server; each text is sent once.
  Publisher(std::string_view channel, OnOutcome callback);
  Publisher(std::string_view channel, const Publishing& options, OnOutcome callback);
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;
  // Cancels the request on its way, which the server may have taken nevertheless, and forgets what waits. Safe within
  // the callback, which is not called afterwards.
  ~Publisher();

  // Publishes a text of UTF-8 as one event's data. False where kMostWaiting texts have no outcome yet: then this one is
  // not taken. For each that is, the callback is called once, in their order, after control is back in the browser's
  // event loop.
  bool publish(std::string_view text);

  // For the requests that follow, in place of none or of one that has expired.
  void set_token(std::string_view token);

  void take_answer(const Outcome& outcome);  // for JavaScript

 private:
  OnOutcome callback_;
  std::size_t waiting_ = 0;  // without an outcome yet; JavaScript has them
};

}  // namespace tidings
