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

}  // namespace

std::optional<Stamp> stamp_of(std::string_view data) {
  const std::size_t space = data.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto time = number(data.substr(0, space));
  data.remove_prefix(space + 1);
  const auto sequence = number(data.substr(0, data.find(' ')));
  if (!time || !sequence) return std::nullopt;
  return Stamp{.published_at = Clock::time_point(std::chrono::nanoseconds(*time)), .sequence = *sequence};
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
    std::string data = std::to_string(now.time_since_epoch().count()) + ' ' + std::to_string(sequence_ + 1) + ' ';
    data.resize(bytes_, 'x');
    const Page page = client_.post(target_, data);
    if (page.status < 200 || page.status > 299) {
      throw std::runtime_error("an event was not accepted: " + std::to_string(page.status) + ' ' + page.body);
    }
    published.last = ++sequence_;
    if (i == 0) published.first = sequence_;
  }
  return published;
}

}  // namespace tidings::bench
