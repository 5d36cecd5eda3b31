// The file that holds the keys of tokens: read at the start, and again whenever it has changed. What can't be read then
// changes nothing, and is logged. Any thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "tidings/server/tokens/token_keys.h"

namespace tidings {

class TokenKeysFile {
 public:
  // Reads it. Throws std::runtime_error with a sentence.
  explicit TokenKeysFile(std::string path);

  // The keys that were read last.
  TokenKeys keys() const;
  // Reads it again if it is another file than was read last, by its time, size and number, and gives the keys to
  // `take`.
  void look(const std::function<void(TokenKeys)>& take);
  // Does so once a second, on a thread of its own, until this object goes. Once.
  void follow(std::function<void(TokenKeys)> take);

 private:
  struct Stamp {
    std::int64_t seconds = 0, nanoseconds = 0;
    off_t size = 0;
    ino_t number = 0;
    bool operator==(const Stamp&) const = default;
  };

  Stamp stamp() const;
  TokenKeys read() const;

  const std::string path_;
  mutable std::mutex mutex_;
  Stamp stamp_;
  TokenKeys keys_;
  std::jthread thread_;  // last: it ends before the rest goes
};

}  // namespace tidings
