// What the tabs that share one stream (shared_stream.h) say to each other over a BroadcastChannel: the bytes of a
// ShareMessage, then those of its four texts. Any script of the origin may post there, so everything is checked when it
// comes in. Both ends are the same machine, so numbers are sent as it holds them; pointers mean nothing to others. The
// log (share_log.h) keeps events in the same form. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tidings/client_wasm/event_source/event_source.h"

namespace tidings {

// A place in what a leader passes on: the leader's term, and in the lower bits the number of an event within it. Terms
// grow, and begin as milliseconds since 1970; one with more events than there are numbers runs into the next. 0: none.
using SharePosition = std::uint64_t;
constexpr unsigned kShareNumberBits = 20;
constexpr std::uint64_t share_term(SharePosition position) { return position >> kShareNumberBits; }

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
  static constexpr std::uint32_t kMagic = 0x54494402;  // its last byte is the layout's number, as in share.js

  std::uint32_t magic = kMagic;
  Kind kind = Kind::kEvent;
  std::uint32_t from = 0;  // the sender
  std::uint32_t to = 0;    // 0: everybody
  EventSource::State state = EventSource::State::kConnecting;
  EventSource::Reason reason = EventSource::Reason::kNone;
  SharePosition position = 0, before = 0;
  std::string_view type, data, id, origin;
  // For a log alone.
  ShareMessage* next = nullptr;
  bool may_return = false;  // it is expected again, from a leader who has not seen it
  bool has_own_id = false;  // `id` is not that of the event before it, so the event can be recognised by it

  // How many bytes a copy has, from its address on.
  std::size_t size() const { return sizeof *this + type.size() + data.size() + id.size() + origin.size(); }
  // A copy with texts of its own, which lie behind it in one block of memory. The caller deletes it.
  ShareMessage* copy() const;
  // False where the bytes are no such message. The texts are views of them.
  bool decode(std::string_view bytes);

  static void operator delete(void* message) { ::operator delete(message); }  // a copy is larger than its type
};

}  // namespace tidings
