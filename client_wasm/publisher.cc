#include "client_wasm/publisher.h"

#include <emscripten/emscripten.h>

#include <utility>

#include "client_wasm/text_buffer.h"

extern "C" {
// publisher.js
void tidings_publisher_send(tidings::Publisher* publisher, const char* channel, std::size_t channel_length,
                            const char* text, std::size_t text_length);
void tidings_publisher_cancel(tidings::Publisher* publisher);
}

namespace tidings {

Publisher::Publisher(std::string_view channel, OnOutcome callback)
    : channel_(channel), callback_(std::move(callback)) {}
Publisher::~Publisher() { tidings_publisher_cancel(this); }

bool Publisher::publish(std::string_view text) {
  if (waiting_.size() == kMostWaiting) return false;
  waiting_.emplace_back(text);
  if (waiting_.size() == 1) send_first();
  return true;
}

void Publisher::take_answer(int status, std::string_view answer) {
  const std::string text = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  if (!waiting_.empty()) send_first();
  const OnOutcome callback = callback_;  // a copy: it may end the publisher
  callback({text, status, answer});
}

void Publisher::send_first() {
  const std::string& text = waiting_.front();
  tidings_publisher_send(this, channel_.data(), channel_.size(), text.data(), text.size());
}

}  // namespace tidings

extern "C" EMSCRIPTEN_KEEPALIVE void tidings_publisher_answer(tidings::Publisher* publisher, int status,
                                                              std::size_t answer_length) {
  tidings::TextBuffer text;
  publisher->take_answer(status, text.take(answer_length));
}
