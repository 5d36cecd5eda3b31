#include "tidings/server/redis/redis_connection.h"

#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace tidings {
namespace {

constexpr std::size_t kMostReplyBytes = std::size_t{64} << 20;
constexpr std::size_t kMostElements = 65'536;  // of a reply, in all of its arrays
constexpr std::size_t kReadBytes = 16 * 1024;  // hiredis moves what it has not parsed yet, reply by reply
constexpr int kMostReads = 16;                 // at a time
constexpr std::size_t kOutputKept = std::size_t{1} << 20;

std::string describe_errno(int error) { return std::generic_category().message(error); }

bool is_later(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// hiredis's own, but for arrays of more elements than any of our replies has: each takes several times the memory of
// its bytes, and an array that of all its elements at once. The type of the count differs with its version.
redisReplyObjectFunctions* bounded_functions(const redisReader& reader) {
  static const redisReplyObjectFunctions kOwn = *reader.fn;
  static redisReplyObjectFunctions bounded = [] {
    redisReplyObjectFunctions functions = kOwn;
    functions.createArray = [](const redisReadTask* task, auto elements) -> void* {
      auto& left = *static_cast<std::size_t*>(task->privdata);
      const auto count = static_cast<std::size_t>(elements);
      if (count > left) return nullptr;
      left -= count;
      return kOwn.createArray(task, elements);
    };
    return functions;
  }();
  return &bounded;
}

}  // namespace

void RedisConnection::Free::operator()(redisContext* context) const { redisFree(context); }

RedisConnection::RedisConnection(const RedisUrl& url)
    : context_(url.unix_path.empty() ? redisConnectNonBlock(url.host.c_str(), url.port)
                                     : redisConnectUnixNonBlock(url.unix_path.c_str())),
      elements_left_(kMostElements) {
  if (!context_) throw RedisFailure("there is no memory for a connection");
  if (context_->err != 0) throw RedisFailure("can't be reached: " + std::string(context_->errstr));
  const int yes = 1;
  if (url.unix_path.empty()) setsockopt(context_->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  context_->reader->fn = bounded_functions(*context_->reader);
  context_->reader->privdata = &elements_left_;
}

RedisConnection::~RedisConnection() = default;

int RedisConnection::descriptor() const { return context_->fd; }

void RedisConnection::send(std::span<const std::string_view> words) {
  output_ += '*';
  output_ += std::to_string(words.size());
  output_ += "\r\n";
  for (const std::string_view word : words) {
    output_ += '$';
    output_ += std::to_string(word.size());
    output_ += "\r\n";
    output_ += word;
    output_ += "\r\n";
  }
}

void RedisConnection::flush() {
  while (has_output()) {
    const ssize_t count = ::send(context_->fd, output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0 && is_later(errno)) return;
    if (count < 0) throw RedisFailure("can't be reached: " + describe_errno(errno));
    sent_ += static_cast<std::size_t>(count);
  }
  output_.clear();
  sent_ = 0;
  if (output_.capacity() > kOutputKept) output_ = std::string();
}

void RedisConnection::receive(const OnReply& on_reply) {
  std::array<char, kReadBytes> bytes;
  for (int reads = 0; reads < kMostReads; ++reads) {
    const ssize_t count = ::recv(context_->fd, bytes.data(), bytes.size(), 0);
    if (count < 0 && is_later(errno)) return;
    if (count < 0) throw RedisFailure("can't be reached: " + describe_errno(errno));
    if (count == 0) throw RedisFailure("has closed the connection");
    incomplete_ += static_cast<std::size_t>(count);
    redisReader* const reader = context_->reader;
    redisReaderFeed(reader, bytes.data(), static_cast<std::size_t>(count));
    for (;;) {
      void* reply = nullptr;
      if (redisReaderGetReply(reader, &reply) != REDIS_OK) throw RedisFailure("says what no Redis says");
      if (!reply) break;
      incomplete_ = 0;
      elements_left_ = kMostElements;
      const std::shared_ptr<redisReply> owner(static_cast<redisReply*>(reply), freeReplyObject);
      on_reply(RedisReply(owner.get()), owner);
    }
    if (incomplete_ > kMostReplyBytes) throw RedisFailure("says more at once than any reply may have");
    if (static_cast<std::size_t>(count) < bytes.size()) return;
  }
}

std::string hiredis_version() {
  return std::to_string(HIREDIS_MAJOR) + '.' + std::to_string(HIREDIS_MINOR) + '.' + std::to_string(HIREDIS_PATCH);
}

}  // namespace tidings
