// A connection to Redis that never blocks: commands are gathered and go out together, replies come as they are there.
//
// What comes is bounded, whoever is at the other end: the elements of a reply's arrays, how deep they lie in each other
// (hiredis), and the bytes of a reply that is not whole. Whatever is wrong with the connection is a RedisFailure, and
// ends it. The name of a host is looked up within the constructor, which takes as long as that does. One thread at a
// time.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tidings/server/redis/redis_reply.h"
#include "tidings/server/redis/redis_url.h"

struct redisContext;

namespace tidings {

// What is wrong with a connection, or with what is at its other end: how a sentence goes on that begins with where that
// is. It has no password in it.
class RedisFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class RedisConnection {
 public:
  using Owner = std::shared_ptr<const void>;
  // The reply is valid as long as its owner is held.
  using OnReply = std::function<void(RedisReply reply, const Owner& owner)>;

  // Begins to connect.
  explicit RedisConnection(const RedisUrl& url);
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;
  ~RedisConnection();

  int descriptor() const;
  // Whether something waits to be written: then flush() is to be called again when the descriptor can be written to.
  bool has_output() const { return sent_ < output_.size(); }

  // Goes out with the next flush().
  void send(std::span<const std::string_view> words);
  void send(std::initializer_list<std::string_view> words) { send(std::span(words.begin(), words.size())); }
  void flush();
  // Gives out what has come. `on_reply` may send, and may throw.
  void receive(const OnReply& on_reply);

 private:
  struct Free {
    void operator()(redisContext* context) const;
  };

  std::unique_ptr<redisContext, Free> context_;
  std::string output_;
  std::size_t sent_ = 0;        // of output_
  std::size_t incomplete_ = 0;  // bytes that came since the last whole reply
  std::size_t elements_left_;   // that the reply may have yet
};

// Of the hiredis that it was built with. Any thread.
std::string hiredis_version();

}  // namespace tidings
