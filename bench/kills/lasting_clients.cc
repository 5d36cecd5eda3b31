#include "tidings/bench/kills/lasting_clients.h"

#include <chrono>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/stream_clients.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPause{1};  // before a refused client comes again
constexpr std::chrono::seconds kOpeningTime{10};

}  // namespace

void LastingPublisher::publish(const std::vector<std::uint16_t>& ports, std::stop_token stop,
                               const std::atomic<bool>& begins_more) {
  const auto goes_on = [&] { return !stop.stop_requested() && (begins_more || is_pending_); };
  for (std::size_t server = number_; goes_on(); ++server) {
    try {
      PageClient client(ports[server % ports.size()]);
      // A refusal may be that of one server among several.
      while (goes_on() && (publish_next(client) || ports.size() == 1)) continue;
    } catch (const std::exception&) {  // there is no server, or it has ended
      std::this_thread::sleep_for(kPause);
    }
  }
}

bool LastingPublisher::publish_next(PageClient& client) {
  const Publication publication{.publisher = number_, .number = next_};
  if (is_pending_) {
    ++sent_again_;
    if (ledger_.is_known(publication)) ++seen_before_;
  }
  is_pending_ = true;
  const Page page = client.post("/channels/" + channel_name(publication.channel()), publication.data(),
                                "Idempotency-Key: " + publication.key() + "\r\n");
  if (page.status == 200) {
    ledger_.acknowledged(publication, published_id(page.body));
    ++next_;
    is_pending_ = false;
    return true;
  }
  if (page.status != 503) {
    verdict_.add(Fault::kOther,
                 publication.key() + " was answered with " + std::to_string(page.status) + ' ' + page.body);
  }
  std::this_thread::sleep_for(kPause);
  return false;
}

LastingFollowers::LastingFollowers(std::size_t count, std::vector<std::size_t> channels, Ledger& ledger,
                                   Verdict& verdict, std::size_t server, std::optional<std::chrono::milliseconds> stay)
    : target_("/channels/" + channel_name(channels.front())), server_(server), stay_(stay) {
  std::string name = channel_name(channels.front());
  if (channels.size() > 1) {
    name = "all channels";
    target_ = "/channels?";
    for (const std::size_t channel : channels) target_ += "name=" + channel_name(channel) + '&';
    target_.pop_back();
  }
  if (stay) name += ", at first at server " + std::to_string(server) + ',';
  for (std::size_t index = 0; index < count; ++index) {
    readings_.emplace_back("subscriber " + std::to_string(index) + " of " + name, channels, ledger, verdict);
  }
}

void LastingFollowers::follow(const std::vector<std::uint16_t>& ports, std::stop_token stop) {
  for (; !stop.stop_requested(); ++server_) {
    StreamClients::Options options{.tells_begin = true};
    for (const Reading& reading : readings_) options.last_event_ids.push_back(reading.last_event_id());
    try {
      StreamClients clients(
          ports[server_ % ports.size()], target_, readings_.size(),
          [this](std::size_t client, const ParsedEvent& event, StreamClients::Time) { readings_[client].take(event); },
          std::move(options));
      clients.open(kOpeningTime);
      const auto until = stay_ ? Clock::now() + *stay_ : Clock::time_point::max();
      while (clients.opened() > 0 && Clock::now() < until) clients.run(milliseconds(5));
    } catch (const std::system_error&) {  // there is no server
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace tidings::bench
