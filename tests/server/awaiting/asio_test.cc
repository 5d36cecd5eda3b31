#include "tidings/server/asio.h"

#include <gtest/gtest.h>

#include <array>
#include <asio/buffer.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read_until.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "tidings/server/awaiting/any_of.h"
#include "tidings/server/loop/event_loop.h"
#include "tidings/server/testing/fake_client.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/server/testing/manual_loop.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Socket = asio::local::stream_protocol::socket;
using Texts = std::vector<std::string>;

// A socket, and what has come of it.
struct Connection {
  explicit Connection(Loop& loop) : socket(io_context_of(loop)) {}
  Socket socket;
  std::string input;
};

class AsioTest : public testing::Test {
 protected:
  AsioTest() { asio::local::connect_pair(connection_->socket, peer_); }
  void turn() {
    while (loop_.context().poll() > 0) {
    }
  }
  void say(const std::string& text) {
    asio::write(peer_, asio::buffer(text));
    turn();
  }

  ManualClock clock_{Clock::WallTime()};
  EventLoop loop_{clock_, 1};
  std::shared_ptr<Connection> connection_ = std::make_shared<Connection>(loop_);
  Socket peer_{loop_.context()};
};

EventStream pieces(std::shared_ptr<Connection> connection, Loop& loop) {
  std::array<char, 100> data{};
  for (;;) {
    const auto [error, bytes] = co_await connection->socket.async_read_some(asio::buffer(data), use_loop(loop));
    if (error) co_return;
    co_yield Event(std::string(data.data(), bytes));
  }
}

TEST_F(AsioTest, AnOperationGivesWhatItsHandlerWouldGet) {
  const FakeClient client(pieces(connection_, loop_));
  say("one");
  say("two");
  EXPECT_EQ(client.data(), (Texts{"one", "two"}));
  peer_.close();
  turn();
  EXPECT_TRUE(client.has_ended());
  EXPECT_FALSE(client.exception());
}

TEST_F(AsioTest, WhereTheGeneratorGoesItsBufferIsLeftAlone) {
  { const FakeClient client(pieces(connection_, loop_)); }
  say("one");
  const FakeClient next(pieces(connection_, loop_));
  turn();
  EXPECT_EQ(next.data(), Texts{"one"}) << "the socket is usable, and nothing of it is lost";
}

TEST_F(AsioTest, WhereTheGeneratorGoesWhenBytesHaveComeItsBufferIsLeftAlone) {
  {
    const FakeClient client(pieces(connection_, loop_));
    asio::write(peer_, asio::buffer("one", 3));
  }
  turn();
  const FakeClient next(pieces(connection_, loop_));
  turn();
  EXPECT_EQ(next.data(), Texts{"one"});
}

EventStream lines(std::shared_ptr<Connection> connection, Loop& loop) {
  for (;;) {
    const auto [error, bytes] = co_await asio::async_read_until(
        connection->socket, asio::dynamic_buffer(connection->input), '\n', use_loop(loop, connection));
    if (error) co_return;
    co_yield Event(connection->input.substr(0, bytes - 1));
    connection->input.erase(0, bytes);
  }
}

TEST_F(AsioTest, AComposedOperationHasWhatItNeedsUntilItHasEnded) {
  const std::weak_ptr<Connection> connection = connection_;
  auto client = std::make_unique<FakeClient>(lines(std::move(connection_), loop_));
  say("one\ntw");
  say("o\nthree");
  EXPECT_EQ(client->data(), (Texts{"one", "two"}));
  client = nullptr;
  EXPECT_FALSE(connection.expired());
  turn();
  EXPECT_TRUE(connection.expired());
}

EventStream first_of(std::shared_ptr<Connection> connection, Loop& loop) {
  std::array<char, 100> data{};
  for (;;) {
    const auto piece =
        co_await with_timeout(connection->socket.async_read_some(asio::buffer(data), use_loop(loop)), 2s, loop);
    const std::string text = piece ? std::string(data.data(), std::get<1>(*piece)) : "nothing";
    co_yield Event(text);
  }
}

TEST_F(AsioTest, OneThatTakesTooLongIsCancelled) {
  const FakeClient client(first_of(connection_, loop_));
  clock_.advance(2s);
  loop_.run_due_timers();
  turn();
  say("one");
  EXPECT_EQ(client.data(), (Texts{"nothing", "one"}));
}

EventStream waits(asio::steady_timer& timer, Loop& loop) {
  const std::error_code error = co_await timer.async_wait(use_loop(loop));
  const std::string text = error ? error.message() : "fired";
  co_yield Event(text);
}

TEST_F(AsioTest, AnotherIoContextIsAnExceptionThatSaysSo) {
  asio::io_context other;
  asio::steady_timer timer(other, 1h);
  const FakeClient client(waits(timer, loop_));
  EXPECT_EQ(client.failure(),
            "This operation is of another io_context than its generator's loop: make its socket or timer with "
            "tidings::io_context_of(loop).");
}

TEST(Asio, ALoopThatHasNoIoContextSaysSo) {
  ManualLoop manual;
  EXPECT_THROW(io_context_of(manual.loop()), std::logic_error);
}

TEST(Asio, ALoopMayGoBeforeAnOperationHasEnded) {
  const ManualClock clock{Clock::WallTime()};
  const auto loop = std::make_unique<EventLoop>(clock, 1);
  auto connection = std::make_shared<Connection>(*loop);
  Socket peer(loop->context());
  asio::local::connect_pair(connection->socket, peer);
  const FakeClient client(lines(std::move(connection), *loop));
}

}  // namespace
}  // namespace tidings
