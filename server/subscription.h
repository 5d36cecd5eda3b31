// A channel, or several, as something that a generator awaits, so that an endpoint can filter, merge and transform:
//
//   while (auto event = co_await subscription.next()) co_yield *event;
//
// The same guarantees as a channel's own stream: every event once and in order, or a gap event that says what is gone.
// Lives in the generator, on its loop.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/event.h"
#include "server/channel.h"
#include "server/channel_cursor.h"
#include "server/timers.h"

namespace tidings {

class Subscription final : private Channel::Follower {
 public:
  // Follows one channel from behind the last event ID; without one, what comes from now on. `timers` are those of the
  // generator's loop.
  Subscription(std::shared_ptr<Channel> channel, Timers& timers,
               std::optional<std::string_view> last_event_id = std::nullopt);
  // Follows several, at least one. With more than one an event's id is the vector of all places, `a:E-7,b:E-9`, and its
  // type `<channel>` or `<channel>/<type>`.
  Subscription(std::vector<std::shared_ptr<Channel>> channels, Timers& timers,
               std::optional<std::string_view> last_event_id = std::nullopt);
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription();

  // `co_await subscription.next()` gives the next event, an event of type `gap` among them; empty when it has fallen
  // behind in a channel that disconnects those who do.
  auto next() {
    struct Awaiter {
      Subscription& subscription;
      bool await_ready() { return subscription.look(); }
      void await_suspend(std::coroutine_handle<> waiter) { subscription.waiter_ = waiter; }
      std::optional<Event> await_resume() { return std::move(subscription.found_); }
    };
    return Awaiter{*this};
  }

 private:
  // What a publisher's thread has posted to the loop may come when the subscription is gone.
  struct Link {
    Subscription* subscription;
  };

  void wake() override;  // any thread
  void woken();
  bool look();
  bool look(ChannelCursor& cursor);
  Event event_of(const ChannelCursor& cursor, std::string_view encoded) const;

  Timers& timers_;
  const std::shared_ptr<Link> link_;
  std::atomic<bool> is_woken_ = false;
  std::vector<std::shared_ptr<Channel>> channels_;
  std::vector<ChannelCursor> cursors_;
  std::size_t turn_ = 0;  // where to look first, so that a busy channel does not hide another
  bool has_ended_ = false;
  std::optional<Event> found_;
  std::coroutine_handle<> waiter_;
};

}  // namespace tidings
