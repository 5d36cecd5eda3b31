#include "tidings/server/redis/redis_scripts.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace tidings {
namespace {

constexpr std::size_t kMostHeadBytes = 4096;  // of a message, before its blocks
constexpr std::ptrdiff_t kMostDigits = 20;    // of a number there

// What all scripts begin with. They get the prefixes of the keys and of the messages as keys, and make all others of
// those: Redis Cluster, which wants to be told all keys, is not for us.
constexpr std::string_view kCommon = R"lua(
local prefix, messages = KEYS[1], KEYS[2]
local names, server = prefix .. 'names', prefix .. 'server'
local name, stream, keys
local function turn_to(channel)
  name, stream, keys = channel, prefix .. 's:' .. channel, prefix .. 'k:' .. channel
end

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

-- Lua would write 1.7e+12.
local function text(number) return string.format('%d', number) end

local function tell(...) redis.call('PUBLISH', messages .. name, table.concat({...}, ' ')) end

local function parts(id)
  local epoch, sequence = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(epoch), tonumber(sequence)
end

local function value(entry, field)
  local fields = entry[2]
  for i = 1, #fields, 2 do
    if fields[i] == field then return fields[i + 1] end
  end
end

-- A number of ours, as it lies in the hash: nil where it is none, whoever has put it there.
local function whole(text)
  local number = text and string.match(text, '^[1-9]%d*$') and tonumber(text)
  return number and number < 2 ^ 53 and number or nil
end

local floor, base = unpack(redis.call('HMGET', server, 'floor', 'base'))
floor, base = whole(floor), whole(base)

local function newest(...) return math.max(now, (floor or 0) + 1, (base or 0) + 1, ...) end

local function need_arrival()
  if not floor or not base then error({err = 'TIDINGS nobody has arrived since the data was dropped'}) end
end

-- Counts one beat more. Replicas are not told of own_beats: whoever has the data from this Redis has fewer of them than
-- of beats, unless it is so new that no beat has come since.
local function beat(beats, keeps_all)
  beats = text(beats + 1)
  redis.call('HSET', server, 'beats', beats, 'keeps_all', keeps_all)
  redis.set_repl(redis.REPL_AOF)
  redis.call('HSET', server, 'own_beats', beats)
  redis.set_repl(redis.REPL_ALL)
  return tonumber(beats)
end

-- The stream as it is; nil where there is none. Fails where the key is of another type.
local function stream_now()
  local reply = redis.pcall('XINFO', 'STREAM', stream)
  if reply.err then
    if redis.call('EXISTS', stream) == 0 then return nil end
    reply = redis.call('XINFO', 'STREAM', stream)
  end
  local found = {}
  for i = 1, #reply, 2 do found[reply[i]] = reply[i + 1] end
  local state = {count = found['length'], total = 0, kept = 0}
  state.own, state.last = parts(found['last-generated-id'])
  if state.own >= 2 ^ 53 or state.last >= 2 ^ 53 - 1 then error({err = 'WRONGTYPE its ids are none of ours'}) end
  state.epoch = math.max(state.own, floor)
  state.first = state.last + 1
  if state.count > 0 then
    local first, last = found['first-entry'], found['last-entry']
    state.first_epoch, state.first = parts(first[1])
    state.oldest = tonumber(value(first, 't') or 0) or 0
    state.newest = tonumber(value(last, 't') or 0) or 0
    state.total = tonumber(value(last, 'n') or 0)
    state.before = tonumber(value(first, 'n') or 0) - #(value(first, 'b') or '')
  end
  return state
end

-- An empty stream, whose last id is that.
local function begin_empty(epoch, last)
  local id = text(epoch) .. '-' .. text(last)
  redis.call('XADD', stream, id, 'b', '')
  redis.call('XDEL', stream, id)
  redis.call('ZADD', names, 0, name)
end

-- What there is of the channel, with another epoch if it has less than the node knows of.
local function state_for(known_epoch, known_next)
  need_arrival()
  local state = stream_now()
  if state then
    local is_less = known_epoch > state.epoch or (known_epoch == state.epoch and known_next > state.last + 1)
    if is_less then
      state.epoch = newest(known_epoch + 1, state.epoch + 1)
      state.own = state.epoch
      redis.call('XSETID', stream, text(state.epoch) .. '-' .. text(state.last))
      tell('B', text(state.epoch), text(state.first), text(state.last + 1))
    end
    return state
  end
  state = {count = 0, total = 0, last = 0, first = 1, epoch = base, own = base, is_new = true}
  if known_next > 1 or known_epoch > base or redis.call('ZSCORE', names, name) then
    state.epoch = newest(known_epoch + 1)
    state.own = state.epoch
    state.is_new = false
    begin_empty(state.epoch, 0)
    redis.call('UNLINK', keys)
    tell('B', text(state.epoch), '1', '1')
  end
  return state
end

-- Where a range begins that has the event of this number, or else the first behind it. Those of an epoch lie together,
-- and there are few epochs, mostly one.
local function start_of(state, sequence)
  if sequence <= state.first then return '-' end
  local epoch = state.own
  while epoch ~= state.first_epoch do
    local begin = text(epoch) .. '-0'
    local first = redis.call('XRANGE', stream, begin, '+', 'COUNT', 1)[1]
    if first then
      local _, number = parts(first[1])
      if number <= sequence then break end
    end
    local before = redis.call('XREVRANGE', stream, '(' .. begin, '-', 'COUNT', 1)[1]
    if not before then return '-' end
    local earlier, number = parts(before[1])
    if number < sequence then return '(' .. before[1] end
    epoch = earlier
  end
  return text(epoch) .. '-' .. text(sequence)
end

-- Drops what is beyond the limits, where that is more than a 64th of them: some at a time. Returns the first event kept.
local function trim(state, max_events, max_bytes, max_age)
  local function is_over(before, time, slack)
    return state.total - before > max_bytes * slack or now - time > max_age * slack
  end
  local slack = 1 + 1 / 64
  local count = state.count
  if count > max_events * slack then
    count = count - redis.call('XTRIM', stream, 'MAXLEN', text(max_events))
  end
  if count > 0 and is_over(state.before, state.oldest, slack) then
    for round = 1, 16 do
      local entries = redis.call('XRANGE', stream, '-', '+', 'COUNT', 16)
      local over = 0
      for _, entry in ipairs(entries) do
        local before = tonumber(value(entry, 'n') or 0) - #(value(entry, 'b') or '')
        local is_newest = count - over == 1
        local is_old = now - (tonumber(value(entry, 't') or 0) or 0) > max_age
        if not (is_old or (not is_newest and state.total - before > max_bytes)) then break end
        over = over + 1
      end
      if over > 0 then count = count - redis.call('XTRIM', stream, 'MAXLEN', text(count - over)) end
      if over < 16 then break end
    end
  end
  if count == state.count then return state.first end
  local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  local sequence = state.last + 1
  if first then
    local _, number = parts(first[1])
    sequence = number
  end
  redis.call('ZREMRANGEBYSCORE', keys, '-inf', '(' .. text(sequence))
  return sequence
end
)lua";

