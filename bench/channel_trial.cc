#include "bench/channel_trial.h"

#include <unistd.h>

#include <algorithm>
#include <future>

#include "bench/process_figures.h"

namespace tidings::bench {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kOpeningTime{60}, kArrivalTime{20};

double micros(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::micro>(time).count(); }

}  // namespace

ChannelTrial::ChannelTrial(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                           const Load& load, std::size_t earlier)
    : load_(load), server_(program, arguments), deliveries_(load.subscribers, load.bytes) {
  publisher_.emplace(server_.port(), kChannel, load.bytes);
  // One at least: the first request makes the server set up what it keeps.
  publisher_->publish(std::max<std::size_t>(earlier, 1), std::chrono::nanoseconds(0));
  clients_.emplace(
      server_.port(), std::string("/channels/") + kChannel, load.subscribers,
      [this](std::size_t client, const ParsedEvent& event, StreamClients::Time) { deliveries_.take(client, event); });
}

bool ChannelTrial::open(Verdict& verdict) {
  const ProcessFigures before = figures_of(server_.process());
  const bool all_are_open = clients_->open(kOpeningTime);
  verdict.expect(all_are_open, std::to_string(clients_->failed()) +
                                   " subscribers failed to open their stream: " + clients_->refusal());
  clients_->run(milliseconds(200));
  const std::int64_t bytes = figures_of(server_.process()).anonymous_bytes - before.anonymous_bytes;
  idle_kib_ = static_cast<double>(bytes) / 1024 / static_cast<double>(load_.subscribers);
  return all_are_open;
}

double ChannelTrial::run_round(milliseconds time) {
  const std::size_t count = std::max<std::size_t>(1, static_cast<std::size_t>(time.count()) * load_.rate / 1000);
  const std::uint64_t before = deliveries_.count();
  const auto cpu = figures_of(server_.process()).cpu, own_cpu = figures_of(getpid()).cpu;
  const auto begin = std::chrono::steady_clock::now();
  std::future<Publisher::Published> publishing = std::async(std::launch::async, [&] {
    return publisher_->publish(count, std::chrono::nanoseconds(std::chrono::seconds(1)) / load_.rate, begin + time);
  });
  while (publishing.wait_for(milliseconds(0)) != std::future_status::ready) clients_->run(milliseconds(50));
  const Publisher::Published published = publishing.get();
  const std::uint64_t events = published.last - published.first + 1, expected = before + events * load_.subscribers;
  const auto deadline = std::chrono::steady_clock::now() + kArrivalTime;
  while (deliveries_.count() < expected && std::chrono::steady_clock::now() < deadline) clients_->run(milliseconds(20));

  const auto delivered = static_cast<double>(std::max<std::uint64_t>(1, deliveries_.count() - before));
  const double cpu_us = micros(figures_of(server_.process()).cpu - cpu) / delivered;
  cpu_us_.add(cpu_us);
  own_cpu_us_.add(micros(figures_of(getpid()).cpu - own_cpu) / delivered);
  Percentiles delays = deliveries_.take_delays_ms();
  p50_ms_.add(delays.at(50));
  p99_ms_.add(delays.at(99));
  max_ms_.add(delays.at(100));
  rate_.add(static_cast<double>(events) * 1000 / static_cast<double>(time.count()));
  late_ms_.add(micros(published.most_late) / 1000);
  if (!first_) first_ = published.first;
  last_ = published.last;
  return cpu_us;
}

ChannelTrial::Figures ChannelTrial::figures() {
  return {.cpu_us = cpu_us_.at(50),
          .least_cpu_us = cpu_us_.at(0),
          .most_cpu_us = cpu_us_.at(100),
          .own_cpu_us = own_cpu_us_.at(50),
          .p50_ms = p50_ms_.at(50),
          .p99_ms = p99_ms_.at(50),
          .max_ms = max_ms_.at(100),
          .rate = rate_.at(50),
          .most_late_ms = late_ms_.at(100)};
}

void ChannelTrial::finish(Verdict& verdict) {
  verdict.expect(clients_->failed() == 0, std::to_string(clients_->failed()) + " streams ended");
  if (first_) deliveries_.expect_all(*first_, last_, verdict);
  verdict.expect(server_.stop(), "a server did not stop with exit code 0 within 10 s");
}

}  // namespace tidings::bench
