// Publishes to one of the server's channels: POST /channels/NAME by the browser's fetch, one request at a time, so that
// the events are in the order of their publishing. Source: README.md, section "What the server answers"; WHATWG Fetch,
// section "Fetch method". The page has one thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "tidings/client_wasm/base/callback.h"

namespace tidings {

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

  Publisher(std::string_view channel, OnOutcome callback);
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;
  // Cancels the request on its way, which the server may have taken nevertheless, and forgets what waits. Safe within
  // the callback, which is not called afterwards.
  ~Publisher();

  // Publishes a text of UTF-8 as one event's data. False where kMostWaiting texts have no outcome yet: then this one is
  // not taken. For each that is, the callback is called once, in their order, after control is back in the browser's
  // event loop.
  bool publish(std::string_view text);

  void take_answer(const Outcome& outcome);  // for JavaScript

 private:
  OnOutcome callback_;
  std::size_t waiting_ = 0;  // without an outcome yet; JavaScript has them
};

}  // namespace tidings
