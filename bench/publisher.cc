#include "bench/publisher.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Of an answer `{"id":"<epoch>-<sequence>"}`.
std::optional<std::uint64_t> accepted_sequence(const Page& page) {
  const std::size_t end = page.body.rfind('"');
  if (page.status != 200 || end == std::string::npos || end == 0) return std::nullopt;
  const std::size_t begin = page.body.rfind('"', end - 1);
  if (begin == std::string::npos) return std::nullopt;
  return sequence_of(std::string_view(page.body).substr(begin + 1, end - begin - 1));
}

}  // namespace

std::optional<std::uint64_t> sequence_of(std::string_view id) {
  const std::size_t dash = id.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  return number(id.substr(dash + 1));
}

std::optional<Clock::time_point> published_at(std::string_view data) {
  const auto time = number(data.substr(0, data.find(' ')));
  if (!time) return std::nullopt;
  return Clock::time_point(std::chrono::nanoseconds(*time));
}

Publisher::Publisher(std::uint16_t port, std::string_view channel, std::size_t bytes)
    : target_("/channels/" + std::string(channel)), bytes_(std::max(bytes, kFewestBytes)), client_(port) {}

Publisher::Published Publisher::publish(std::size_t count, std::chrono::nanoseconds interval, Clock::time_point until) {
  Published published;
  auto due = Clock::now();
  for (std::size_t i = 0; i < count; ++i, due += interval) {
    std::this_thread::sleep_until(due);
    const auto now = Clock::now();
    if (i > 0 && now >= until) break;
    published.most_late = std::max<std::chrono::nanoseconds>(published.most_late, now - due);
    std::string data = std::to_string(now.time_since_epoch().count()) + ' ';
    data.resize(bytes_, 'x');
    const Page page = client_.post(target_, data);
    const auto sequence = accepted_sequence(page);
    if (!sequence) {
      throw std::runtime_error("an event was not accepted: " + std::to_string(page.status) + ' ' + page.body);
    }
    if (i == 0) published.first = *sequence;
    published.last = *sequence;
  }
  return published;
}

}  // namespace tidings::bench
