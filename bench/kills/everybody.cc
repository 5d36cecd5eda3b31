#include "tidings/bench/kills/everybody.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <string>
#include <utility>

#include "tidings/bench/kills/wait_until.h"

namespace tidings::bench {
namespace {

using std::chrono::milliseconds;

// Of subscribers with one of several servers: not all leave together.
milliseconds stay_of(std::size_t group) { return milliseconds(200 + 70 * group); }

}  // namespace

// Subscribers begin with each of the servers; a part of them follows all channels on one stream, the others one each.
Everybody::Everybody(const Options& options, Verdict& verdict)
    : options_(options), verdict_(verdict), ledger_(options.publishers, verdict, options.losses) {
  for (std::size_t number = 0; number < options.publishers; ++number) {
    publishers_.emplace_back(static_cast<std::uint32_t>(number), ledger_, verdict);
  }
  std::vector<std::size_t> all(kChannels);
  std::iota(all.begin(), all.end(), 0);
  const std::size_t groups = (kChannels + 1) * options.servers;
  for (std::size_t group = 0; group < groups; ++group) {
    const std::size_t count = (options.subscribers + group) / groups, part = group % (kChannels + 1);
    if (count == 0) continue;
    followers_.emplace_back(count, part == kChannels ? all : std::vector{part}, ledger_, verdict,
                            group / (kChannels + 1),
                            options.servers > 1 ? std::optional(stay_of(group)) : std::nullopt);
  }
}

Everybody::Life::Life(Everybody& everybody, std::vector<std::uint16_t> ports)
    : everybody_(everybody), ports_(std::move(ports)), threads_(follow(everybody.followers_, ports_)) {}

Everybody::Life::~Life() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

void Everybody::Life::publish() {
  has_publishers_ = true;
  for (LastingPublisher& each : everybody_.publishers_) {
    threads_.emplace_back([this, &each](std::stop_token stop) { each.publish(ports_, std::move(stop), begins_more_); });
  }
}

void Everybody::Life::settle() {
  begins_more_ = false;
  if (!has_publishers_) publish();
  const auto is_acknowledged = [](const LastingPublisher& each) { return !each.is_pending(); };
  if (!wait_until(
          [&] { return std::all_of(everybody_.publishers_.begin(), everybody_.publishers_.end(), is_acknowledged); })) {
    everybody_.verdict_.add(Fault::kOther, "a publication is not answered");
  }
  wait_until_all_is_read(everybody_.followers_);
}

void Everybody::read_all(const std::vector<std::uint16_t>& ports, const std::function<void()>& stop) {
  std::deque<LastingFollowers> readers;
  std::vector<std::uint64_t> expected;
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    const std::uint64_t last = ledger_.last(channel);
    if (last == 0) continue;
    LastingFollowers& reader = readers.emplace_back(1, std::vector{channel}, ledger_, verdict_, channel);
    reader.readings().front().start_at_the_first(options_.kept_events.has_value());
    expected.push_back(std::min(last, options_.kept_events.value_or(last)));
  }
  {
    const std::vector<std::jthread> threads = follow(readers, ports);
    wait_until_all_is_read(readers);
    stop();
  }
  for (std::size_t index = 0; index < readers.size(); ++index) {
    const std::uint64_t count = readers[index].readings().front().count();
    if (count >= expected[index]) continue;
    verdict_.add(Fault::kLost, "of " + std::to_string(expected[index]) + " events that are to be kept of a channel " +
                                   std::to_string(count) + " are there");
  }
}

void Everybody::close(Told& told) {
  for (LastingFollowers& followers : followers_) {
    for (const Reading& reading : followers.readings()) {
      told.seen += reading.count();
      told.gaps += reading.gaps();
    }
  }
  for (const LastingPublisher& publisher : publishers_) {
    told.sent_again += publisher.sent_again();
    told.seen_before += publisher.seen_before();
  }
  ledger_.close();
  told.acknowledged += ledger_.acknowledged();
  told.lost += ledger_.lost();
}

std::vector<std::jthread> Everybody::follow(std::deque<LastingFollowers>& followers,
                                            const std::vector<std::uint16_t>& ports) {
  std::vector<std::jthread> threads;
  for (LastingFollowers& each : followers) {
    threads.emplace_back([&each, ports](std::stop_token stop) { each.follow(ports, std::move(stop)); });
  }
  return threads;
}

void Everybody::wait_until_all_is_read(std::deque<LastingFollowers>& followers) {
  wait_until([&] {
    return std::all_of(followers.begin(), followers.end(), [](LastingFollowers& each) {
      return std::all_of(each.readings().begin(), each.readings().end(),
                         [](const Reading& reading) { return reading.is_at_the_end(); });
    });
  });
  for (LastingFollowers& each : followers) {
    for (Reading& reading : each.readings()) reading.end();
  }
}

}  // namespace tidings::bench
