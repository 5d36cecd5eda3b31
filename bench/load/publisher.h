// Publishes to one channel of any server that takes an event as the body of a POST, or to a stream of Redis. It uses
// one keep-alive connection and blocks. Each event is published at its time, which is also in its data. One thread at a
// time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tidings/bench/load/percentiles.h"

namespace tidings::bench {

// What an event's data begins with where a Publisher made it: when it was published, by which Publisher, and which of
// its events it is.
struct Stamp {
  std::chrono::steady_clock::time_point published_at;
  std::size_t publisher = 0;   // its number
  std::uint64_t sequence = 0;  // from 1
};
// The stamp of such data; nothing where the data is not whole, or not made by a Publisher.
std::optional<Stamp> stamp_of(std::string_view data);

// Such data, of so many bytes, or of kFewestStampBytes where that is more.
inline constexpr std::size_t kFewestStampBytes = 48;
std::string stamped(const Stamp& stamp, std::size_t bytes);

// The id in the answer `{"id":"…"}` to a publication; empty where the answer is another one, as nchan's is.
std::string published_id(std::string_view body);

class Publisher {
 public:
  static constexpr std::size_t kFewestBytes = kFewestStampBytes;
  enum class Protocol { kHttp, kRedis };

  // Events of `bytes` of data. Throws std::system_error.
  Publisher(std::uint16_t port, std::string_view channel, std::size_t bytes, std::size_t number = 0,
            Protocol protocol = Protocol::kHttp);

  // Publishes `count` events, one every `interval`, or as fast as they are accepted where that is 0. Throws
  // std::runtime_error where one is not accepted.
  void publish(std::size_t count, std::chrono::nanoseconds interval = {});

  // The id that the server gave to the last event.
  const std::string& last_id() const { return last_id_; }
  // How long each answer took, in milliseconds, since the last call.
  Percentiles take_waits_ms() { return std::exchange(waits_ms_, Percentiles()); }
  // The most that it has been behind its schedule.
  std::chrono::nanoseconds most_late() const { return most_late_; }

 private:
  std::size_t bytes_, number_;
  std::function<std::string(const std::string& data)> add_;  // returns the id
  std::uint64_t sequence_ = 0;
  std::string last_id_;
  Percentiles waits_ms_;
  std::chrono::nanoseconds most_late_{};
};

}  // namespace tidings::bench
