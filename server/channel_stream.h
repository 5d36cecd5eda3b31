// One client's event stream of one or several channels: a socket and a cursor for each channel, nothing more. It is fed
// from the channels' logs, as fast as it takes it and no faster than it comes. Loop thread only.
//
//   Channel ──wake──► ChannelFeed, one a loop and channel ──► each ChannelStream: log ──cursor──► socket
//
// Of several channels, an event's id is the vector of all cursors, `a:E-7,b:E-9`, and its type `<channel>` or
// `<channel>/<type>`.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/batch_sender.h"
#include "server/channel.h"
#include "server/channel_cursor.h"
#include "server/loop.h"
#include "server/roster.h"
#include "server/stream_session.h"

namespace tidings {

class ChannelFeed;
class ChannelStream;

// A stream's place in one of its channels.
struct Subscriber {
  ChannelStream& stream;
  const std::shared_ptr<ChannelFeed> feed;
  ChannelCursor cursor;
  std::size_t place = 0;  // among the feed's subscribers
};

// The streams of one loop that follow one channel: a publisher wakes it once, however many they are, and it reads what
// is new once for all of them that have had everything before.
class ChannelFeed final : public Channel::Follower, public std::enable_shared_from_this<ChannelFeed> {
 public:
  ChannelFeed(Loop& loop, std::shared_ptr<Channel> channel);
  ~ChannelFeed();

  void begin();          // once, when it is shared: it may be woken before it returns
  void wake() override;  // any thread

  const std::shared_ptr<Channel>& channel() const { return channel_; }
  void add(Subscriber& subscriber) { subscribers_.add(subscriber); }
  void remove(Subscriber& subscriber) { subscribers_.remove(subscriber); }

 private:
  void feed();
  void broadcast(const EventLog::Run& run);
  void send_to_receivers(const EventLog::Run& run);

  Loop& loop_;
  const std::shared_ptr<Channel> channel_;
  std::atomic<bool> is_woken_ = false;
  Channel::Sequence head_ = 0;  // the first event that has not been fed
  Roster<Subscriber, &Subscriber::place> subscribers_;
  std::vector<BatchSender::Send> sends_;  // of a broadcast under way, some of them at a time
  std::vector<ChannelStream*> receivers_;
};

// The feeds of one loop.
class ChannelFeeds {
 public:
  explicit ChannelFeeds(Loop& loop) : loop_(loop) {}
  std::shared_ptr<ChannelFeed> feed(const std::shared_ptr<Channel>& channel);

 private:
  Loop& loop_;
  std::map<Channel*, std::weak_ptr<ChannelFeed>> feeds_;
};

class ChannelStream final : public StreamSession {
 public:
  // Follows the feeds' channels, at least one, from behind the client's last event ID.
  ChannelStream(Loop& loop, const StreamOptions& options, Heartbeat heartbeat,
                std::vector<std::shared_ptr<ChannelFeed>> feeds, std::optional<std::string_view> last_event_id);
  ~ChannelStream();

  void proceed() override;

  // Where the feed sends a run for it: its socket, when the stream follows that one channel and can send; then what
  // became of it, begun at `time`.
  std::optional<int> open_socket();
  void take_sent(const BatchSender::Send& sent, const EventLog::Run& run, Clock::Time time);

 private:
  void release() override;
  bool proceed(ChannelCursor& cursor);
  void send_gap(ChannelCursor& cursor);
  void send_one_of_several(const ChannelCursor& cursor, std::string_view encoded);
  std::string ids() const;

  void send(const ChannelCursor& cursor, const EventLog::Run& run, Channel::Sequence events);

  std::vector<Subscriber> channels_;
  bool has_next_turn_ = false;  // in which it goes on, whatever wakes it before
};

}  // namespace tidings
