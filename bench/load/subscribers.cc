#include "tidings/bench/load/subscribers.h"

#include <future>
#include <utility>

namespace tidings::bench {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

Subscribers::Subscribers(std::uint16_t port, std::string target, std::size_t count, std::size_t publishers)
    : port_(port), target_(std::move(target)), deliveries_(count, publishers), last_event_ids_(count) {}

double Subscribers::open(bool all_at_once) {
  const std::size_t count = last_event_ids_.size();
  StreamClients::Options options;
  if (expected_ > 0) options.last_event_ids = last_event_ids_;
  clients_.emplace(
      port_, target_, count,
      [this](std::size_t client, const ParsedEvent& event, StreamClients::Time) {
        deliveries_.take(client, event.data);
        last_event_ids_[client] = event.last_event_id;
      },
      std::move(options));
  return clients_->open_all(all_at_once ? count : StreamClients::kMostAtOnce);
}

void Subscribers::receive(std::uint64_t events, const std::function<void()>& publish) {
  expected_ += events * last_event_ids_.size();
  std::future<void> publishing = std::async(std::launch::async, publish);
  while (publishing.wait_for(milliseconds(0)) != std::future_status::ready) clients_->run(milliseconds(20));
  publishing.get();
  const auto begin = Clock::now();
  while (lost() > 0 && Clock::now() - std::max(begin, deliveries_.last_at()) < std::chrono::seconds(3)) {
    clients_->run(milliseconds(10));
  }
}

}  // namespace tidings::bench
