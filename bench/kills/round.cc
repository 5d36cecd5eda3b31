#include "tidings/bench/kills/round.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tidings/bench/load/page_client.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kProgram = "server/server";
constexpr std::chrono::seconds kLongestWait{30};  // for what takes much less when all is well

// Whether it becomes so in time.
bool wait_until(const std::function<bool()>& is_so) {
  for (const auto deadline = Clock::now() + kLongestWait; Clock::now() < deadline;) {
    if (is_so()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return is_so();
}

}  // namespace

std::uint64_t Tally::all_kills() const {
  const auto stops = static_cast<std::size_t>(Moment::Kind::kStop);
  return std::accumulate(kills.begin(), kills.end(), std::uint64_t{0}) - kills[stops];
}

// The clients' threads, for as long as the server lives.
class Round::Life {
 public:
  Life(std::uint16_t port, std::deque<LastingFollowers>& followers) : port_(port) {
    for (LastingFollowers& each : followers) {
      threads_.emplace_back([&each, port](std::stop_token stop) { each.follow(port, std::move(stop)); });
    }
  }
  // Nobody comes back any more. To be called once the server has ended.
  ~Life() {
    for (std::jthread& thread : threads_) thread.request_stop();
  }

  void publish(std::deque<LastingPublisher>& publishers, bool begins_more) {
    for (LastingPublisher& each : publishers) {
      threads_.emplace_back([&each, port = port_, begins_more](std::stop_token stop) {
        each.publish(port, std::move(stop), begins_more);
      });
    }
  }

 private:
  const std::uint16_t port_;
  std::vector<std::jthread> threads_;
};

Round::Round(const Options& options, std::filesystem::path folder, Verdict& verdict, Tally& tally)
    : options_(options),
      folder_(std::move(folder)),
      verdict_(verdict),
      tally_(tally),
      ledger_(options.publishers, verdict) {
  for (std::size_t number = 0; number < options.publishers; ++number) {
    publishers_.emplace_back(static_cast<std::uint32_t>(number), ledger_, verdict);
  }
  // A part of them follows all channels on one stream, the others one each.
  std::vector<std::size_t> all(kChannels);
  std::iota(all.begin(), all.end(), 0);
  for (std::size_t part = 0; part <= kChannels; ++part) {
    const std::size_t count = (options.subscribers + part) / (kChannels + 1);
    if (count == 0) continue;
    followers_.emplace_back(count, part == kChannels ? all : std::vector{part}, ledger_, verdict);
  }
}

std::vector<std::string> Round::arguments() const {
  std::vector<std::string> all{"--port=0",
                               "--data_dir=" + folder_.string(),
                               "--durability=" + options_.durability,
                               std::string("--publish_token=") + kPublishToken,
                               "--shutdown_delay_s=0",
                               "--log_level=error"};
  if (options_.kept_events) all.push_back("--history_events=" + std::to_string(*options_.kept_events));
  return all;
}

void Round::live(const Moment& moment) {
  const auto start = Clock::now();
  ServerProcess server(kProgram, arguments(), ServerProcess::Wait::kNot);
  Killer killer(server.process(), moment, database());
  std::string why;
  try {
    server.wait_until_it_listens();
    tally_.starts_ms.add(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  } catch (const std::runtime_error& error) {
    why = error.what();
  }
  const bool has_listened = why.empty();
  std::optional<Life> life;
  if (has_listened) life.emplace(server.port(), followers_).publish(publishers_, true);

  const Killer::End end = killer.wait();
  const bool has_ended_well = server.stop(end == Killer::End::kKilled ? SIGKILL : 0);
  life.reset();
  if (end == Killer::End::kKilled) {
    ++tally_.kills[static_cast<std::size_t>(killer.kind())];
    if (!has_listened) ++tally_.before_listening;
  } else if (end == Killer::End::kItself || (has_listened && !has_ended_well)) {
    verdict_.add(Fault::kOther, "the server has ended by itself, or not well. " + why);
  } else {
    ++tally_.kills[static_cast<std::size_t>(Moment::Kind::kStop)];
  }
}

void Round::finish() {
  {
    ServerProcess server(kProgram, arguments());
    Life life(server.port(), followers_);
    life.publish(publishers_, false);
    const auto is_acknowledged = [](const LastingPublisher& each) { return !each.is_pending(); };
    if (!wait_until([&] { return std::all_of(publishers_.begin(), publishers_.end(), is_acknowledged); })) {
      verdict_.add(Fault::kOther, "a publication is not answered");
    }
    wait_until_all_is_read(followers_);
    stop(server);
  }
  for (LastingFollowers& followers : followers_) {
    for (const Reading& reading : followers.readings()) tally_.seen += reading.count();
  }
  for (const LastingPublisher& publisher : publishers_) {
    tally_.sent_again += publisher.sent_again();
    tally_.seen_before += publisher.seen_before();
  }
  read_all();
  ledger_.close();
  tally_.acknowledged += ledger_.acknowledged();
}

// Where not all is kept, a reader is told a gap, and then gets at least as much as is to be kept.
void Round::read_all() {
  std::deque<LastingFollowers> readers;
  std::vector<std::uint64_t> expected;
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    const std::uint64_t last = ledger_.last(channel);
    if (last == 0) continue;
    Reading& reading = readers.emplace_back(1, std::vector{channel}, ledger_, verdict_).readings().front();
    reading.start_at_the_first(options_.kept_events.has_value());
    expected.push_back(std::min(last, options_.kept_events.value_or(last)));
  }
  ServerProcess server(kProgram, arguments());
  const Life life(server.port(), readers);
  wait_until_all_is_read(readers);
  stop(server);
  for (std::size_t index = 0; index < readers.size(); ++index) {
    const std::uint64_t count = readers[index].readings().front().count();
    if (count >= expected[index]) continue;
    verdict_.add(Fault::kLost, "of " + std::to_string(expected[index]) + " events that are to be kept of a channel " +
                                   std::to_string(count) + " are there");
  }
}

void Round::wait_until_all_is_read(std::deque<LastingFollowers>& followers) {
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

void Round::stop(ServerProcess& server) {
  if (!server.stop(SIGTERM)) verdict_.add(Fault::kOther, "the server does not stop well after a SIGTERM");
}

}  // namespace tidings::bench
