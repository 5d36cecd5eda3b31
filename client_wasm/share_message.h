// What the tabs that share one stream (shared_stream.h) say to each other, as bytes on a BroadcastChannel: a head of
// fixed size and four texts. Any script of the origin may post there, so everything is checked when it comes in. Both
// ends are the same machine, so numbers are as it holds them. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client_wasm/event_source.h"

namespace tidings {

// A place in what a leader passes on: the number of an event within the leader's term. Terms grow.
struct SharePosition {
  std::uint64_t term = 0;  // 0: none yet
  std::uint64_t number = 0;

  bool operator==(const SharePosition& other) const { return term == other.term && number == other.number; }
  bool operator<(const SharePosition& other) const {
    return term != other.term ? term < other.term : number < other.number;
  }
};

struct ShareMessage {
  enum class Kind : std::uint32_t {
    kAsk,    // of a tab at `position`: what comes after it? With none: what is the state?
    kWant,   // a tab listens to `type`
    kEvent,  // the event at `position`; of an answer the one after `before`
    kLead,   // a new term begins, with what came after `before` and `id`
    kHere,   // all of an answer is sent; the leader is at `position`, and `id` is the last event's
    kGap,  // of an answer: what came after the asked position up to `position` is gone; `id` is that one's, `data` the
           // next one's id
    kState,  // of the leader's connection
  };

  Kind kind = Kind::kAsk;
  std::uint32_t from = 0;  // the sender
  std::uint32_t to = 0;    // 0: everybody
  EventSource::State state = EventSource::State::kConnecting;
  EventSource::Reason reason = EventSource::Reason::kNone;
  SharePosition position, before;
  std::string_view type, data, id, origin;

  std::string encode() const;
  // The texts are views of `bytes`. Empty where it is no such message.
  static std::optional<ShareMessage> decode(std::string_view bytes);
};

}  // namespace tidings
