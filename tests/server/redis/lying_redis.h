// A Redis that lets everybody in and has one empty channel's worth of answers to each of our scripts, but says
// something else where the test wants that. Any thread.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/redis/redis_scripts.h"
#include "tidings/tests/server/redis/fake_redis.h"

namespace tidings {

class LyingRedis {
 public:
  // Of what it says to the scripts: the number of each channel's epoch.
  static constexpr int kEpoch = 5;

  std::string url() const { return redis_.url(); }

  // What it says to this script from now on, as bytes; nothing for the truth.
  void say_to(RedisScript script, std::optional<std::string> bytes) {
    const std::lock_guard lock(mutex_);
    lies_.at(static_cast<std::size_t>(script)) = std::move(bytes);
  }
  // What it says behind the answer to each SUBSCRIBE of a channel from now on; and whether it answers those at all.
  void say_to_followers(std::string bytes, bool is_answered = true) {
    const std::lock_guard lock(mutex_);
    to_followers_ = std::move(bytes);
    is_subscribing_answered_ = is_answered;
  }
  // How often that script has come.
  int count(RedisScript script) const {
    const std::lock_guard lock(mutex_);
    return counts_.at(static_cast<std::size_t>(script));
  }

  static std::string bulk(std::string_view text) {
    return '$' + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
  }
  static std::string message(std::string_view channel, std::string_view text) {
    return "*3\r\n" + bulk("message") + bulk("tidings:c:0:" + std::string(channel)) + bulk(text);
  }

 private:
  using Words = std::vector<std::string>;

  // Takes the first command off the bytes; nothing while it is not whole.
  static std::optional<Words> take_command(std::string& bytes) {
    std::size_t at = 0;
    const auto number = [&](char begin) -> std::optional<std::size_t> {
      const std::size_t end = bytes.find("\r\n", at);
      if (end == std::string::npos || bytes[at] != begin) return {};
      std::size_t value = 0;
      std::from_chars(bytes.data() + at + 1, bytes.data() + end, value);
      at = end + 2;
      return value;
    };
    const std::optional<std::size_t> count = number('*');
    if (!count) return {};
    Words words;
    while (words.size() < *count) {
      const std::optional<std::size_t> size = number('$');
      if (!size || bytes.size() < at + *size + 2) return {};
      words.push_back(bytes.substr(at, *size));
      at += *size + 2;
    }
    bytes.erase(0, at);
    return words;
  }

  FakeRedis::Answer begin() {
    struct Connection {
      std::string bytes;
      int loaded = 0;
    };
    return [this, connection = std::make_shared<Connection>()](const std::string& bytes) {
      connection->bytes += bytes;
      std::string said;
      while (const std::optional<Words> words = take_command(connection->bytes)) {
        said += answer(*words, connection->loaded);
      }
      return said;
    };
  }

  std::string answer(const Words& words, int& loaded) {
    const std::lock_guard lock(mutex_);
    const std::string& name = words[0];
    if (name == "PING") return "+PONG\r\n";
    if (name == "INFO") return bulk("redis_version:7.0.15\r\nrole:master\r\nmaxmemory:0\r\nrun_id:r\r\n");
    if (name == "ROLE") return "*1\r\n" + bulk("master");
    if (name == "CONFIG") return "*0\r\n";
    if (name == "SCRIPT") return bulk(std::to_string(loaded++));
    if (name == "WAIT") return ":1\r\n";
    if (name == "SUBSCRIBE") {
      const bool is_channel = words[1] != "tidings:c:0:";
      if (is_channel && !is_subscribing_answered_) return "";
      return "*3\r\n" + bulk("subscribe") + bulk(words[1]) + ":1\r\n" + (is_channel ? to_followers_ : "");
    }
    if (name == "EVALSHA") {
      const auto script = static_cast<std::size_t>(std::stoi(words[1]));
      ++counts_.at(script);
      return lies_.at(script).value_or(kTruth.at(script));
    }
    return "+OK\r\n";
  }

  static constexpr std::array<const char*, kRedisScripts> kTruth = {
      "*2\r\n:5\r\n:1\r\n",                       // kArrive
      "*2\r\n:5\r\n:1\r\n",                       // kBeat
      "*3\r\n:5\r\n:1\r\n:1\r\n",                 // kLook
      "*5\r\n:5\r\n:1\r\n:1000\r\n:1\r\n:1\r\n",  // kAppend
      "*3\r\n:5\r\n:1\r\n:1\r\n",                 // kRead
      "*1\r\n:0\r\n",                             // kClear
      "*0\r\n",                                   // kList
      "*1\r\n$0\r\n\r\n",                         // kSweep
  };

  mutable std::mutex mutex_;
  std::array<std::optional<std::string>, kRedisScripts> lies_;
  std::array<int, kRedisScripts> counts_ = {};
  std::string to_followers_;
  bool is_subscribing_answered_ = true;
  FakeRedis redis_{FakeRedis::Each{[this] { return begin(); }}};  // the last to come and the first to go
};

}  // namespace tidings
