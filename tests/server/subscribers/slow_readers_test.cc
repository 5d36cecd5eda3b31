// What clients cost that do not read: their cursors, whatever is published and however many channels they follow.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/channels/hub.h"
#include "tidings/server/subscribers/channel_stream.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/server/socket_pair.h"

namespace {

std::atomic<std::size_t> allocated_bytes = 0;

}  // namespace

void* operator new(std::size_t size) {
  void* const memory = std::malloc(size);
  if (!memory) throw std::bad_alloc();
  allocated_bytes += malloc_usable_size(memory);
  return memory;
}
void operator delete(void* memory) noexcept {
  if (memory) allocated_bytes -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace tidings {
namespace {

constexpr std::size_t kClients = 50;

class SlowReaders : public testing::Test {
 protected:
  void follow(const std::vector<std::string>& names, std::string_view last_event_id) {
    for (std::size_t i = 0; i < kClients; ++i) {
      std::vector<std::shared_ptr<Broadcaster>> broadcasters;
      for (const std::string& name : names) broadcasters.push_back(broadcasters_.of(hub_.channel(name)));
      pairs_.emplace_back();
      StreamSession::open(
          std::make_shared<ChannelStream>(loop_, options_, Heartbeat::kComment, std::move(broadcasters), last_event_id),
          loop_.sockets().add(pairs_.back().take()), *limits_.take_slot("here"), {});
    }
  }
  void turns() {
    for (int turn = 0; turn < 100; ++turn) loop_.context().poll();
  }

  StreamOptions options_;
  StreamLimits limits_{{}};
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(Clock::WallTime());
  Hub hub_{{}, clock_, 1};
  Broadcasters broadcasters_{loop_};
  EventLoop loop_{*clock_, 1};
  std::vector<SocketPair> pairs_;
};

// Each line end of the data is a line of its own in the stream: seven times as many bytes.
TEST_F(SlowReaders, OfAnEventThatTheyDoNotTakeNoneHasACopy) {
  const std::string data(1 << 20, '\n');
  for (const std::vector<std::string>& names : {std::vector<std::string>{"a"}, {"a", "b"}}) {
    pairs_.clear();
    turns();
    follow(names, "");
    turns();
    const std::size_t before = allocated_bytes;
    hub_.channel("a")->publish(Event(data));
    turns();
    EXPECT_EQ(loop_.metrics().blocked.value(), static_cast<std::int64_t>(kClients));
    const std::size_t all = allocated_bytes - before;
    EXPECT_LT(all, 2 * 7 * data.size() + kClients * 2048) << names.size() << " channels";
  }
}

TEST_F(SlowReaders, ALongIdIsNotKeptForEachChannelThatItNames) {
  std::vector<std::string> names;
  for (int i = 0; i < 64; ++i) names.push_back("channel-" + std::to_string(i));
  std::vector<std::shared_ptr<Channel>> held;
  std::vector<std::shared_ptr<Broadcaster>> kept;
  for (const std::string& name : names) {
    held.push_back(hub_.channel(name));
    kept.push_back(broadcasters_.of(held.back()));
  }
  const std::size_t before = allocated_bytes;
  follow(names, std::string(8000, 'x'));
  turns();
  EXPECT_LT((allocated_bytes - before) / kClients, 40u * 1024);
}

}  // namespace
}  // namespace tidings
