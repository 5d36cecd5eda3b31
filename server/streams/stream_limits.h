// How many streams may be open at a time, in all and for one client address. Any thread, but for hold_to().
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace tidings {

class StreamLimits {
 public:
  struct Options {
    std::size_t max_streams = 100'000;
    std::optional<std::size_t> max_streams_per_client = {};  // none: any number
  };

  // What an open stream takes of the limits; given back when it is destroyed. The limits outlive it.
  class Slot {
   public:
    Slot() = default;  // of nothing
    Slot(Slot&& other) noexcept : limits_(std::exchange(other.limits_, nullptr)), client_(other.client_) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(limits_, other.limits_);
      std::swap(client_, other.client_);
      const Slot given_back(std::move(other));
      return *this;
    }
    ~Slot() {
      if (limits_) limits_->give_back(client_);
    }

   private:
    friend class StreamLimits;
    using Client = std::map<std::string, std::size_t>::iterator;
    Slot(StreamLimits& limits, Client client) : limits_(&limits), client_(client) {}
    StreamLimits* limits_ = nullptr;
    Client client_;
  };

  explicit StreamLimits(Options options) : options_(options) {}

  // Allows at most this many streams in all, also where the options allow more. To be called before the first stream.
  void hold_to(std::size_t most) { options_.max_streams = std::min(options_.max_streams, most); }
  std::size_t max_streams() const { return options_.max_streams; }

  // Empty when as many streams are open as may be, in all or for this address.
  std::optional<Slot> take_slot(const std::string& client_address);

 private:
  void give_back(Slot::Client client);

  Options options_;
  std::mutex mutex_;
  std::size_t streams_ = 0;
  std::map<std::string, std::size_t> clients_;  // streams of each address that has any
};

}  // namespace tidings
