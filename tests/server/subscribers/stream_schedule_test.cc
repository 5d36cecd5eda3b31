// Streams of every kind on a loop that is turned by hand, in seeded schedules: clients that read, stall, send and
// leave, generators that wake each other, end and fail, a server that drains in the midst of it. Whatever comes in
// between, a client gets whole events, each once and in order, and in the end nothing is left.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/bench/load/chunked_body.h"
#include "tidings/protocol/parser.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/streams/generator_stream.h"
#include "tidings/server/subscribers/channel_stream.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/server/socket_pair.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kSchedules = 100;

// What an event says: its number, and so many bytes that some fit together into a socket and some into none.
std::string data_of(std::size_t number) {
  static constexpr std::size_t kSizes[] = {0, 10, 100, 3000, 10, 20'000, 0, 300'000};
  return std::to_string(number) + ' ' + std::string(kSizes[number % std::size(kSizes)], 'x');
}

// Generators of an application that wake each other within their own code.
class Bell {
 public:
  void ring() {
    for (std::size_t left = waiters_.size(); left > 0 && !waiters_.empty(); --left) {
      const std::coroutine_handle<> waiter = *waiters_.front();
      waiters_.pop_front();
      waiter.resume();
    }
  }

  class Wait {
   public:
    explicit Wait(Bell& bell) : bell_(bell) {}
    Wait(const Wait&) = delete;
    ~Wait() { bell_.waiters_.remove(&waiter_); }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      waiter_ = waiter;
      bell_.waiters_.push_back(&waiter_);
    }
    void await_resume() const {}

   private:
    Bell& bell_;
    std::coroutine_handle<> waiter_;
  };

 private:
  std::list<std::coroutine_handle<>*> waiters_;
};

struct RingsAtItsEnd {
  Bell& bell;
  Channel& channel;
  std::size_t& published;
  ~RingsAtItsEnd() {
    bell.ring();
    channel.publish(Event(data_of(published++)));
  }
};

EventStream ticks(Loop& loop) {
  Ticker ticker = loop.every(100ms);
  for (std::size_t number = 0;; ++number) {
    co_await ticker.next();
    co_yield Event(data_of(number));
  }
}

EventStream endless() {
  for (std::size_t number = 0;; ++number) co_yield Event(data_of(number));
}

EventStream some(Loop& loop, std::size_t count, bool fails) {
  for (std::size_t number = 0; number < count; ++number) {
    if (number % 3 == 2) co_await loop.sleep(50ms);
    co_yield Event(data_of(number));
  }
  if (fails) throw std::runtime_error("as it should");
}

EventStream listens(Bell& bell) {
  Bell::Wait wait(bell);
  for (std::size_t number = 0;; ++number) {
    co_await wait;
    co_yield Event(data_of(number));
  }
}

EventStream rings(Loop& loop, Bell& bell, Channel& channel, std::size_t& published) {
  const RingsAtItsEnd at_end{bell, channel, published};
  Ticker ticker = loop.every(100ms);
  for (std::size_t number = 0;; ++number) {
    co_await ticker.next();
    bell.ring();
    co_yield Event(data_of(number));
  }
}

