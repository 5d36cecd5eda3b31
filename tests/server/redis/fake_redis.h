// Somebody that listens where a Redis is expected, and answers as the test says. It listens on loopback; each
// connection has a thread of its own.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tidings {

class FakeRedis {
 public:
  // Called with what came, again and again until the connection ends, and returns what is answered.
  using Answer = std::function<std::string(const std::string& bytes)>;

  explicit FakeRedis(Answer answer) : FakeRedis(Each{[answer = std::move(answer)] { return answer; }}) {}
  // Each connection has an answer of its own, made for it.
  struct Each {
    std::function<Answer()> begin;
  };
  explicit FakeRedis(Each each) : begin_(std::move(each.begin)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size);
    ::listen(listener_, 16);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  FakeRedis(const FakeRedis&) = delete;
  FakeRedis& operator=(const FakeRedis&) = delete;
  ~FakeRedis() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    {
      const std::lock_guard lock(mutex_);
      for (const int connection : connections_) ::shutdown(connection, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    for (const int connection : connections_) ::close(connection);
  }

  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }

 private:
  void accept_all() {
    for (;;) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      const std::lock_guard lock(mutex_);
      connections_.push_back(connection);
      threads_.emplace_back([this, connection] { serve(connection); });
    }
  }
  void serve(int connection) {
    const Answer answer = begin_();
    char bytes[4096];
    for (;;) {
      const ssize_t count = ::recv(connection, bytes, sizeof bytes, 0);
      if (count <= 0) return;
      const std::string said = answer(std::string(bytes, static_cast<std::size_t>(count)));
      if (said == kClose) {
        ::shutdown(connection, SHUT_RDWR);
        return;
      }
      for (std::size_t sent = 0; sent < said.size();) {
        const ssize_t more = ::send(connection, said.data() + sent, said.size() - sent, MSG_NOSIGNAL);
        if (more <= 0) return;
        sent += static_cast<std::size_t>(more);
      }
    }
  }

 public:
  // As an answer: the connection ends.
  static constexpr const char* kClose = "close";

 private:
  const std::function<Answer()> begin_;
  const int listener_;
  std::uint16_t port_ = 0;
  std::thread acceptor_;
  std::mutex mutex_;
  std::vector<int> connections_;
  std::vector<std::thread> threads_;
};

}  // namespace tidings
