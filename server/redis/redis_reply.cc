#include "tidings/server/redis/redis_reply.h"

#include <hiredis/hiredis.h>

#include <charconv>
#include <system_error>

namespace tidings {

bool RedisReply::is_error() const { return reply_ && reply_->type == REDIS_REPLY_ERROR; }

std::string_view RedisReply::text() const {
  if (!reply_) return {};
  switch (reply_->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR: return {reply_->str, reply_->len};
    default: return {};
  }
}

std::optional<std::uint64_t> RedisReply::number() const {
  if (!reply_) return {};
  if (reply_->type == REDIS_REPLY_INTEGER) {
    if (reply_->integer < 0) return {};
    return static_cast<std::uint64_t>(reply_->integer);
  }
  const std::string_view digits = text();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return {};
  return value;
}

std::size_t RedisReply::size() const { return reply_ && reply_->type == REDIS_REPLY_ARRAY ? reply_->elements : 0; }

RedisReply RedisReply::operator[](std::size_t index) const {
  return index < size() ? RedisReply(reply_->element[index]) : RedisReply();
}

}  // namespace tidings