// What a client has got so far.
class Client {
 public:
  Client() {
    const int small = 8 * 1024;
    setsockopt(pair.socket(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  }

  void read() {
    std::string bytes = pair.received();
    const std::size_t head = has_head_ ? 0 : bytes.find("\r\n\r\n");
    if (head == std::string::npos) return;
    if (!std::exchange(has_head_, true)) {
      if (bytes.substr(0, head).find("chunked") != std::string::npos) chunks_.emplace();
      bytes.erase(0, head + 4);
    }
    if (chunks_) {
      std::string content;
      has_last_chunk = !chunks_->feed(bytes, [&](std::string_view piece) { content += piece; }) || has_last_chunk;
      EXPECT_TRUE(!has_last_chunk || may_return) << "the stream of a generator that goes on, or of a channel";
      bytes = content;
    }
    EXPECT_TRUE(bytes.empty() || !has_goodbye_) << bytes.substr(0, 100);
    last_ += bytes;
    last_.erase(0, last_.size() - std::min<std::size_t>(last_.size(), 60));
    has_goodbye_ = last_.find("going away\nretry: ") != std::string::npos && last_.ends_with("\n");
    EXPECT_FALSE(has_goodbye_ && last_.ends_with("\n\n")) << "an empty message to some clients";
    const auto status = parser_.feed(bytes, [&](const ParsedEvent& event) { take(event); });
    EXPECT_EQ(status, Parser::Status::kOk);
  }

  SocketPair pair;
  std::weak_ptr<StreamSession> stream;
  bool reads = true;
  bool may_return = false;  // its generator
  bool has_last_chunk = false;

 private:
  void take(const ParsedEvent& event) {
    if (event.type == "heartbeat" || event.type == "begin") return;
    if (event.type == "gap") {
      next_.reset();
      return;
    }
    std::size_t number = 0;
    std::from_chars(event.data.data(), event.data.data() + event.data.size(), number);
    EXPECT_TRUE(event.data == data_of(number)) << event.data.substr(0, 100);
    EXPECT_EQ(number, next_.value_or(number));
    next_ = number + 1;
  }

  bool has_head_ = false, has_goodbye_ = false;
  std::optional<bench::ChunkedBody> chunks_;
  std::string last_;
  Parser parser_;
  std::optional<std::size_t> next_;
};

class Schedule {
 public:
  explicit Schedule(unsigned seed) : random_(seed) {
    options_.heartbeat = 2s;
    options_.write_timeout = 5s;
    options_.drain_time = random_() % 2 == 0 ? 0ms : 900ms;
    if (random_() % 2 == 0) loop_.use_io_uring();
  }

  void run() {
    for (int step = 0; step < 150; ++step) act();
    loop_.finish();
    for (int second = 0; second < 200 && !loop_.context().stopped(); ++second) {
      pass(1s);
      turn();
      for (Client& client : clients_) {
        if (client.reads) client.read();
      }
    }
    EXPECT_TRUE(loop_.context().stopped());
    EXPECT_EQ(loop_.metrics().streams.value(), 0);
    EXPECT_EQ(loop_.metrics().connections.value(), 0);
    EXPECT_EQ(loop_.metrics().frames.value(), 0);
    EXPECT_EQ(loop_.metrics().blocked.value(), 0);
  }

 private:
  void act() {
    switch (random_() % 12) {
      case 0:
      case 1: return open();
      case 2: return pass(30ms);
      case 3: return pass(random_() % 10 == 0 ? 6s : 100ms);
      case 4:
      case 5: return turn();
      case 6: loop_.context().poll_one(); return;
      case 7: channel_->publish(Event(data_of(published_++))); return;
      default: break;
    }
    if (clients_.empty()) return;
    Client& client = *std::next(clients_.begin(), static_cast<std::ptrdiff_t>(random_() % clients_.size()));
    switch (random_() % 12) {
      case 0: clients_.remove_if([&](const Client& each) { return &each == &client; }); return;
      case 1: client.reads = !client.reads; return;
      case 2: client.pair.send("anything"); return;
      case 3:
        if (const auto stream = client.stream.lock()) random_() % 2 == 0 ? stream->drain() : stream->abort();
        return;
      default:
        if (client.reads) client.read();
    }
  }

  void open() {
    Client& client = clients_.emplace_back();
    const auto stream = made(client.may_return);
    client.stream = stream;
    StreamSession::open(
        stream, loop_.sockets().add(client.pair.take()), *limits_.take_slot("here"),
        {.framing = random_() % 3 == 0 ? Framing::kNone : Framing::kChunked, .is_resumed = random_() % 2 == 0});
  }

  std::shared_ptr<StreamSession> made(bool& may_return) {
    const Heartbeat heartbeat = random_() % 2 == 0 ? Heartbeat::kComment : Heartbeat::kEvent;
    if (random_() % 3 == 0) {
      std::vector<std::shared_ptr<Broadcaster>> broadcasters{broadcasters_.of(channel_)};
      if (random_() % 2 == 0) broadcasters.push_back(broadcasters_.of(hub_.channel("quiet")));
      std::optional<std::string> last_event_id;
      if (random_() % 2 == 0)
        last_event_id = channel_->id_of(channel_->next() - 1 - std::min<std::size_t>(published_, random_() % 4));
      return std::make_shared<ChannelStream>(loop_, options_, heartbeat, std::move(broadcasters), last_event_id);
    }
    const unsigned kind = random_() % 6;
    may_return = kind == 2 || kind == 3;
    auto stream = std::make_shared<GeneratorStream>(loop_, options_, generator(kind), heartbeat, "/path");
    EXPECT_EQ(stream->begin(), nullptr);
    return stream;
  }

  EventStream generator(unsigned kind) {
    switch (kind) {
      case 0: return ticks(loop_);
      case 1: return endless();
      case 2: return some(loop_, 1 + random_() % 20, false);
      case 3: return some(loop_, 1 + random_() % 20, true);
      case 4: return listens(bell_);
      default: return rings(loop_, bell_, *channel_, published_);
    }
  }

  void pass(std::chrono::milliseconds time) {
    clock_->advance(time);
    loop_.run_due_timers();
  }
  void turn() { loop_.context().poll(); }

  std::mt19937 random_;
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(Clock::WallTime(100s));
  StreamOptions options_;
  StreamLimits limits_{{}};
  Hub hub_{{.channel = {.history = {.max_events = 5}}}, clock_, 1};
  std::shared_ptr<Channel> channel_ = hub_.channel("c");
  std::size_t published_ = 0;
  Bell bell_;
  Broadcasters broadcasters_{loop_};
  EventLoop loop_{*clock_, 1};  // its streams let go of their broadcasters
  std::list<Client> clients_;
};

TEST(StreamSchedule, ClientsGetWholeEventsInOrderAndNothingIsLeft) {
  spdlog::set_level(spdlog::level::off);
  for (unsigned seed = 1; seed <= kSchedules && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::make_unique<Schedule>(seed)->run();
  }
}

}  // namespace
}  // namespace tidings
