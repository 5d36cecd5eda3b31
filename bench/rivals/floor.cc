// The floor that the server is measured against: what the kernel alone takes for a broadcast. One thread, epoll, one
// send() an event and subscriber; any POST publishes its body, GET /events opens a stream that gets a tick at each
// whole second, any other GET one that gets what is published. What a full socket does not take waits for it, encoded
// once for all. Not a server: a client that sends anything odd, or for which too much waits, is dropped.
// `floor gathering`: what is published in one turn of the loop goes to each subscriber by one send() at the turn's end.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/bench/load/poller.h"
#include "tidings/protocol/encode.h"
#include "tidings/protocol/event.h"

namespace {

using namespace tidings;
using std::chrono::system_clock;

constexpr std::string_view kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache, no-transform\r\n"
    "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n:\n\n";

constexpr std::size_t kMostWaiting = 4 << 20;  // bytes that wait for one client

// What one client's socket did not take.
struct Waiting {
  std::deque<std::shared_ptr<const std::string>> pieces;  // shared by all who wait for them
  std::size_t sent = 0;                                   // of the first
  std::size_t bytes = 0;                                  // of all, not sent yet
};

class Floor {
 public:
  explicit Floor(bool gathers)
      : gathers_(gathers),
        listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
        timer_(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    const char* const host = std::getenv("TIDINGS_BENCH_HOST");
    address.sin_addr.s_addr = inet_addr(host != nullptr ? host : "127.0.0.1");
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 4096) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      std::perror("The floor can't listen");
      std::exit(1);
    }
    const itimerspec seconds{.it_interval = {.tv_sec = 1, .tv_nsec = 0},
                             .it_value = {.tv_sec = std::time(nullptr), .tv_nsec = 0}};
    if (timerfd_settime(timer_, TFD_TIMER_ABSTIME, &seconds, nullptr) != 0) std::exit(1);
    poller_.add(listener_, EPOLLIN, static_cast<std::uint64_t>(listener_));
    poller_.add(timer_, EPOLLIN, static_cast<std::uint64_t>(timer_));
    std::printf("The floor is at http://localhost:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  void run() {
    for (;;) {
      for (const epoll_event& event : poller_.wait_until(std::chrono::steady_clock::now() + std::chrono::minutes(1))) {
        const int descriptor = static_cast<int>(event.data.u64);
        if (descriptor == listener_) {
          accept_all();
        } else if (descriptor == timer_) {
          tick();
        } else {
          if ((event.events & EPOLLOUT) != 0) send_waiting(descriptor);
          if ((event.events & ~EPOLLOUT) != 0) receive(descriptor);
        }
      }
      if (!gathered_.empty()) send_to(subscribers_, gathered_);
      gathered_.clear();
    }
  }

 private:
  void accept_all() {
    for (int made = 0; (made = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (clients_.size() <= static_cast<std::size_t>(made)) clients_.resize(static_cast<std::size_t>(made) + 1);
      poller_.add(made, EPOLLIN, static_cast<std::uint64_t>(made));
    }
  }

  void receive(int descriptor) {
    char buffer[64 * 1024];
    const ssize_t count = recv(descriptor, buffer, sizeof buffer, 0);
    if (count <= 0) return drop(descriptor);
    std::string& request = client(descriptor).request;
    request.append(buffer, static_cast<std::size_t>(count));
    const std::size_t end = request.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (request.starts_with("GET ")) {
      (request.starts_with("GET /events") ? clocks_ : subscribers_).push_back(descriptor);
      request = std::string();
      write(descriptor, kStreamHead);
      return;
    }
    const std::size_t field = request.find("\r\nContent-Length: ");
    if (field > end) return drop(descriptor);
    const std::size_t length = std::strtoul(request.c_str() + field + 18, nullptr, 10);
    if (request.size() < end + 4 + length) return;
    const std::string body = "{\"id\":\"" + publish(request.substr(end + 4, length)) + "\"}\n";
    request.clear();
    write(descriptor, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  // Returns the event's id.
  std::string publish(const std::string& data) {
    const std::string id = "floor-" + std::to_string(++sequence_);
    if (gathers_) {
      encode(Event(data).with_id(*FieldValue::from(id)), gathered_);
    } else {
      broadcast(data, id, subscribers_);
    }
    return id;
  }

  void tick() {
    std::uint64_t expirations = 0;
    if (read(timer_, &expirations, sizeof expirations) < 0) return;
    const std::time_t now = system_clock::to_time_t(system_clock::now());  // time() may lag behind the timer
    char text[32];
    std::strftime(text, sizeof text, "%FT%T.000Z", std::gmtime(&now));
    broadcast(text, std::to_string(now), clocks_);
  }

  void broadcast(const std::string& data, const std::string& id, const std::vector<int>& listeners) {
    encoded_.clear();
    encode(Event(data).with_id(*FieldValue::from(id)), encoded_);
    send_to(listeners, encoded_);
  }

  void send_to(const std::vector<int>& listeners, const std::string& bytes) {
    std::shared_ptr<const std::string> shared;  // made for the first whose socket does not take all
    for (const int listener : listeners) {
      std::unique_ptr<Waiting>& waiting = client(listener).waiting;
      const std::size_t sent = waiting ? 0 : write(listener, bytes);
      if (sent == bytes.size()) continue;
      if (!shared) shared = std::make_shared<const std::string>(bytes);
      if (!waiting) {
        waiting = std::make_unique<Waiting>(Waiting{.pieces = {}, .sent = sent, .bytes = 0});
        poller_.change(listener, EPOLLIN | EPOLLOUT, static_cast<std::uint64_t>(listener));
      }
      waiting->pieces.push_back(shared);
      waiting->bytes += bytes.size() - sent;
      if (waiting->bytes > kMostWaiting) end(listener);
    }
  }

  void send_waiting(int descriptor) {
    std::unique_ptr<Waiting>& waiting = client(descriptor).waiting;
    while (!waiting->pieces.empty()) {
      const std::string_view piece = std::string_view(*waiting->pieces.front()).substr(waiting->sent);
      const std::size_t sent = write(descriptor, piece);
      waiting->bytes -= sent;
      waiting->sent += sent;
      if (sent < piece.size()) return;
      waiting->pieces.pop_front();
      waiting->sent = 0;
    }
    waiting.reset();
    poller_.change(descriptor, EPOLLIN, static_cast<std::uint64_t>(descriptor));
  }

  // How much the socket takes.
  std::size_t write(int descriptor, std::string_view bytes) {
    const ssize_t sent = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) end(descriptor);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }

  // recv() finds it closed, outside of the loop over subscribers.
  void end(int descriptor) { shutdown(descriptor, SHUT_RDWR); }

  void drop(int descriptor) {
    std::erase(subscribers_, descriptor);
    std::erase(clocks_, descriptor);
    client(descriptor) = Client();
    close(descriptor);
  }

  struct Client {
    std::string request;               // what has come of it
    std::unique_ptr<Waiting> waiting;  // null where its socket has taken all
  };
  Client& client(int descriptor) { return clients_[static_cast<std::size_t>(descriptor)]; }

  bench::Poller poller_;
  const bool gathers_;
  int listener_, timer_;
  std::vector<Client> clients_;  // by descriptor
  std::vector<int> subscribers_, clocks_;
  std::string encoded_, gathered_;  // an event; what this turn has been given to publish
  std::uint64_t sequence_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGTERM, [](int) { _exit(0); });
  Floor(argc > 1 && argv[1] == std::string_view("gathering")).run();
}
