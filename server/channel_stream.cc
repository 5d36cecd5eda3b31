#include "server/channel_stream.h"

#include <utility>

#include "protocol/encode.h"

namespace tidings {
namespace {

constexpr std::size_t kBytesPerSend = 64 * 1024;
constexpr int kSendsPerTurn = 16;

}  // namespace

ChannelFeed::ChannelFeed(Loop& loop, std::shared_ptr<Channel> channel) : loop_(loop), channel_(std::move(channel)) {
  channel_->follow(*this);
}

ChannelFeed::~ChannelFeed() { channel_->unfollow(*this); }

void ChannelFeed::wake() {
  if (is_woken_.exchange(true)) return;
  loop_.post([feed = weak_from_this()] {
    if (const auto self = feed.lock()) self->feed();
  });
}

void ChannelFeed::feed() {
  is_woken_ = false;  // before reading: what is published from now on wakes again
  for (auto place = streams_.begin(); place != streams_.end();) (*place++)->proceed();
}

std::shared_ptr<ChannelFeed> ChannelFeeds::feed(const std::shared_ptr<Channel>& channel) {
  std::erase_if(feeds_, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<ChannelFeed>& known = feeds_[channel.get()];
  std::shared_ptr<ChannelFeed> feed = known.lock();
  if (!feed) known = feed = std::make_shared<ChannelFeed>(loop_, channel);
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
    const auto place = feed->add(*this);
    channels_.push_back({std::move(feed), place, std::move(cursor)});
  }
}

ChannelStream::~ChannelStream() { release(); }

void ChannelStream::release() {
  for (Followed& followed : channels_) followed.feed->remove(followed.place);
  channels_ = {};
}

void ChannelStream::proceed() {
  for (int sends = 0; can_send(); ++sends) {
    if (sends == kSendsPerTurn) {  // let the others have their turn
      loop_.post([self = shared_from_this(), this] { proceed(); });
      return;
    }
    bool is_more = false;
    for (std::size_t i = 0; i < channels_.size() && can_send(); ++i) {
      is_more = proceed(channels_[i].cursor) || is_more;
    }
    if (!is_more) return;
  }
}

// Whether there may be more to send. May end the stream, and the cursor with it.
bool ChannelStream::proceed(ChannelCursor& cursor) {
  const bool is_alone = channels_.size() == 1;
  const Channel::Sequence before = cursor.next();
  switch (cursor.advance(is_alone ? kBytesPerSend : 1)) {
    case ChannelCursor::Found::kNothing: return false;
    case ChannelCursor::Found::kGap: send_gap(cursor); return true;
    case ChannelCursor::Found::kEnd:
      loop_.gauges().slow_disconnects.add(1);
      finish();
      return false;
    case ChannelCursor::Found::kEvents: break;
  }
  loop_.gauges().events.add(static_cast<std::int64_t>(cursor.next() - before));
  const EventLog::Run run = cursor.take_run();
  loop_.gauges().publish_lag.observe(loop_.now() - run.time);
  if (is_alone) {
    send(run.bytes, run.pin);
  } else {
    send_one_of_several(cursor, run.bytes);
  }
  return !run.is_newest;  // what comes behind it wakes the feed
}

void ChannelStream::send_gap(const ChannelCursor& cursor) {
  std::string& out = loop_.write_buffer();
  out.clear();
  encode(cursor.gap(), out);
  loop_.gauges().gaps.add(1);
  send(out);
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
  send(out);
}

std::string ChannelStream::ids() const {
  std::string ids;
  for (const Followed& followed : channels_) {
    if (!ids.empty()) ids += ',';
    ids.append(followed.cursor.channel().name()).append(":").append(followed.cursor.id());
  }
  return ids;
}

}  // namespace tidings