constexpr std::string_view kArrive = R"lua(
local run, address, keeps_all, seen = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local known = redis.call('HMGET', server, 'run', 'address', 'keeps_all', 'beats', 'own_beats')
local is_same_run, beats = known[1] == run, whole(known[4]) or 0
local has_kept_all = whole(known[5]) == beats and seen <= beats
  and (is_same_run or (known[2] == address and known[3] == '1' and keeps_all == '1'))
local is_over = not floor or not base or not has_kept_all
if is_over then
  floor = newest()
  base = floor
end
if is_over or not is_same_run then
  redis.call('HSET', server, 'floor', text(floor), 'base', text(base), 'run', run, 'address', address)
end
-- Whoever may not tell others of events is told so now.
redis.call('PUBLISH', messages, '')
local is_done, now_seen = pcall(beat, math.max(beats, seen), keeps_all)
return {floor, is_done and now_seen or beats}
)lua";

// What Redis refuses to write, such as without memory, it need not write now: it is there all the same.
constexpr std::string_view kBeat = R"lua(
need_arrival()
local beats, own_beats = unpack(redis.call('HMGET', server, 'beats', 'own_beats'))
beats = whole(beats) or 0
if tonumber(ARGV[2]) > beats or whole(own_beats) ~= beats then return {floor, 0} end
local is_done, now_seen = pcall(beat, beats, ARGV[1])
return {floor, is_done and now_seen or beats}
)lua";

