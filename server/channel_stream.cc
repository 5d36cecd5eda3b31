#include "server/channel_stream.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "protocol/encode.h"
#include "server/text.h"

namespace tidings {
namespace {

constexpr std::size_t kBytesPerSend = 64 * 1024;
constexpr int kSendsPerTurn = 16;

// The part of a last event ID that is about this channel: `id` itself where the stream follows it alone, else what the
// vector says. Empty where it says nothing of it; the whole id where it is no vector, which no channel will know.
std::optional<std::string_view> id_for(std::string_view channel, std::optional<std::string_view> id, bool is_alone) {
  if (!id || is_alone) return id;
  std::optional<std::string_view> found;
  bool is_vector = true;
  any_list_member(*id, [&](std::string_view member) {
    const std::size_t colon = member.find(':');
    is_vector = is_vector && colon != std::string_view::npos;
    if (member.substr(0, colon) == channel && is_vector) found = member.substr(colon + 1);
    return false;
  });
  return is_vector ? found : id;
}

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
  cursors_.reserve(feeds.size());
  for (std::shared_ptr<ChannelFeed>& feed : feeds) {
    Channel& channel = feed->channel();
    const std::optional<std::string_view> id = id_for(channel.name(), last_event_id, is_alone);
    const Channel::Place place = channel.place_after(id);
    Cursor& cursor = cursors_.emplace_back();
    cursor.next = place.next;
    if (place.has_missed) cursor.missed_after = *id;
    cursor.place = feed->add(*this);
    cursor.feed = std::move(feed);
  }
}

ChannelStream::~ChannelStream() { release(); }

void ChannelStream::release() {
  for (Cursor& cursor : cursors_) cursor.feed->remove(cursor.place);
  cursors_ = {};
}

void ChannelStream::proceed() {
  for (int sends = 0; can_send(); ++sends) {
    if (sends == kSendsPerTurn) {  // let the others have their turn
      loop_.post([self = shared_from_this(), this] { proceed(); });
      return;
    }
    bool has_sent = false;
    for (std::size_t i = 0; i < cursors_.size() && can_send(); ++i) has_sent = proceed(cursors_[i]) || has_sent;
    if (!has_sent) return;
  }
}

// Whether there was something to send. May end the stream, and the cursor with it.
bool ChannelStream::proceed(Cursor& cursor) {
  if (!cursor.missed_after.empty()) {
    send_gap(cursor);
    return true;
  }
  const bool is_alone = cursors_.size() == 1;
  const EventLog::Run run = cursor.feed->channel().read(cursor.next, is_alone ? kBytesPerSend : 1);
  if (run.bytes.empty()) return fall_behind(cursor);
  loop_.gauges().events.add(static_cast<std::int64_t>(run.next - cursor.next));
  cursor.next = run.next;
  if (is_alone) {
    send(run.bytes, run.pin);
  } else {
    send_one_of_several(cursor, run.bytes);
  }
  return true;
}

// There is nothing to read: because nothing new has come, or since the log keeps it no more.
bool ChannelStream::fall_behind(Cursor& cursor) {
  Channel& channel = cursor.feed->channel();
  const Channel::Place place = channel.place_of(cursor.next);
  if (!place.has_missed) return false;
  if (channel.fallen_behind() == FallenBehind::kDisconnect) {
    loop_.gauges().slow_disconnects.add(1);
    finish();
    return false;
  }
  cursor.missed_after = channel.id_of(cursor.next - 1);
  cursor.next = place.next;
  return true;
}

void ChannelStream::send_gap(Cursor& cursor) {
  Channel& channel = cursor.feed->channel();
  const nlohmann::ordered_json data{
      {"channel", channel.name()}, {"asked", cursor.missed_after}, {"first", channel.id_of(channel.first())}};
  cursor.missed_after = std::string();
  std::string& out = loop_.write_buffer();
  out.clear();
  encode(Event("gap", data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)), out);
  loop_.gauges().gaps.add(1);
  send(out);
}

// The log's bytes are an `event` line or none, an `id` line, then the data: only the first two are another's here.
void ChannelStream::send_one_of_several(const Cursor& cursor, std::string_view encoded) {
  static constexpr std::string_view kEvent = "event: ", kId = "id: ";
  std::string_view type;
  if (encoded.starts_with(kEvent)) {
    type = encoded.substr(kEvent.size(), encoded.find('\n') - kEvent.size());
    encoded.remove_prefix(kEvent.size() + type.size() + 1);
  }
  encoded.remove_prefix(encoded.find('\n') + 1);
  std::string& out = loop_.write_buffer();
  out.assign(kEvent).append(cursor.feed->channel().name());
  if (!type.empty()) out.append("/").append(type);
  out.append("\n").append(kId).append(ids()).append("\n").append(encoded);
  send(out);
}

std::string ChannelStream::ids() const {
  std::string ids;
  for (const Cursor& cursor : cursors_) {
    if (!ids.empty()) ids += ',';
    const Channel& channel = cursor.feed->channel();
    ids.append(channel.name()).append(":").append(channel.id_of(cursor.next - 1));
  }
  return ids;
}

}  // namespace tidings
