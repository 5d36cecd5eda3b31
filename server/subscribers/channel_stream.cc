#include "tidings/server/subscribers/channel_stream.h"

#include <array>
#include <span>
#include <utility>

#include "tidings/protocol/encode.h"
#include "tidings/server/http/chunk.h"

namespace tidings {
namespace {

constexpr std::size_t kBytesPerSend = 64 * 1024;
constexpr int kSendsPerTurn = 16;
constexpr std::size_t kMostCopiedBytes = 4 * 1024;

}  // namespace

ChannelStream::ChannelStream(EventLoop& loop, const StreamOptions& options, Heartbeat heartbeat,
                             std::vector<std::shared_ptr<Broadcaster>> broadcasters,
                             std::optional<std::string_view> last_event_id, ChannelTypes types)
    : StreamSession(loop, options, heartbeat), types_(types) {
  if (last_event_id) last_event_id_ = std::make_unique<const std::string>(*last_event_id);
  channels_.reserve(broadcasters.size());
  for (std::shared_ptr<Broadcaster>& each : broadcasters) {
    channels_.push_back({*this, each, ChannelCursor(each->channel())});
    channels_.back().broadcaster->add(channels_.back());
  }
  if (place()) return;
  for (Subscriber& each : channels_) each.cursor.come();
}

// Whether it has its places.
bool ChannelStream::place() {
  if (is_placed_) return true;
  std::vector<ChannelCursor*> cursors;
  for (Subscriber& each : channels_) cursors.push_back(&each.cursor);
  const std::optional<bool> knows_its_place =
      place_all(cursors, last_event_id_ ? std::optional<std::string_view>(*last_event_id_) : std::nullopt);
  if (!knows_its_place) return false;
  has_to_begin_ = !*knows_its_place;
  last_event_id_ = nullptr;
  return is_placed_ = true;
}

ChannelStream::~ChannelStream() { release(); }

void ChannelStream::release() {
  for (Subscriber& each : channels_) each.broadcaster->remove(each);
  std::vector<Subscriber>().swap(channels_);
}

// A stream has just opened, or its socket has room again. What lies ready for it may be a megabyte, and others may have
// come with it.
void ChannelStream::proceed() {
  if (!can_send() || is_in_backlog_) return;
  is_in_backlog_ = true;
  loop_.backlog().add([self = self(), this] {
    is_in_backlog_ = false;
    send_some();
  });
}

void ChannelStream::send_some() {
  if (!is_placed_ && !begin_late()) return;
  for (int sends = 0; can_send(); ++sends) {
    if (sends == kSendsPerTurn) return proceed();
    bool is_more = false;
    for (std::size_t i = 0; i < channels_.size() && can_send(); ++i) {
      is_more = send_next(channels_[i].cursor) || is_more;
    }
    if (!is_more) return;
  }
}

// The stream has opened before all of its channels have. Whether they have now.
bool ChannelStream::begin_late() {
  if (!can_send() || !place()) return false;
  std::string& out = loop_.write_buffer();
  out.clear();
  begin(out);
  if (!out.empty()) StreamSession::send(out);
  return true;
}

std::optional<std::string_view> ChannelStream::bytes_of(const EventLog::Run& run) {
  if (channels_.size() != 1 || !can_send()) return std::nullopt;
  if (is_chunked()) return run.chunks;
  if (run.next - channels_.front().cursor.next() == 1) return run.block;
  return std::nullopt;
}

void ChannelStream::take_sent(const BatchSender::Send& sent, const EventLog::Run& run, Clock::Time time) {
  ChannelCursor& cursor = channels_.front().cursor;
  note_events(static_cast<std::int64_t>(run.next - cursor.next()));
  cursor.step_over(run);
  StreamSession::take_sent(sent, run.pin, time);
}

// Sends what comes next in one channel. Whether there may be more; the stream, and the cursor with it, may have ended.
bool ChannelStream::send_next(ChannelCursor& cursor) {
  const bool takes_runs = channels_.size() == 1 && is_chunked();
  const Channel::Sequence before = cursor.next();
  EventLog::Run run;
  switch (cursor.advance(takes_runs ? kBytesPerSend : 1, run)) {
    case ChannelCursor::Found::kNothing: return false;
    case ChannelCursor::Found::kGap: send_gap(cursor); return true;
    case ChannelCursor::Found::kEnd: finish(EndReason::kFallenBehind); return false;
    case ChannelCursor::Found::kEvents: break;
  }
  send_run(cursor, run, run.next - before);
  return !run.is_newest;  // what comes behind it wakes the broadcaster
}

void ChannelStream::append_beginning(std::string& out) {
  if (is_placed_) begin(out);
}

// What its client gets first.
void ChannelStream::begin(std::string& out) {
  for (const Subscriber& each : channels_) {
    const Channel::Sequence next = each.cursor.channel().next();
    if (next > each.cursor.next()) loop_.metrics().replayed.add(static_cast<std::int64_t>(next - each.cursor.next()));
  }
  if (!has_to_begin_) return;
  encode_with_id(begin_event(), id(), out);
  note_events(1);
}

void ChannelStream::send_gap(ChannelCursor& cursor) {
  const Event gap = cursor.gap();  // first: the id is another before
  std::string& out = loop_.write_buffer();
  out.clear();
  encode_with_id(gap, id(), out);
  loop_.metrics().gaps.add(1);
  note_events(1);
  StreamSession::send(out);
}

void ChannelStream::send_run(ChannelCursor& cursor, EventLog::Run& run, Channel::Sequence events) {
  count_events(static_cast<std::int64_t>(events));
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
    count_events(1);
  }
  send_framed(std::span(pieces).first(count));
}

// Its comment, reconnection time and data are the log's; its type and its id are this stream's. A small one that
// has just been published leaves with what other streams send then: a system call for each costs more than to copy it.
void ChannelStream::send_one_of_several(const ChannelCursor& cursor, const EventLog::Run& run) {
  const bool leaves_soon = run.is_newest && run.block.size() <= kMostCopiedBytes;
  SharedEvent& shared = channels_.front().broadcaster->all().shared_event();
  const SharedEvent::Form form{&cursor.channel(), types_, is_chunked()};
  if (leaves_soon) {
    if (const std::string_view bytes = shared.find(channels_, form); !bytes.empty()) return send_framed_soon(bytes);
  }
  std::string type;
  std::size_t data = run.lines.type;
  if (types_ == ChannelTypes::kByChannel) {
    type.append("event: ").append(type_of_several(cursor.channel().name(), run.type())).append("\n");
    data = run.lines.data;
  }
  const std::string_view before = run.block.substr(0, run.lines.type);
  const std::string_view after = run.block.substr(data, run.lines.id - data);
  std::string end = "id: " + id() + "\n\n";
  if (leaves_soon) {
    std::string& out = loop_.write_buffer();
    out.assign(before).append(type).append(after).append(end);
    frame(out);
    shared.keep(channels_, form, out);
    return send_framed_soon(out);
  }
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
