// A channel, or several, as something that a generator awaits, so that an endpoint can filter, merge and transform:
//
//   while (auto event = co_await subscription.next()) co_yield *event;
//
// The same guarantees as a channel's own stream: every event once and in order, or an event of type `gap` that says
// what is gone; and without a last event ID first an event of type `begin`, whose id is the client's place. Pass these
// two on, with their ids: a client that has not had an id loses what comes while it is away. How clients see them:
// docs/EVENT_STREAM.md, section "What our server sends around it". Lives in the generator, on its loop's thread.
#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/protocol/event.h"
#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/channel_cursor.h"
#include "tidings/server/channels/channel_vector.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/streams/event_stream.h"

namespace tidings {

// Whether an event that a subscription to several channels gave is of this one: with types by channel, its type is then
// `<channel>` or `<channel>/<type>`.
bool is_of(const Event& event, std::string_view channel);

class Subscription final {
 public:
  using Channels = std::vector<std::shared_ptr<Channel>>;

  // What next() gives, to be awaited once. It may be moved before that.
  class Next {
   public:
    explicit Next(Subscription& subscription) : subscription_(&subscription) {}
    Next(Next&& other) noexcept : subscription_(std::exchange(other.subscription_, nullptr)) {}
    ~Next() {
      if (subscription_) subscription_->waiter_ = nullptr;
    }
    bool await_ready() { return subscription_->look(); }
    void await_suspend(std::coroutine_handle<> waiter) { subscription_->waiter_ = waiter; }
    std::optional<Event> await_resume() { return subscription_->take(); }

   private:
    Subscription* subscription_;
  };

  // Follows what comes from now on. `loop` is the generator's. With more than one channel an event's id is the vector
  // of the places in all of them, `a:E-7,b:E-9`, and its type `<channel>` or `<channel>/<type>`, unless `types` are
  // plain. Throws std::invalid_argument with a sentence for no channel, or one that is null.
  Subscription(const Channels& channels, Loop& loop, ChannelTypes types = ChannelTypes::kByChannel);
  // The same for a client that may come back: it goes on after its last event ID, which Request::last_event_id() gives;
  // one that has none yet gets an event `begin` first.
  Subscription(const Channels& channels, Loop& loop, std::optional<std::string_view> last_event_id,
               ChannelTypes types = ChannelTypes::kByChannel);
  Subscription(std::shared_ptr<Channel> channel, Loop& loop);
  Subscription(std::shared_ptr<Channel> channel, Loop& loop, std::optional<std::string_view> last_event_id);
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription();

  // `co_await subscription.next()` gives the next event, `begin` and `gap` among them; it is never empty, since
  // channels have no end. One at a time. Throws CutOff when it has fallen behind in a channel that disconnects whoever
  // does.
  [[nodiscard("Nothing waits until this is awaited: write co_await before it.")]] Next next() { return Next(*this); }

 private:
  // Its place in one of the channels.
  class Follower final : private Channel::Listener {
   public:
    Follower(Subscription& subscription, std::shared_ptr<Channel> channel);
    ~Follower();
    ChannelCursor& cursor() { return cursor_; }
    const ChannelCursor& cursor() const { return cursor_; }

   private:
    void on_published() override { subscription_.woken(); }

    Subscription& subscription_;
    ChannelCursor cursor_;
  };

  void follow(const Channels& channels);
  bool place();
  std::optional<Event> take();
  void woken();
  bool look();
  bool look(ChannelCursor& cursor);
  Event event_of(const ChannelCursor& cursor, const EventLog::Run& run) const;
  FieldValue id() const;

  Loop& loop_;
  const ChannelTypes types_;
  std::vector<std::unique_ptr<Follower>> followers_;  // each stays where it is, since its channel knows it
  std::size_t turn_ = 0;  // where to look first, so that a busy channel does not hide another
  const bool tells_begin_;
  std::unique_ptr<const std::string> last_event_id_;  // until it has its places
  bool is_placed_ = false;                            // which takes until all channels are open
  bool has_begun_ = true;                             // false: `begin` has to be told first
  bool is_cut_off_ = false;
  std::unique_ptr<Event> found_;  // from look() to take(): who waits has none
  std::coroutine_handle<> waiter_;
};

}  // namespace tidings
