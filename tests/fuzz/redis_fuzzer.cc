// What comes from a Redis that is none, or is somebody else's: whatever its bytes are, they end the connection or are
// replies, of which events are read as there may be; whatever messages say, a channel is told events once and in order.
// And an address of one is refused with a sentence or names a place. An input's first byte says what the rest is: bytes
// of a reply (r), messages with an FF between them (m), or an address (u).
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tidings/server/redis/in_order.h"
#include "tidings/server/redis/redis_connection.h"
#include "tidings/server/redis/redis_scripts.h"
#include "tidings/server/redis/redis_url.h"
#include "tidings/server/redis/script_replies.h"
#include "tidings/tests/fuzz/fuzz.h"

namespace tidings::fuzz {
namespace {

void check(const Extent& extent) {
  expect(extent.epoch >= 1 && extent.first >= 1 && extent.first <= extent.next, "an extent is one");
  expect(extent.next <= kMostRedisNumber && extent.epoch <= kMostRedisNumber, "and can be counted on");
}

void check_reply(RedisReply reply) {
  if (const std::optional<Appended> appended = appended_in(reply, 1)) {
    expect(appended->epoch >= 1 && appended->sequences.size() == 1, "what was added has a place each");
  }
  if (const std::optional<Position> at = position_in(reply, 1)) {
    expect(at->epoch >= 1 && at->sequence >= 1, "a position is one");
  }
  if (const std::optional<Extent> extent = extent_in(reply)) {
    check(*extent);
    for (const Record& record : events_in(reply, *extent)) {
      expect(record.at.sequence >= 1 && record.at.sequence < extent->next, "an event lies in its extent");
    }
  }
  for (const std::uint64_t from : {1u, 3u}) {
    const auto run = run_in(reply, from);
    if (!run) continue;
    std::uint64_t next = run->begin.sequence;
    std::size_t bytes = 0;
    for (const Record& record : run->records) {
      expect(record.at == Position{run->begin.epoch, next++} && record.at.sequence >= from, "a run has no hole");
      expect(record.block.data() == run->bytes.data() + bytes, "its blocks lie one behind the other");
      bytes += record.block.size();
    }
    expect(bytes == run->bytes.size(), "and are all of its bytes");
  }
  for (const History::Listed& listed : listed_in(reply)) check(listed.extent);
}

// Where a connection ends that is made by RedisConnection: in memory, as far as there is such a thing.
class Peer {
 public:
  Peer() : listener_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    std::string folder = std::filesystem::temp_directory_path().string() + "/fuzz.XXXXXX";
    expect(mkdtemp(folder.data()) != nullptr, "a folder can be made");
    folder_ = folder;
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const std::string path = url().unix_path;
    expect(path.size() < sizeof address.sun_path, "its path is short");
    std::memcpy(address.sun_path, path.data(), path.size());
    expect(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "it listens");
    expect(::listen(listener_, 1) == 0, "it listens");
  }
  ~Peer() {
    ::close(listener_);
    std::filesystem::remove_all(folder_);
  }

  RedisUrl url() const { return {.host = {}, .unix_path = folder_ + "/s", .user = {}, .password = {}}; }
  // Says that to whoever has connected, and goes.
  void say(std::string_view bytes) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    expect(::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()),
           "all fits in");
    ::close(connection);
  }

 private:
  const int listener_;
  std::string folder_;
};

void check_bytes(std::string_view bytes) {
  static Peer peer;
  if (bytes.empty() || bytes.size() > 64 * 1024) return;
  RedisConnection connection(peer.url());
  peer.say(bytes);
  try {
    for (;;) connection.receive([](RedisReply reply, const RedisConnection::Owner&) { check_reply(reply); });
  } catch (const RedisFailure& failure) {
    expect(*failure.what() != '\0', "a connection ends with a sentence");
  }
}

// A channel that is told of events.
class Told final : public History::Sink {
 public:
  explicit Told(const Extent& extent) : extent_(extent) {}

  void kept(std::span<const Record> records) override {
    for (const Record& record : records) {
      expect(record.at == Position{extent_.epoch, extent_.next}, "each event is told once and in order");
      ++extent_.next;
    }
  }
  void dropped(std::uint64_t first) override {
    expect(first > extent_.first && first <= extent_.next, "what is dropped was there");
    extent_.first = first;
  }
  void cleared(std::uint64_t next) override {
    expect(next > extent_.next, "a clearing leaves a number out");
    extent_.first = extent_.next = next;
  }
  void began(const Extent& extent) override {
    expect(extent.epoch > extent_.epoch, "epochs rise");
    check(extent);
    extent_ = extent;
  }
  const Extent& extent() const { return extent_; }

 private:
  Extent extent_;
};

// As RedisHistory does, on a channel that had two events of epoch 5.
void check_messages(std::string_view messages) {
  const Extent known = {.epoch = 5, .first = 1, .next = 3};
  Told told(known);
  InOrder order(told, 1024);
  order.begin(known);
  for (std::size_t begin = 0; begin <= messages.size();) {
    const std::size_t end = std::min(messages.find('\xFF', begin), messages.size());
    const std::optional<RedisMessage> message = RedisMessage::parse(messages.substr(begin, end - begin));
    begin = end + 1;
    if (!message) continue;
    const auto& [a, b, c] = message->numbers;
    switch (message->kind) {
      case 'E':
        for (std::uint64_t sequence = a; const std::string_view block : message->blocks) {
          order.offer({.at = {message->epoch, sequence++}, .first = b, .time = time_of_redis(c), .block = block});
        }
        break;
      case 'C': order.offer({.at = {message->epoch, a - 1}, .is_clearing = true}); break;
      case 'D': order.drop({message->epoch, a}); break;
      case 'B': order.meet({.epoch = message->epoch, .first = a, .next = b}); break;
      case 'L': break;
      default: expect(false, "a message is of a kind");
    }
    if (message->blocks.size() == 1) order.flush();
  }
  order.flush();
  expect(order.extent() == told.extent(), "what was told is what is known");
}

void check_url(std::string_view text) {
  try {
    const RedisUrl url = parse_redis_url(text);
    expect(url.host.empty() != url.unix_path.empty(), "an address is a host or a path");
    expect(url.port != 0 && url.password.empty() <= url.user.empty(), "a user has a password");
    expect(!url.shown().empty(), "it can be shown");
  } catch (const std::runtime_error& error) {
    expect(std::string_view(error.what()).starts_with("--redis: "), "what is refused has a sentence");
  }
}

}  // namespace
}  // namespace tidings::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidings::fuzz;
  if (size == 0) return 0;
  const std::string_view rest = as_text(data, size).substr(1);
  switch (*data) {
    case 'r': check_bytes(rest); break;
    case 'm': check_messages(rest); break;
    case 'u': check_url(rest); break;
    default: break;
  }
  return 0;
}
