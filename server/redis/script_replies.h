// What the scripts of redis_scripts.h reply, read as a stranger's words: whatever it is, what is read of it is an
// extent, a position or events as there may be, or nothing. Plain functions; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "tidings/server/history/history.h"
#include "tidings/server/redis/redis_reply.h"

namespace tidings {

// A time in milliseconds; one that is beyond 2100 is that year.
std::chrono::system_clock::time_point time_of_redis(std::uint64_t ms);
// Where it is none, the first of all.
std::chrono::system_clock::time_point time_in(RedisReply reply);

// Two elements: an epoch and a sequence, each at least 1 and at most kMostRedisNumber.
std::optional<Position> position_in(RedisReply reply, std::size_t from);
// Three elements: an epoch, and first and next, of which the first is not behind the next.
std::optional<Extent> extent_in(RedisReply reply, std::size_t from = 0);

// What kAppend replies, of so many events.
struct Appended {
  std::uint64_t epoch = 0, first = 0;
  std::chrono::system_clock::time_point time;
  std::uint64_t first_new = 0;
  std::vector<std::uint64_t> sequences;  // of each one, or 0
};
std::optional<Appended> appended_in(RedisReply reply, std::size_t count);

// Of what kRead replies, the events behind the extent, up to one that is none of it. Their blocks lie in the reply.
std::vector<Record> events_in(RedisReply reply, const Extent& extent);
// Of what kRead replies, a copy of the events one behind the other, where the first is none before `from`. Null where
// there is no extent.
std::shared_ptr<const History::Run> run_in(RedisReply reply, std::uint64_t from);

// What kList replies, without what is none of it.
std::vector<History::Listed> listed_in(RedisReply reply);

}  // namespace tidings
