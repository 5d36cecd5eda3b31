// What the streams of one loop that follow the same channel have in common: a publisher wakes it once, however many
// they are, and it reads what is new once for all of them that have had everything before. The others read for
// themselves.
//
//   Channel ──bell──► Broadcaster ──one run, in batches of sends──► the streams that have had everything before
//                                 └─the loop's backlog────────────► the others, and those that follow several channels
//
// Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/channel_cursor.h"
#include "tidings/server/channels/event_log.h"
#include "tidings/server/loop/batch_sender.h"
#include "tidings/server/loop/roster.h"
#include "tidings/server/subscribers/shared_event.h"

namespace tidings {

class Broadcaster;
class Broadcasters;
class ChannelStream;
class EventLoop;

// A stream's subscription to one of its channels.
struct Subscriber {
  ChannelStream& stream;
  const std::shared_ptr<Broadcaster> broadcaster;
  ChannelCursor cursor;
  std::size_t index = 0;  // among the broadcaster's subscribers
};

// Of one loop and one channel. It lives as long as a stream of that loop follows the channel.
class Broadcaster final : private Channel::Listener, public std::enable_shared_from_this<Broadcaster> {
 public:
  // `all` is what it is one of, which outlives it.
  Broadcaster(Broadcasters& all, std::shared_ptr<Channel> channel);
  ~Broadcaster();

  const std::shared_ptr<Channel>& channel() const { return channel_; }
  Broadcasters& all() const { return all_; }
  void add(Subscriber& subscriber) {
    subscribers_.add(subscriber);
    channel_->add_subscriber();
  }
  void remove(Subscriber& subscriber) {
    subscribers_.remove(subscriber);
    channel_->remove_subscriber();
  }

 private:
  // May end any of its streams, and with the last of them itself.
  void on_published() override;
  void broadcast(const EventLog::Run& run);
  void send_to_receivers(const EventLog::Run& run);

  Broadcasters& all_;
  EventLoop& loop_;
  const std::shared_ptr<Channel> channel_;
  Channel::Sequence next_ = 0;    // the first event that has not been broadcast
  const Epoch* epoch_ = nullptr;  // of the channel, that next_ is of
  Roster<Subscriber, &Subscriber::index> subscribers_;
  std::vector<BatchSender::Send> sends_;  // of a broadcast under way, some of them at a time
  std::vector<ChannelStream*> receivers_;
};

// The broadcasters of one loop.
class Broadcasters {
 public:
  explicit Broadcasters(EventLoop& loop) : loop_(loop) {}

  EventLoop& loop() const { return loop_; }
  SharedEvent& shared_event() { return shared_event_; }
  // The one of this channel; made if there is none.
  std::shared_ptr<Broadcaster> of(const std::shared_ptr<Channel>& channel);

 private:
  friend class Broadcaster;
  void forget(const Channel& channel);

  EventLoop& loop_;
  SharedEvent shared_event_;
  std::unordered_map<const Channel*, std::weak_ptr<Broadcaster>> broadcasters_;
};

}  // namespace tidings
