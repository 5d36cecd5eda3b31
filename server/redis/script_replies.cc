#include "tidings/server/redis/script_replies.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "tidings/server/redis/redis_scripts.h"

namespace tidings {
namespace {

constexpr std::size_t kBeforeEvents = 3;     // elements of what kRead replies
constexpr std::size_t kBeforeSequences = 4;  // and of what kAppend replies

std::optional<std::uint64_t> number_in(RedisReply reply) {
  const std::optional<std::uint64_t> value = reply.number();
  return value && *value >= 1 && *value <= kMostRedisNumber ? value : std::nullopt;
}

}  // namespace

std::chrono::system_clock::time_point time_of_redis(std::uint64_t ms) {
  constexpr std::uint64_t kLatest = 4'102'444'800'000;  // an entry of somebody else may say anything
  return std::chrono::system_clock::time_point(std::chrono::milliseconds(std::min(ms, kLatest)));
}

std::chrono::system_clock::time_point time_in(RedisReply reply) { return time_of_redis(reply.number().value_or(0)); }

std::optional<Position> position_in(RedisReply reply, std::size_t from) {
  const std::optional<std::uint64_t> epoch = number_in(reply[from]), sequence = number_in(reply[from + 1]);
  if (!epoch || !sequence) return {};
  return Position{*epoch, *sequence};
}

std::optional<Extent> extent_in(RedisReply reply, std::size_t from) {
  const std::optional<Position> first = position_in(reply, from);
  const std::optional<std::uint64_t> next = number_in(reply[from + 2]);
  if (!first || !next || first->sequence > *next) return {};
  return Extent{.epoch = first->epoch, .first = first->sequence, .next = *next};
}

std::optional<Appended> appended_in(RedisReply reply, std::size_t count) {
  const std::optional<std::uint64_t> epoch = number_in(reply[0]), first_new = number_in(reply[3]);
  if (!epoch || !first_new || reply.size() != kBeforeSequences + count) return {};
  Appended appended{.epoch = *epoch,
                    .first = number_in(reply[1]).value_or(0),
                    .time = time_in(reply[2]),
                    .first_new = *first_new,
                    .sequences = {}};
  for (std::size_t i = kBeforeSequences; i < reply.size(); ++i) {
    const std::optional<std::uint64_t> sequence = reply[i].number();
    if (!sequence || *sequence > kMostRedisNumber) return {};
    appended.sequences.push_back(*sequence);
  }
  return appended;
}

std::vector<Record> events_in(RedisReply reply, const Extent& extent) {
  std::vector<Record> events;
  for (std::size_t i = kBeforeEvents; i + 2 < reply.size(); i += 3) {
    const std::uint64_t sequence = number_in(reply[i]).value_or(0);
    if (sequence == 0 || sequence >= extent.next) break;
    events.push_back({.at = {extent.epoch, sequence}, .block = reply[i + 2].text(), .time = time_in(reply[i + 1])});
  }
  return events;
}

std::shared_ptr<const History::Run> run_in(RedisReply reply, std::uint64_t from) {
  const std::optional<Extent> extent = extent_in(reply);
  if (!extent) return nullptr;
  const auto run = std::make_shared<History::Run>();
  run->records = events_in(reply, *extent);
  std::vector<Record>& records = run->records;
  run->begin = {extent->epoch, extent->next};
  if (!records.empty() && records.front().at.sequence >= from) run->begin = records.front().at;
  // Where one is missing, it goes on behind that the next time.
  std::size_t count = 0, bytes = 0;
  for (; count < records.size(); ++count) {
    if (records[count].at != Position{run->begin.epoch, run->begin.sequence + count}) break;
    bytes += records[count].block.size();
  }
  records.resize(count);
  run->bytes.reserve(bytes);  // they stay where they are
  for (Record& record : records) {
    run->bytes += record.block;
    record.block = std::string_view(run->bytes).substr(run->bytes.size() - record.block.size());
  }
  return run;
}

std::vector<History::Listed> listed_in(RedisReply reply) {
  std::vector<History::Listed> all;
  for (std::size_t i = 0; i + 5 < reply.size(); i += 6) {
    const std::optional<Extent> extent = extent_in(reply, i + 1);
    if (!extent) continue;
    all.push_back({.name = std::string(reply[i].text()),
                   .extent = *extent,
                   .bytes = reply[i + 4].number().value_or(0),
                   .oldest = time_in(reply[i + 5])});
  }
  return all;
}

}  // namespace tidings
