// A client that takes its stream in small pieces gets every byte of it, in order, however a send was cut.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "tidings/bench/load/chunked_body.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/subscribers/channel_stream.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/server/socket_pair.h"

namespace tidings {
namespace {

class LeftOverTest : public testing::TestWithParam<Framing> {
 protected:
  // What the client gets in pieces of that many bytes, its head and first lines apart.
  std::string stream_in_pieces(const std::vector<std::string>& names, std::size_t size) {
    SocketPair pair;
    const int small = 4096;
    setsockopt(pair.socket(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    std::vector<std::shared_ptr<Broadcaster>> broadcasters;
    std::string id;
    for (const std::string& name : names) {
      const std::shared_ptr<Channel> channel = hub_.channel(name);
      broadcasters.push_back(broadcasters_.of(channel));
      id.append(id.empty() ? "" : ",").append(name).append(":").append(channel->id_of(channel->first() - 1));
    }
    const auto stream =
        std::make_shared<ChannelStream>(loop_, options_, Heartbeat::kComment, std::move(broadcasters), id);
    StreamSession::open(stream, loop_.sockets().add(pair.take()), *limits_.take_slot("here"), {.framing = GetParam()});
    std::string all;
    for (int turns_without = 0; turns_without < 3;) {
      const std::string received = pair.received_at_most(size);
      turns_without = received.empty() ? turns_without + 1 : 0;
      all += received;
      loop_.context().poll();
    }
    stream->abort();
    all.erase(0, all.find("\r\n\r\n") + 4);
    if (GetParam() == Framing::kChunked) {
      std::string content;
      bench::ChunkedBody body;
      EXPECT_TRUE(body.feed(all, [&](std::string_view bytes) { content += bytes; }));
      all = content;
    }
    return all.substr(all.find('\n', all.find("retry: ")) + 1);
  }

  StreamOptions options_;
  StreamLimits limits_{{}};
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(Clock::WallTime());
  Hub hub_{{}, clock_, 1};
  Broadcasters broadcasters_{loop_};
  EventLoop loop_{*clock_, 1};
};

TEST_P(LeftOverTest, NothingIsLostOrDoubledWhereverASendIsCut) {
  const std::shared_ptr<Channel> a = hub_.channel("a"), b = hub_.channel("b");
  std::string alone, several;
  for (int i = 1; i <= 40; ++i) {
    const std::string data(static_cast<std::size_t>(i * 97 % 3000), 'x');
    const std::string id = a->publish(Event("typed", data).with_comment("why"));
    const std::string lines = "data: " + data + "\n";
    alone.append(": why\nevent: typed\n").append(lines).append("id: ").append(id).append("\n\n");
    several.append(": why\nevent: a/typed\n").append(lines).append("id: a:").append(id);
    several.append(",b:").append(b->id_of(0)).append("\n\n");
  }
  for (const std::size_t size : {1000u, 1777u, 4096u, 60'000u}) {
    EXPECT_EQ(stream_in_pieces({"a"}, size), alone) << size;
    EXPECT_EQ(stream_in_pieces({"a", "b"}, size), several) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Framings, LeftOverTest, testing::Values(Framing::kChunked, Framing::kNone));

}  // namespace
}  // namespace tidings
