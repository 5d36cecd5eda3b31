// What happens in Redis itself: each step that must not be torn apart is a Lua script, which Redis runs as a whole.
//
// What lies in Redis, where the prefix is `tidings:` and the channel is `news`:
//   tidings:s:news    stream   an entry for each event, with the id <epoch>-<sequence>: the event's own place. Its
//   fields
//                              are b, the block; t, the time in milliseconds; n, the bytes of all blocks from the first
//                              of the stream to this one; and k, the publication's key if it has one
//   tidings:k:news    zset     keys of publications, by the sequence of their events
//   tidings:names     zset     the channels that have events, or had some lately, in the order of their names
//   tidings:server    hash     which Redis this is (run, address) and whether it keeps all that it says yes to
//                              (keeps_all); how often nodes have come and asked (beats, and own_beats, which replicas
//                              are not told of), so that another one, or one that may have lost something, is told from
//                              it; the floor: epochs below it are over; and the base: the epoch of a channel that was
//                              never published to
//   tidings:c:0:news  channel of Pub/Sub, with the database's number: what happens to the channel, as messages below
//
// A channel's epoch is that of its stream's last id, or the floor if that is above. So it is in the same key as the
// events, and goes with them: a stream that is deleted from outside begins in another epoch, whoever does what in
// between. Epochs are times in milliseconds, but each is above those before it, whatever a clock says.
//
// Messages:
//   E epoch sequence first time bytes... \n blocks    events from this one on, the bytes of each one's block, and the
//                                                     first that the channel keeps, or 0
//   C epoch next                                      all events were dropped, and the next one gets this number
//   D epoch first                                     the events before this one were dropped
//   B epoch first next                                another epoch has begun
//   L epoch next                                      somebody has looked, and this is what there was: as any message,
//                                                     it is heard behind all that was published before, and before all
//                                                     that came later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

// Each gets RedisNames' prefix and messages as its keys, and as arguments what is said here. An integer is a string of
// digits where it is an argument, and an integer where it is in a reply.
enum class RedisScript : std::size_t {
  // run, address, keeps_all, beats: the server as INFO has it; whether a restart of it keeps all that it says yes to (0
  // or 1); and up to which beat this node has seen it, or 0. A node may miss some; but where it has seen one that the
  // data has not, the data is older. Replies {floor, beats}.
  kArrive,
  // keeps_all, beats: as above, while it is there. Replies {floor, beats}, where no beats say that the data is another
  // than it was.
  kBeat,
  // What a node knows of a channel is an argument of some of these: an epoch and a next sequence, or 0 and 0. A channel
  // that has less than that has lost something: another epoch begins.
  //
  // name, epoch, next: replies {epoch, first, next}.
  kLook,
  // name, epoch, next, floor, period, max_events, max_bytes, max_age_ms, and of each of some events its block and its
  // key, or an empty one: adds these. The floor is the one that the node has arrived at, or 0 where that is above the
  // epoch. Where a number that is a multiple of the period is given, what is beyond the limits is dropped. Replies
  // {epoch, first, time, first_new, sequence, ...}: a first of 0 is not known; those from first_new on are new;
  // and a sequence is that of the event that has the key, or 0 where that is another event.
  kAppend,
  // name, from, max_bytes: replies {epoch, first, next, sequence, time, block, ...}, with the events from there on.
  kRead,
  // name, epoch, next: drops all events. Replies {1, epoch, next}, or {0} where there are none.
  kClear,
  // after, most: replies {name, epoch, first, next, bytes, time of the oldest or 0, ...}.
  kList,
  // after, most, max_events, max_bytes, max_age_ms, grace_ms: drops what is too old of some channels, and the channels
  // that had no event for the grace beyond that. Replies {the last name that was looked at, or nothing at the end}.
  kSweep,
};

inline constexpr std::size_t kRedisScripts = 8;

// Lua counts no further. Where a number is larger, it is none of ours.
inline constexpr std::uint64_t kMostRedisNumber = (std::uint64_t{1} << 53) - 1;

// The text of the script.
std::string redis_script(RedisScript script);

// The code that errors of ours begin with: nobody has arrived, since the data was dropped.
inline constexpr std::string_view kNotArrived = "TIDINGS";

// Under which names everything lies.
class RedisNames {
 public:
  RedisNames(std::string prefix, unsigned database)
      : prefix_(std::move(prefix)), messages_(prefix_ + "c:" + std::to_string(database) + ':') {}

  const std::string& prefix() const { return prefix_; }
  std::string server() const { return prefix_ + "server"; }
  // What the message channels of all channels begin with. Pub/Sub knows no databases, so it has the number of ours.
  const std::string& messages() const { return messages_; }

 private:
  std::string prefix_, messages_;
};

// A message about a channel, as it lies in what was received.
struct RedisMessage {
  char kind = 0;  // as above
  std::uint64_t epoch = 0;
  std::array<std::uint64_t, 3> numbers = {};  // what follows on the epoch
  std::vector<std::string_view> blocks = {};  // of E, one at least

  // Nothing where it is none of ours. What the channel keeps does not begin behind its end; numbers of events are from
  // 1 to kMostRedisNumber; and epochs to half of that, so that whatever somebody says, there are others above it.
  static std::optional<RedisMessage> parse(std::string_view text);
};

}  // namespace tidings
