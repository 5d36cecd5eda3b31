// A reply of Redis, or one of its elements, as whoever asked looks at it: nothing is copied, and what is not there, or
// is of another kind, is empty. Valid as long as what came with it and owns it. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

struct redisReply;

namespace tidings {

class RedisReply {
 public:
  RedisReply() = default;  // none came: the connection was lost
  explicit RedisReply(const redisReply* reply) : reply_(reply) {}

  bool is_there() const { return reply_ != nullptr; }
  bool is_error() const;
  // Of a string, a status, or an error.
  std::string_view text() const;
  // Of an integer, or of a string of digits.
  std::optional<std::uint64_t> number() const;
  // Of an array.
  std::size_t size() const;
  RedisReply operator[](std::size_t index) const;

 private:
  const redisReply* reply_ = nullptr;
};

}  // namespace tidings
