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

using std::chrono::milliseconds;

constexpr milliseconds kPause{1};  // before a refused client comes again
constexpr std::chrono::seconds kOpeningTime{10};

}  // namespace

void LastingPublisher::publish(std::uint16_t port, std::stop_token stop, bool begins_more) {
  if (is_pending_) {
    ++sent_again_;
    if (ledger_.is_known({number_, next_})) ++seen_before_;
  }
  while (!stop.stop_requested() && (begins_more || is_pending_)) {
    try {
      PageClient client(port);
      while (!stop.stop_requested() && (begins_more || is_pending_)) publish_next(client);
    } catch (const std::exception&) {  // there is no server, or it has ended
      std::this_thread::sleep_for(kPause);
    }
  }
}

void LastingPublisher::publish_next(PageClient& client) {
  const Publication publication{.publisher = number_, .number = next_};
  is_pending_ = true;
  const Page page = client.post("/channels/" + channel_name(publication.channel()), publication.data(),
                                "Idempotency-Key: " + publication.key() + "\r\n");
  if (page.status == 200) {
    ledger_.acknowledged(publication, published_id(page.body));
    ++next_;
    is_pending_ = false;
    return;
  }
  if (page.status != 503) {
    verdict_.add(Fault::kOther,
                 publication.key() + " was answered with " + std::to_string(page.status) + ' ' + page.body);
  }
  std::this_thread::sleep_for(kPause);
}

LastingFollowers::LastingFollowers(std::size_t count, std::vector<std::size_t> channels, Ledger& ledger,
                                   Verdict& verdict)
    : target_("/channels/" + channel_name(channels.front())) {
  std::string name = channel_name(channels.front());
  if (channels.size() > 1) {
    name = "all channels";
    target_ = "/channels?";
    for (const std::size_t channel : channels) target_ += "name=" + channel_name(channel) + '&';
    target_.pop_back();
  }
  for (std::size_t index = 0; index < count; ++index) {
    readings_.emplace_back("subscriber " + std::to_string(index) + " of " + name, channels, ledger, verdict);
  }
}

void LastingFollowers::follow(std::uint16_t port, std::stop_token stop) {
  while (!stop.stop_requested()) {
    StreamClients::Options options{.tells_begin = true};
    for (const Reading& reading : readings_) options.last_event_ids.push_back(reading.last_event_id());
    try {
      StreamClients clients(
          port, target_, readings_.size(),
          [this](std::size_t client, const ParsedEvent& event, StreamClients::Time) { readings_[client].take(event); },
          std::move(options));
      clients.open(kOpeningTime);
      while (clients.opened() > 0) clients.run(milliseconds(5));
    } catch (const std::system_error&) {  // there is no server
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace tidings::bench
