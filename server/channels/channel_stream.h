// One client's event stream of one or several channels: a socket and a cursor for each channel, nothing more. It is fed
// from the channels' logs, as fast as it takes it and no faster than it comes. Loop thread only.
//
//   Channel ──bell──► ChannelFeed, one a loop and channel ──► each ChannelStream: log ──cursor──► socket
//
// A client without a last event ID gets one with the first event, `begin`, so that it has a place whenever it is cut
// off. Of several channels, an event's id is the vector of all cursors (channel_vector.h); what is its own there goes
// around the log's bytes, which are sent as they lie.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/channel_cursor.h"
#include "tidings/server/channels/channel_vector.h"
#include "tidings/server/loop/batch_sender.h"
#include "tidings/server/loop/event_loop.h"
#include "tidings/server/loop/roster.h"
#include "tidings/server/streams/stream_session.h"

namespace tidings {

class ChannelFeed;
class ChannelFeeds;
class ChannelStream;

// A stream's place in one of its channels.
struct Subscriber {
  ChannelStream& stream;
  const std::shared_ptr<ChannelFeed> feed;
  ChannelCursor cursor;
  std::size_t index = 0;  // in the feed's roster
};

// The streams of one loop that follow one channel: a publisher wakes it once, however many they are, and it reads what
// is new once for all of them that have had everything before.
class ChannelFeed final : private Channel::Listener, public std::enable_shared_from_this<ChannelFeed> {
 public:
  // Of the feeds that it is one of, which outlive it.
  ChannelFeed(ChannelFeeds& feeds, std::shared_ptr<Channel> channel);
  ~ChannelFeed();

  const std::shared_ptr<Channel>& channel() const { return channel_; }
  void add(Subscriber& subscriber) { subscribers_.add(subscriber); }
  void remove(Subscriber& subscriber) { subscribers_.remove(subscriber); }

 private:
  void on_published() override;
  void broadcast(const EventLog::Run& run);
  void send_to_receivers(const EventLog::Run& run);

  ChannelFeeds& feeds_;
  EventLoop& loop_;
  const std::shared_ptr<Channel> channel_;
  Channel::Sequence next_ = 0;  // the first event that has not been fed
  Roster<Subscriber, &Subscriber::index> subscribers_;
  std::vector<BatchSender::Send> sends_;  // of a broadcast under way, some of them at a time
  std::vector<ChannelStream*> receivers_;
};

// The feeds of one loop.
class ChannelFeeds {
 public:
  explicit ChannelFeeds(EventLoop& loop) : loop_(loop) {}

  EventLoop& loop() const { return loop_; }
  std::shared_ptr<ChannelFeed> feed(const std::shared_ptr<Channel>& channel);

 private:
  friend class ChannelFeed;
  void forget(const Channel& channel) { feeds_.erase(&channel); }

  EventLoop& loop_;
  std::unordered_map<const Channel*, std::weak_ptr<ChannelFeed>> feeds_;
};

class ChannelStream final : public StreamSession {
 public:
  // Follows the feeds' channels, at least one, from behind the client's last event ID. `types` are for several
  // channels.
  ChannelStream(EventLoop& loop, const StreamOptions& options, Heartbeat heartbeat,
                std::vector<std::shared_ptr<ChannelFeed>> feeds, std::optional<std::string_view> last_event_id,
                ChannelTypes types = ChannelTypes::kByChannel);
  ~ChannelStream();

  void proceed() override;

  // The bytes of a run that the feed sends to this stream's socket() with others, for a stream that follows that one
  // channel and can send; then what became of them, begun at `time`.
  std::optional<std::string_view> bytes_of(const EventLog::Run& run);
  int socket() const { return descriptor(); }
  void take_sent(const BatchSender::Send& sent, const EventLog::Run& run, Clock::Time time);

 private:
  void release() override;
  void append_beginning(std::string& out) override;
  bool proceed(ChannelCursor& cursor);
  void send_gap(ChannelCursor& cursor);
  void send(ChannelCursor& cursor, EventLog::Run& run, Channel::Sequence events);
  void send_blocks(ChannelCursor& cursor, EventLog::Run& run);
  void send_one_of_several(const ChannelCursor& cursor, const EventLog::Run& run);
  std::string id() const;

  std::vector<Subscriber> channels_;
  const ChannelTypes types_;
  bool has_to_begin_ = false;   // the client does not know its place in each channel
  bool has_next_turn_ = false;  // in which it goes on, whatever wakes it before
};

}  // namespace tidings
