#include <utility>

#include "tidings/client_wasm/fetch/publisher.h"

extern "C" {
// publishing.js
void tidings_publishing_open(tidings::Publisher* publisher, const char* base_url, std::size_t base_url_length,
                             const char* channel, std::size_t channel_length, double first_wait, double longest_wait,
                             unsigned most_attempts);
}

namespace tidings {

Publisher::Publisher(std::string_view channel, const Publishing& options, OnOutcome callback)
    : callback_(std::move(callback)) {
  tidings_publishing_open(this, options.base_url.data(), options.base_url.size(), channel.data(), channel.size(),
                          double(options.first_wait.count()), double(options.longest_wait.count()),
                          options.most_attempts);
  if (!options.token.empty()) set_token(options.token);
}

}  // namespace tidings
