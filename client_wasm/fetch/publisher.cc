#include "tidings/client_wasm/fetch/publisher.h"

#include <utility>

#include "tidings/client_wasm/base/text.h"

extern "C" {
// publisher.js
void tidings_publisher_open(tidings::Publisher* publisher, const char* channel, std::size_t channel_length);
void tidings_publisher_send(tidings::Publisher* publisher, const char* text, std::size_t text_length);
void tidings_publisher_set_token(tidings::Publisher* publisher, const char* token, std::size_t token_length);
void tidings_publisher_close(tidings::Publisher* publisher);
}

namespace tidings {

Publisher::Publisher(std::string_view channel, OnOutcome callback) : callback_(std::move(callback)) {
  tidings_publisher_open(this, channel.data(), channel.size());
}
Publisher::~Publisher() { tidings_publisher_close(this); }

bool Publisher::publish(std::string_view text) {
  if (waiting_ == kMostWaiting) return false;
  ++waiting_;
  tidings_publisher_send(this, text.data(), text.size());
  return true;
}

void Publisher::set_token(std::string_view token) { tidings_publisher_set_token(this, token.data(), token.size()); }

void Publisher::take_answer(const Outcome& outcome) {
  --waiting_;
  const OnOutcome callback = callback_;  // a copy: it may end the publisher
  callback(outcome);
}

}  // namespace tidings

extern "C" TIDINGS_CALLED_BY_JS void tidings_publisher_answer(tidings::Publisher* publisher, int status, char* text,
                                                              std::size_t text_length, char* answer,
                                                              std::size_t answer_length) {
  publisher->take_answer({tidings::Text(text, text_length), status, tidings::Text(answer, answer_length)});
}
