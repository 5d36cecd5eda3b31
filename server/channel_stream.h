// One client's event stream of one or several channels: a socket and a cursor for each channel, nothing more. It is fed
// from the channels' logs, as fast as it takes it and no faster than it comes. Loop thread only.
//
//   Channel ──wake──► ChannelFeed, one a loop and channel ──► each ChannelStream: log ──cursor──► socket
//
// Of several channels, an event's id is the vector of all cursors, `a:E-7,b:E-9`, and its type `<channel>` or
// `<channel>/<type>`.
#pragma once

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/channel.h"
#include "server/channel_cursor.h"
#include "server/loop.h"
#include "server/stream_session.h"

namespace tidings {

class ChannelStream;

// The streams of one loop that follow one channel: a publisher wakes it once, however many they are.
class ChannelFeed final : public Channel::Follower, public std::enable_shared_from_this<ChannelFeed> {
 public:
  using Streams = std::list<ChannelStream*>;

  ChannelFeed(Loop& loop, std::shared_ptr<Channel> channel);
  ~ChannelFeed();

  void wake() override;  // any thread

  const std::shared_ptr<Channel>& channel() const { return channel_; }
  Streams::iterator add(ChannelStream& stream) { return streams_.insert(streams_.end(), &stream); }
  void remove(Streams::iterator stream) { streams_.erase(stream); }

 private:
  void feed();

  Loop& loop_;
  const std::shared_ptr<Channel> channel_;
  std::atomic<bool> is_woken_ = false;
  Streams streams_;
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

 private:
  struct Followed {
    std::shared_ptr<ChannelFeed> feed;
    ChannelFeed::Streams::iterator place;
    ChannelCursor cursor;
  };

  void release() override;
  bool proceed(ChannelCursor& cursor);
  void send_gap(const ChannelCursor& cursor);
  void send_one_of_several(const ChannelCursor& cursor, std::string_view encoded);
  std::string ids() const;

  std::vector<Followed> channels_;
};

}  // namespace tidings