constexpr std::string_view kLook = R"lua(
turn_to(ARGV[1])
local state = state_for(tonumber(ARGV[2]), tonumber(ARGV[3]))
if not state.is_new then tell('L', text(state.epoch), text(state.last + 1)) end
return {state.epoch, state.first, state.last + 1}
)lua";

// Before all of that: nearly all events come to a stream that is as its node knows it, and then this is enough. It
// takes Redis about half of the time.
constexpr std::string_view kAppendAsUsual = R"lua(
local epoch, period, count = ARGV[2], tonumber(ARGV[5]), (#ARGV - 8) / 2
local stream, keys, begin = KEYS[1] .. 's:' .. ARGV[1], KEYS[1] .. 'k:' .. ARGV[1], epoch .. '-'

local function are_keys_new()
  local seen = {}
  for i = 10, #ARGV, 2 do
    local key = ARGV[i]
    if key ~= '' then
      if seen[key] or redis.call('ZSCORE', keys, key) then return false end
      seen[key] = true
    end
  end
  return true
end

local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
if last and last[2][5] == 'n' and string.sub(last[1], 1, #begin) == begin
    and redis.call('HGET', KEYS[1] .. 'server', 'floor') == ARGV[4] then
  local before = tonumber(string.sub(last[1], #begin + 1))
  local is_to_be_trimmed = math.floor(before / period) ~= math.floor((before + count) / period)
  if before + 1 >= tonumber(ARGV[3]) and before + count < 2 ^ 53 - 1 and not is_to_be_trimmed and are_keys_new() then
    local time = redis.call('TIME')
    local now = time[1] .. string.sub(1000000 + time[2], 2, 4)
    local total, sizes, blocks = tonumber(last[2][6]), {}, {}
    local id, reply = begin .. '*', {epoch, 0, now, before + 1}
    for i = 9, #ARGV, 2 do
      local block, key = ARGV[i], ARGV[i + 1]
      before, total = before + 1, total + #block
      local sum = string.format('%d', total)
      if key == '' then
        redis.call('XADD', stream, id, 'b', block, 't', now, 'n', sum)
      else
        redis.call('XADD', stream, id, 'b', block, 't', now, 'n', sum, 'k', key)
        redis.call('ZADD', keys, string.format('%d', before), key)
      end
      sizes[#sizes + 1], blocks[#blocks + 1] = #block, block
      reply[#reply + 1] = before
    end
    redis.call('PUBLISH', KEYS[2] .. ARGV[1], 'E ' .. epoch .. ' ' .. string.format('%d', reply[4]) .. ' 0 ' .. now .. ' '
        .. table.concat(sizes, ' ') .. '\n' .. table.concat(blocks))
    return reply
  end
end
)lua";

constexpr std::string_view kAppend = R"lua(
turn_to(ARGV[1])
local state = state_for(tonumber(ARGV[2]), tonumber(ARGV[3]))
local first_new, sizes, blocks = state.last + 1, {}, {}
if state.last + (#ARGV - 8) / 2 >= 2 ^ 53 - 1 then error({err = 'WRONGTYPE its ids are none of ours'}) end

-- The number and the entry of the event that has this key.
local function known_by(key)
  if key == '' or state.count == 0 then return end
  local number = tonumber(redis.call('ZSCORE', keys, key) or nil)
  if not number or number < state.first then return end
  local entry = redis.call('XRANGE', stream, start_of(state, number), '+', 'COUNT', 1)[1]
  if entry and value(entry, 'k') == key then return number, entry end
end

local function add(block, key)
  state.total = state.total + #block
  local id = text(state.epoch) .. '-*'
  if state.is_new or state.own ~= state.epoch then id = text(state.epoch) .. '-' .. text(state.last + 1) end
  if key == '' then
    redis.call('XADD', stream, id, 'b', block, 't', text(now), 'n', text(state.total))
  else
    redis.call('XADD', stream, id, 'b', block, 't', text(now), 'n', text(state.total), 'k', key)
  end
  if state.is_new then
    redis.call('UNLINK', keys)
    redis.call('ZADD', names, 0, name)
    state.is_new = false
  end
  if state.count == 0 then
    state.first, state.oldest, state.before = state.last + 1, now, state.total - #block
    state.first_epoch = state.epoch
  end
  state.own, state.count, state.last = state.epoch, state.count + 1, state.last + 1
  if key ~= '' then redis.call('ZADD', keys, text(state.last), key) end
  sizes[#sizes + 1], blocks[#blocks + 1] = #block, block
  return state.last
end

local numbers = {}
for i = 9, #ARGV, 2 do
  local block, key = ARGV[i], ARGV[i + 1]
  local known, entry = known_by(key)
  if known and value(entry, 'b') ~= block then known = 0 end
  numbers[#numbers + 1] = known or add(block, key)
end
local first = state.first
if #blocks > 0 then
  first = trim(state, tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]))
  tell('E', text(state.epoch), text(first_new), text(first), text(now), table.concat(sizes, ' ') .. '\n'
      .. table.concat(blocks))
end
local reply = {state.epoch, first, now, first_new}
for _, number in ipairs(numbers) do reply[#reply + 1] = number end
return reply
)lua";

constexpr std::string_view kRead = R"lua(
turn_to(ARGV[1])
local from, most = tonumber(ARGV[2]), tonumber(ARGV[3])
local state = state_for(0, 0)
local reply = {state.epoch, state.first, state.last + 1}
if state.count == 0 then return reply end
local start, count = start_of(state, from), 2
local events, bytes = 0, 0
while events < 1000 do
  local entries = redis.call('XRANGE', stream, start, '+', 'COUNT', count)
  for _, entry in ipairs(entries) do
    local block = value(entry, 'b')
    if block then
      bytes = bytes + #block
      if events > 0 and bytes > most then return reply end
      local _, sequence = parts(entry[1])
      reply[#reply + 1] = sequence
      reply[#reply + 1] = tonumber(value(entry, 't') or 0) or 0
      reply[#reply + 1] = block
      events = events + 1
    end
  end
  if #entries < count then return reply end
  start = '(' .. entries[#entries][1]
  -- About as many as there is room for, by the size of those so far.
  count = math.max(1, math.min(256, math.floor((most - bytes) * events / math.max(bytes, 1)) + 1))
end
return reply
)lua";

constexpr std::string_view kClear = R"lua(
turn_to(ARGV[1])
local state = state_for(tonumber(ARGV[2]), tonumber(ARGV[3]))
if state.count == 0 then return {0} end
redis.call('UNLINK', stream, keys)
begin_empty(state.epoch, state.last + 1)
tell('C', text(state.epoch), text(state.last + 2))
return {1, state.epoch, state.last + 2}
)lua";

constexpr std::string_view kList = R"lua(
need_arrival()
local after, most = ARGV[1], tonumber(ARGV[2])
local reply, count = {}, 0
while count < most do
  local found = redis.call('ZRANGEBYLEX', names, after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, most)
  if #found == 0 then break end
  for _, each in ipairs(found) do
    after = each
    turn_to(each)
    local is_ours, state = pcall(stream_now)
    if is_ours and state and count < most then
      local bytes = state.count > 0 and state.total - state.before or 0
      for _, one in ipairs({each, state.epoch, state.first, state.last + 1, bytes, state.oldest or 0}) do
        reply[#reply + 1] = one
      end
      count = count + 1
    end
  end
end
return reply
)lua";

// A channel that nobody publishes to or follows is forgotten, and its name may begin anew later. It then gets the base
// as its epoch, which has to be above the one that it has had. So the base rises where it must, but not often: whoever
// has followed a name that has no events is told a gap then, although nothing is missing.
constexpr std::string_view kSweep = R"lua(
need_arrival()
local after, most, max_events, max_bytes, max_age, grace = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]),
  tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local hour, slack = 3600 * 1000, math.min(24 * 3600 * 1000, grace / 4)
local may_raise, is_raised = now - base > hour, false

local function forget(epoch)
  if epoch >= base then
    if not may_raise then return end
    is_raised = true
  end
  redis.call('UNLINK', stream, keys)
  redis.call('ZREM', names, name)
end

-- Both keys go at that time.
local function expire(time)
  if math.abs(redis.call('PEXPIRETIME', stream) - time) < slack then return end
  redis.call('PEXPIREAT', stream, text(time))
  redis.call('PEXPIREAT', keys, text(time))
end

local function sweep(state)
  if not state then return forget(base) end
  if state.count > 0 then
    local first = trim(state, max_events, max_bytes, max_age)
    if first ~= state.first then tell('D', text(state.epoch), text(first)) end
    return expire(math.max(state.newest + max_age, now) + grace)
  end
  local left = redis.call('PTTL', stream)
  if left >= grace / 2 then return end
  if left < 0 or redis.call('PUBSUB', 'NUMSUB', messages .. name)[2] > 0 then return expire(now + grace) end
  forget(state.own)
end

local found = redis.call('ZRANGEBYLEX', names, after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, most)
for _, each in ipairs(found) do
  turn_to(each)
  -- What is somebody else's is left alone.
  pcall(function() sweep(stream_now()) end)
end
if is_raised then redis.call('HSET', server, 'base', text(newest())) end
return {#found == most and found[#found] or ''}
)lua";

}  // namespace

std::string redis_script(RedisScript script) {
  constexpr std::array<std::string_view, kRedisScripts> kBodies = {kArrive, kBeat,  kLook, kAppend,
                                                                   kRead,   kClear, kList, kSweep};
  const std::string_view before = script == RedisScript::kAppend ? kAppendAsUsual : std::string_view();
  return std::string(before) + std::string(kCommon) + std::string(kBodies.at(static_cast<std::size_t>(script)));
}

std::optional<RedisMessage> RedisMessage::parse(std::string_view text) {
  const std::size_t line = std::min(text.find('\n'), text.size());
  const char* at = text.data() + 1;
  const char* const end = text.data() + line;
  // The next number, behind a blank.
  const auto take = [&](auto& number) {
    if (at >= end || *at != ' ') return false;
    const auto [next, error] = std::from_chars(at + 1, end, number);
    const bool is_short = next - at <= kMostDigits + 1;
    at = next;
    return error == std::errc() && is_short && number <= kMostRedisNumber;
  };
  RedisMessage message;
  // The sizes, and the blocks behind the line.
  const auto take_blocks = [&] {
    std::string_view blocks = text.substr(std::min(line + 1, text.size()));
    do {
      std::uint64_t size = 0;
      if (!take(size) || size > blocks.size()) return false;
      message.blocks.push_back(blocks.substr(0, size));
      blocks.remove_prefix(size);
    } while (at != end);
    return blocks.empty();
  };
  if (line == 0 || line > kMostHeadBytes) return {};
  message.kind = text[0];
  if (!take(message.epoch) || message.epoch == 0 || message.epoch > kMostRedisNumber / 2) return {};
  const std::size_t count = message.kind == 'E' ? 3 : message.kind == 'B' ? 2 : 1;
  for (std::size_t i = 0; i < count; ++i) {
    if (!take(message.numbers[i])) return {};
  }
  if (message.kind == 'E' && !take_blocks()) return {};
  const auto [a, b, c] = message.numbers;
  const std::uint64_t events = message.blocks.size();
  if (at != end) return {};
  switch (message.kind) {
    case 'E':
      return a >= 1 && b < a + events && a + events <= kMostRedisNumber + 1 ? std::optional(message) : std::nullopt;
    case 'C': return a >= 2 ? std::optional(message) : std::nullopt;
    case 'D':
    case 'L': return a >= 1 ? std::optional(message) : std::nullopt;
    case 'B': return a >= 1 && a <= b ? std::optional(message) : std::nullopt;
    default: return {};
  }
}

}  // namespace tidings
