#include "tidings/server/channels/channel_stream.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "tidings/protocol/encode.h"
#include "tidings/server/streams/chunk.h"

namespace tidings {
namespace {

constexpr std::size_t kBytesPerSend = 64 * 1024;
constexpr int kSendsPerTurn = 16;
constexpr std::size_t kSendsAtATime = 1024;

}  // namespace

ChannelFeed::ChannelFeed(ChannelFeeds& feeds, std::shared_ptr<Channel> channel)
    : feeds_(feeds), loop_(feeds.loop()), channel_(std::move(channel)) {
  channel_->listen(*this, loop_);
  next_ = channel_->next();
}

ChannelFeed::~ChannelFeed() {
  channel_->stop_listening(*this, loop_);
  feeds_.forget(*channel_);
}

void ChannelFeed::on_published() {
  const std::shared_ptr<ChannelFeed> self = shared_from_this();  // its last stream may end meanwhile
  for (bool is_more = true; is_more;) {
    const EventLog::Run run = channel_->read(next_, kBytesPerSend);
    if (!run.is_empty()) {
      broadcast(run);
      next_ = run.next;
      is_more = !run.is_newest;
    } else {  // nothing new, or the log has lost more than was fed
      const Channel::Sequence first = channel_->first();
      is_more = first > next_;
      next_ = std::max(next_, first);
    }
  }
  subscribers_.for_each([&](Subscriber& each) {
    if (each.cursor.next() != next_ || each.cursor.has_missed()) each.stream.proceed();
  });
}

// Sends the run, which begins at the head, for all who are there.
void ChannelFeed::broadcast(const EventLog::Run& run) {
  for (std::size_t at = subscribers_.size(); at > 0; at = std::min(at, subscribers_.size())) {
    Subscriber& each = subscribers_[--at];
    if (each.cursor.next() == next_ && !each.cursor.has_missed()) {
      if (const std::optional<std::string_view> bytes = each.stream.bytes_of(run)) {
        sends_.push_back({each.stream.socket(), *bytes});
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
  const auto events = static_cast<std::int64_t>(run.next - next_), streams = static_cast<std::int64_t>(sends_.size());
  loop_.metrics().events.add(events * streams);
  loop_.metrics().publish_lag.observe(loop_.now() - run.time, streams);
  for (std::size_t i = 0; i < sends_.size(); ++i) receivers_[i]->take_sent(sends_[i], run, time);
  sends_.clear();
  receivers_.clear();
}

std::shared_ptr<ChannelFeed> ChannelFeeds::feed(const std::shared_ptr<Channel>& channel) {
  std::weak_ptr<ChannelFeed>& known = feeds_[channel.get()];
  std::shared_ptr<ChannelFeed> feed = known.lock();
  if (!feed) known = feed = std::make_shared<ChannelFeed>(*this, channel);
  return feed;
}

ChannelStream::ChannelStream(EventLoop& loop, const StreamOptions& options, Heartbeat heartbeat,
                             std::vector<std::shared_ptr<ChannelFeed>> feeds,
                             std::optional<std::string_view> last_event_id, ChannelTypes types)
    : StreamSession(loop, options, heartbeat), types_(types) {
  std::vector<std::shared_ptr<Channel>> channels;
  for (const std::shared_ptr<ChannelFeed>& feed : feeds) channels.push_back(feed->channel());
  const std::vector<std::optional<std::string_view>> ids = ids_for(channels, last_event_id);
  has_to_begin_ = std::find(ids.begin(), ids.end(), std::nullopt) != ids.end();
  channels_.reserve(feeds.size());
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    channels_.push_back({*this, std::move(feeds[i]), ChannelCursor(channels[i], ids[i])});
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

std::optional<std::string_view> ChannelStream::bytes_of(const EventLog::Run& run) {
  if (channels_.size() != 1 || !can_send()) return std::nullopt;
  if (is_chunked()) return run.chunks;
  if (run.next - channels_.front().cursor.next() == 1) return run.block;
  return std::nullopt;
}

void ChannelStream::take_sent(const BatchSender::Send& sent, const EventLog::Run& run, Clock::Time time) {
  channels_.front().cursor.step_over(run);
  StreamSession::take_sent(sent, run.pin, time);
}

// Whether there may be more to send. May end the stream, and the cursor with it.
bool ChannelStream::proceed(ChannelCursor& cursor) {
  const bool takes_runs = channels_.size() == 1 && is_chunked();
  const Channel::Sequence before = cursor.next();
  EventLog::Run run;
  switch (cursor.advance(takes_runs ? kBytesPerSend : 1, run)) {
    case ChannelCursor::Found::kNothing: return false;
    case ChannelCursor::Found::kGap: send_gap(cursor); return true;
    case ChannelCursor::Found::kEnd:
      loop_.metrics().slow_disconnects.add(1);
      finish();
      return false;
    case ChannelCursor::Found::kEvents: break;
  }
  send(cursor, run, run.next - before);
  return !run.is_newest;  // what comes behind it wakes the feed
}

void ChannelStream::append_beginning(std::string& out) {
  for (const Subscriber& each : channels_) {
    const Channel::Sequence next = each.cursor.channel().next();
    loop_.metrics().replayed.add(static_cast<std::int64_t>(next - each.cursor.next()));
  }
  if (has_to_begin_) encode_with_id(begin_event(), id(), out);
}

void ChannelStream::send_gap(ChannelCursor& cursor) {
  const Event gap = cursor.gap();  // first: the id is another before
  std::string& out = loop_.write_buffer();
  out.clear();
  encode_with_id(gap, id(), out);
  loop_.metrics().gaps.add(1);
  StreamSession::send(out);
}

void ChannelStream::send(ChannelCursor& cursor, EventLog::Run& run, Channel::Sequence events) {
  loop_.metrics().events.add(static_cast<std::int64_t>(events));
  if (channels_.size() > 1) {
    send_one_of_several(cursor, run);
  } else if (is_chunked()) {
    const Piece piece{run.chunks, run.pin};
    send_framed({&piece, 1});
  } else {
    send_blocks(cursor, run);
  }
  loop_.metrics().publish_lag.observe(last_sent() - run.time);
}

// The bare events, which lie in their chunks: this one and those behind it, some at a time.
void ChannelStream::send_blocks(ChannelCursor& cursor, EventLog::Run& run) {
  std::array<Piece, kMostPieces> pieces;
  std::size_t count = 0;
  pieces[count++] = {run.block, run.pin};
  for (EventLog::Run more; !run.is_newest && count < pieces.size(); run = more) {
    if (cursor.advance(1, more) != ChannelCursor::Found::kEvents) break;  // which it will find again
    pieces[count++] = {more.block, more.pin};
    loop_.metrics().events.add(1);
  }
  send_framed(std::span(pieces).first(count));
}

// Its comment, reconnection time and data are the log's; its type and its id are this stream's.
void ChannelStream::send_one_of_several(const ChannelCursor& cursor, const EventLog::Run& run) {
  std::string type;
  std::size_t data = run.lines.type;
  if (types_ == ChannelTypes::kByChannel) {
    type.append("event: ").append(type_of_several(cursor.channel().name(), run.type())).append("\n");
    data = run.lines.data;
  }
  const std::string_view before = run.block.substr(0, run.lines.type);
  const std::string_view after = run.block.substr(data, run.lines.id - data);
  std::string end = "id: " + id() + "\n\n";
  const ChunkHead head(before.size() + type.size() + after.size() + end.size());
  if (is_chunked()) end += kChunkEnd;
  const std::array<Piece, 5> pieces{{{is_chunked() ? head.view() : std::string_view(), nullptr},
                                     {before, run.pin},
                                     {type, nullptr},
                                     {after, run.pin},
                                     {end, nullptr}}};
  send_framed(pieces);
}

// Of where the stream is now: the channel's own, or the vector of all of them.
std::string ChannelStream::id() const {
  if (channels_.size() == 1) return channels_.front().cursor.id();
  std::string vector;
  for (const Subscriber& each : channels_) append_to_vector(each.cursor, vector);
  return vector;
}

}  // namespace tidings
