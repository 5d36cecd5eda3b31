// One client's event stream of one or several channels: a socket and a cursor for each channel, nothing more. It sends
// what lies in the channels' logs, as fast as the client takes it. Loop thread only.
//
//   Channel ──bell──► Broadcaster, one a loop and channel ──► each ChannelStream: log ──cursor──► socket
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
#include <vector>

#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/channel_cursor.h"
#include "tidings/server/channels/channel_vector.h"
#include "tidings/server/loop/batch_sender.h"
#include "tidings/server/loop/event_loop.h"
#include "tidings/server/streams/stream_session.h"
#include "tidings/server/subscribers/broadcaster.h"

namespace tidings {

class ChannelStream final : public StreamSession {
 public:
  // Follows the channels of these broadcasters, at least one, from behind the client's last event ID. `types` are for
  // several channels.
  ChannelStream(EventLoop& loop, const StreamOptions& options, Heartbeat heartbeat,
                std::vector<std::shared_ptr<Broadcaster>> broadcasters, std::optional<std::string_view> last_event_id,
                ChannelTypes types = ChannelTypes::kByChannel);
  ~ChannelStream();

  // In one of the loop's next turns, behind the others who are behind.
  void proceed() override;

  // For the broadcaster. The bytes of a run that it sends to this stream's socket() together with others' sends;
  // nothing for a stream that can't send, or needs more than a run's bytes. What became of them take_sent() is told,
  // with the time when that began; the stream may have ended when it returns.
  std::optional<std::string_view> bytes_of(const EventLog::Run& run);
  int socket() const { return descriptor(); }
  void take_sent(const BatchSender::Send& sent, const EventLog::Run& run, Clock::Time time);

 private:
  void release() override;
  void append_beginning(std::string& out) override;
  void send_some();
  bool place();
  void begin(std::string& out);
  bool begin_late();
  bool send_next(ChannelCursor& cursor);
  void send_gap(ChannelCursor& cursor);
  void send_run(ChannelCursor& cursor, EventLog::Run& run, Channel::Sequence events);
  void send_blocks(ChannelCursor& cursor, EventLog::Run& run);
  void send_one_of_several(const ChannelCursor& cursor, const EventLog::Run& run);
  std::string id() const;

  const ChannelTypes types_;
  bool is_placed_ : 1 = false;      // which takes until all channels are open
  bool has_to_begin_ : 1 = false;   // the client does not know its place in each channel
  bool is_in_backlog_ : 1 = false;  // until its turn nothing that wakes it makes it send
  std::vector<Subscriber> channels_;
  std::unique_ptr<const std::string> last_event_id_;  // until it has its places
};

}  // namespace tidings
