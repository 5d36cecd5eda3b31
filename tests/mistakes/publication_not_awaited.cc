// Kind: A forgotten `co_await`
// Mistake: `channel->publish(event, loop);` in a generator
// Says: Nobody hears whether the event is kept until this is awaited: write co_await before it.
#include <memory>

#include "tidings/server/server.h"

tidings::EventStream visitor(std::shared_ptr<tidings::Channel> channel, tidings::Loop& loop) {
  channel->publish(tidings::Event("Somebody has come."), loop);
  co_yield tidings::Event("welcome");
}
