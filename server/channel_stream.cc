#include "server/channel_stream.h"

#include <algorithm>
#include <utility>

#include "protocol/encode.h"

namespace tidings {
namespace {

constexpr std::size_t kBytesPerSend = 64 * 1024;
constexpr int kSendsPerTurn = 16;
constexpr std::size_t kSendsAtATime = 1024;

}  // namespace

ChannelFeed::ChannelFeed(Loop& loop, std::shared_ptr<Channel> channel) : loop_(loop), channel_(std::move(channel)) {}

ChannelFeed::~ChannelFeed() { channel_->unfollow(*this); }

void ChannelFeed::begin() {
  channel_->follow(*this);
  head_ = channel_->next();
}

void ChannelFeed::wake() {
  if (is_woken_.exchange(true)) return;
  loop_.post([feed = weak_from_this()] {
    if (const auto self = feed.lock()) self->feed();
  });
}

void ChannelFeed::feed() {
  is_woken_ = false;  // before reading: what is published from now on wakes again
  for (bool is_more = true; is_more;) {
    const EventLog::Run run = channel_->read(head_, kBytesPerSend);
    if (!run.bytes.empty()) {
      broadcast(run);
      head_ = run.next;
      is_more = !run.is_newest;
    } else {  // nothing new, or the log has lost more than was fed
      const Channel::Sequence first = channel_->first();
      is_more = first > head_;
      head_ = std::max(head_, first);
    }
  }
  subscribers_.for_each([&](Subscriber& each) {
    if (each.cursor.next() != head_ || each.cursor.has_missed()) each.stream.proceed();
  });
}

// Sends the run, which begins at the head, for all who are there.
void ChannelFeed::broadcast(const EventLog::Run& run) {
  for (std::size_t at = subscribers_.size(); at > 0; at = std::min(at, subscribers_.size())) {
    Subscriber& each = subscribers_[--at];
    if (each.cursor.next() == head_ && !each.cursor.has_missed()) {
      if (const std::optional<int> socket = each.stream.open_socket()) {
        sends_.push_back({*socket, run.bytes});
        receivers_.push_back(&each.stream);
      }
    }
    if (sends_.size() == kSendsAtATime || at == 0) send_to_receivers(run);
  }
}

void ChannelFeed::send_to_receivers(const EventLog::Run& run) {
  if (sends_.empty()) return;
  const Clock::Time time = loop_.now();
  loop_.batch_sender().send(sends_);
  const auto events = static_cast<std::int64_t>(run.next - head_), streams = static_cast<std::int64_t>(sends_.size());
  loop_.gauges().events.add(events * streams);
  loop_.gauges().publish_lag.observe(loop_.now() - run.time, streams);
  for (std::size_t i = 0; i < sends_.size(); ++i) receivers_[i]->take_sent(sends_[i], run, time);
  sends_.clear();
  receivers_.clear();
}

std::shared_ptr<ChannelFeed> ChannelFeeds::feed(const std::shared_ptr<Channel>& channel) {
  std::erase_if(feeds_, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<ChannelFeed>& known = feeds_[channel.get()];
  std::shared_ptr<ChannelFeed> feed = known.lock();
  if (feed) return feed;
  known = feed = std::make_shared<ChannelFeed>(loop_, channel);
  feed->begin();
  return feed;
}

ChannelStream::ChannelStream(Loop& loop, const StreamOptions& options, Heartbeat heartbeat,
                             std::vector<std::shared_ptr<ChannelFeed>> feeds,
                             std::optional<std::string_view> last_event_id)
    : StreamSession(loop, options, heartbeat) {
  const bool is_alone = feeds.size() == 1;
  channels_.reserve(feeds.size());
  for (std::shared_ptr<ChannelFeed>& feed : feeds) {
    const std::shared_ptr<Channel>& channel = feed->channel();
    ChannelCursor cursor(channel, id_for(channel->name(), last_event_id, is_alone));
    loop.gauges().replayed.add(static_cast<std::int64_t>(channel->next() - cursor.next()));
    channels_.push_back({*this, std::move(feed), std::move(cursor)});
    channels_.back().feed->add(channels_.back());
  }
}

ChannelStream::~ChannelStream() { release(); }

void ChannelStream::release() {
  for (Subscriber& each : channels_) each.feed->remove(each);
  std::vector<Subscriber>().swap(channels_);
}

void ChannelStream::proceed() {
  if (has_next_turn_) return;
  for (int sends = 0; can_send(); ++sends) {
    if (sends == kSendsPerTurn) {  // let the others have their turn
      has_next_turn_ = true;
      loop_.post([self = shared_from_this(), this] {
        has_next_turn_ = false;
        proceed();
      });
      return;
    }
    bool is_more = false;
    for (std::size_t i = 0; i < channels_.size() && can_send(); ++i) {
      is_more = proceed(channels_[i].cursor) || is_more;
    }
    if (!is_more) return;
  }
}

std::optional<int> ChannelStream::open_socket() {
  if (channels_.size() != 1 || !can_send()) return std::nullopt;
  return descriptor();
}

void ChannelStream::take_sent(const BatchSender::Send& sent, const EventLog::Run& run, Clock::Time time) {
  channels_.front().cursor.step_over(run);
  StreamSession::take_sent(sent, run.pin, time);
}

// Whether there may be more to send. May end the stream, and the cursor with it.
bool ChannelStream::proceed(ChannelCursor& cursor) {
  const bool is_alone = channels_.size() == 1;
  const Channel::Sequence before = cursor.next();
  EventLog::Run run;
  switch (cursor.advance(is_alone ? kBytesPerSend : 1, run)) {
    case ChannelCursor::Found::kNothing: return false;
    case ChannelCursor::Found::kGap: send_gap(cursor); return true;
    case ChannelCursor::Found::kEnd:
      loop_.gauges().slow_disconnects.add(1);
      finish();
      return false;
    case ChannelCursor::Found::kEvents: break;
  }
  send(cursor, run, run.next - before);
  return !run.is_newest;  // what comes behind it wakes the feed
}

void ChannelStream::send(const ChannelCursor& cursor, const EventLog::Run& run, Channel::Sequence events) {
  loop_.gauges().events.add(static_cast<std::int64_t>(events));
  if (channels_.size() == 1) {
    StreamSession::send(run.bytes, run.pin);
  } else {
    send_one_of_several(cursor, run.bytes);
  }
  loop_.gauges().publish_lag.observe(last_sent() - run.time);
}

void ChannelStream::send_gap(ChannelCursor& cursor) {
  std::string& out = loop_.write_buffer();
  out.clear();
  encode(cursor.gap(), out);
  loop_.gauges().gaps.add(1);
  StreamSession::send(out);
}

// The log's bytes are an `event` line or none, an `id` line, then the data: only the first two are another's here.
void ChannelStream::send_one_of_several(const ChannelCursor& cursor, std::string_view encoded) {
  static constexpr std::string_view kEvent = "event: ";
  std::string_view type;
  if (encoded.starts_with(kEvent)) {
    type = encoded.substr(kEvent.size(), encoded.find('\n') - kEvent.size());
    encoded.remove_prefix(kEvent.size() + type.size() + 1);
  }
  encoded.remove_prefix(encoded.find('\n') + 1);
  std::string& out = loop_.write_buffer();
  out.assign(kEvent).append(type_of_several(cursor.channel(), type));
  out.append("\nid: ").append(ids()).append("\n").append(encoded);
  StreamSession::send(out);
}

std::string ChannelStream::ids() const {
  std::string ids;
  for (const Subscriber& each : channels_) {
    if (!ids.empty()) ids += ',';
    ids.append(each.cursor.channel().name()).append(":").append(each.cursor.id());
  }
  return ids;
}

}  // namespace tidings
