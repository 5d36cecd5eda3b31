#include "tidings/bench/load/publisher.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <stdexcept>
#include <thread>

#include "tidings/bench/load/page_client.h"
#include "tidings/bench/load/redis_client.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Takes a number and the space behind it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != ' ') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

}  // namespace

std::optional<Stamp> stamp_of(std::string_view data) {
  const std::size_t size = data.size();
  const auto time = take_number(data), publisher = take_number(data), sequence = take_number(data),
             bytes = take_number(data);
  if (!time || !publisher || !sequence || bytes != size) return std::nullopt;
  return Stamp{.published_at = Clock::time_point(std::chrono::nanoseconds(*time)),
               .publisher = static_cast<std::size_t>(*publisher),
               .sequence = *sequence};
}

std::string stamped(const Stamp& stamp, std::size_t bytes) {
  bytes = std::max(bytes, kFewestStampBytes);
  std::string data;
  for (const std::uint64_t part : {static_cast<std::uint64_t>(stamp.published_at.time_since_epoch().count()),
                                   std::uint64_t{stamp.publisher}, stamp.sequence, std::uint64_t{bytes}}) {
    data += std::to_string(part) + ' ';
  }
  data.resize(bytes, 'x');
  return data;
}

std::string published_id(std::string_view body) {
  constexpr std::string_view kBefore = "{\"id\":\"";
  if (!body.starts_with(kBefore)) return {};
  body.remove_prefix(kBefore.size());
  return std::string(body.substr(0, body.find('"')));
}

Publisher::Publisher(std::uint16_t port, std::string_view channel, std::size_t bytes, std::size_t number,
                     Protocol protocol)
    : bytes_(bytes), number_(number) {
  if (protocol == Protocol::kRedis) {
    add_ = [client = std::make_shared<RedisClient>(port), channel = std::string(channel)](const std::string& data) {
      return client->add(channel, data);
    };
  } else {
    add_ = [client = std::make_shared<PageClient>(port),
            target = "/channels/" + std::string(channel)](const std::string& data) {
      const Page page = client->post(target, data);
      if (page.status < 200 || page.status > 299) {
        throw std::runtime_error("an event was not accepted: " + std::to_string(page.status) + ' ' + page.body);
      }
      return published_id(page.body);
    };
  }
}

void Publisher::publish(std::size_t count, std::chrono::nanoseconds interval) {
  auto due = Clock::now();
  for (std::size_t i = 0; i < count; ++i, due += interval) {
    if (interval > std::chrono::nanoseconds(0)) {
      std::this_thread::sleep_until(due);
      most_late_ = std::max<std::chrono::nanoseconds>(most_late_, Clock::now() - due);
    }
    const auto begin = Clock::now();
    last_id_ = add_(stamped({.published_at = begin, .publisher = number_, .sequence = ++sequence_}, bytes_));
    waits_ms_.add(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
}

}  // namespace tidings::bench
