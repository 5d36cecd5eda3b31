// Subscribers of one channel, who are published to and must get everything. One thread at a time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tidings/bench/load/deliveries.h"
#include "tidings/bench/load/stream_clients.h"

namespace tidings::bench {

class Subscribers {
 public:
  Subscribers(std::uint16_t port, std::string target, std::size_t count, std::size_t publishers = 1);
  Subscribers(const Subscribers&) = delete;
  Subscribers& operator=(const Subscribers&) = delete;

  // Returns the seconds until all had their response's head. With `all_at_once` they do not wait for each other; those
  // who leave() come back with the last event id that they have got. Throws std::runtime_error where one is refused or
  // 60 s are not enough.
  double open(bool all_at_once = false);
  void leave() { clients_.reset(); }

  // Receives while `publish` runs on another thread, then until each has got so many events more, or nothing has come
  // for 3 s. Throws what `publish` throws.
  void receive(std::uint64_t events, const std::function<void()>& publish);
  // Receives for that long what should not come.
  void receive_for(std::chrono::milliseconds time) { clients_->run(time); }

  Deliveries& deliveries() { return deliveries_; }
  // How many of the events that receive() was told of did not come.
  std::uint64_t lost() const { return expected_ - std::min(expected_, deliveries_.count()); }

 private:
  std::uint16_t port_;
  std::string target_;
  Deliveries deliveries_;
  std::vector<std::string> last_event_ids_;  // one for each
  std::optional<StreamClients> clients_;
  std::uint64_t expected_ = 0;
};

}  // namespace tidings::bench
