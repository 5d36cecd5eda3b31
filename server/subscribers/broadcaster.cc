#include "tidings/server/subscribers/broadcaster.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "tidings/server/loop/event_loop.h"
#include "tidings/server/subscribers/channel_stream.h"

namespace tidings {
namespace {

constexpr std::size_t kBytesPerSend = 64 * 1024;
constexpr std::size_t kSendsAtATime = 1024;

}  // namespace

Broadcaster::Broadcaster(Broadcasters& all, std::shared_ptr<Channel> channel)
    : all_(all), loop_(all.loop()), channel_(std::move(channel)) {
  channel_->listen(*this, loop_);
  epoch_ = channel_->epoch();
  next_ = channel_->next();
}

Broadcaster::~Broadcaster() {
  channel_->stop_listening(*this, loop_);
  all_.forget(*channel_);
}

void Broadcaster::on_published() {
  const std::shared_ptr<Broadcaster> self = shared_from_this();  // its last stream may end meanwhile
  for (bool is_more = true; is_more;) {
    if (const Epoch* const epoch = channel_->epoch(); epoch != epoch_) {
      epoch_ = epoch;
      next_ = channel_->next();
    }
    const EventLog::Run run = channel_->read(next_, epoch_, kBytesPerSend);
    if (!run.is_empty()) {
      broadcast(run);
      next_ = run.next;
      is_more = !run.is_newest;
    } else {  // nothing new, or the log has lost more than was broadcast
      const Channel::Sequence first = channel_->first_in_memory();
      is_more = first > next_;
      next_ = std::max(next_, first);
    }
  }
  subscribers_.for_each([&](Subscriber& each) {
    if (!each.cursor.is_at(next_, epoch_) && !each.cursor.is_awaiting()) each.stream.proceed();
  });
}

// Sends the run, which begins at next_, to those who have had everything before it, whoever came first first: a crowd
// that has just come back does not hold up the others. Who takes the place of one that ends meanwhile may be left out,
// and goes on by itself as whoever is behind.
void Broadcaster::broadcast(const EventLog::Run& run) {
  for (std::size_t at = 0; at < subscribers_.size(); ++at) {
    Subscriber& each = subscribers_[at];
    if (!each.cursor.is_at(next_, epoch_)) continue;
    const std::optional<std::string_view> bytes = each.stream.bytes_of(run);
    if (!bytes) continue;
    sends_.push_back({each.stream.socket(), *bytes});
    receivers_.push_back(&each.stream);
    if (sends_.size() == kSendsAtATime) send_to_receivers(run);
  }
  send_to_receivers(run);
}

void Broadcaster::send_to_receivers(const EventLog::Run& run) {
  if (sends_.empty()) return;
  const Clock::Time time = loop_.now();
  loop_.batch_sender().send(sends_);
  const auto events = static_cast<std::int64_t>(run.next - next_), streams = static_cast<std::int64_t>(sends_.size());
  loop_.metrics().events.add(events * streams);
  loop_.metrics().publish_lag.observe(loop_.now() - run.time, streams);
  for (std::size_t i = 0; i < sends_.size(); ++i) receivers_[i]->take_sent(sends_[i], run, time);
  sends_.clear();
  receivers_.clear();
}

void Broadcasters::forget(const Channel& channel) {
  broadcasters_.erase(&channel);
  shared_event_.forget();
}

std::shared_ptr<Broadcaster> Broadcasters::of(const std::shared_ptr<Channel>& channel) {
  std::weak_ptr<Broadcaster>& known = broadcasters_[channel.get()];
  std::shared_ptr<Broadcaster> broadcaster = known.lock();
  if (!broadcaster) known = broadcaster = std::make_shared<Broadcaster>(*this, channel);
  return broadcaster;
}

}  // namespace tidings
