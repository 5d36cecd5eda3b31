// The floor that the server is measured against: what the kernel alone takes for a broadcast. One thread, epoll, one
// send() an event and subscriber; any POST publishes its body, GET /events opens a stream that gets a tick at each
// whole second, any other GET one that gets what is published. Not a server: a client that sends anything odd or does
// not read is dropped.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
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

class Floor {
 public:
  Floor()
      : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
        timer_(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
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
          receive(descriptor);
        }
      }
    }
  }

 private:
  void accept_all() {
    for (int made = 0; (made = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (requests_.size() <= static_cast<std::size_t>(made)) requests_.resize(static_cast<std::size_t>(made) + 1);
      poller_.add(made, EPOLLIN, static_cast<std::uint64_t>(made));
    }
  }

  void receive(int descriptor) {
    char buffer[64 * 1024];
    const ssize_t count = recv(descriptor, buffer, sizeof buffer, 0);
    if (count <= 0) return drop(descriptor);
    std::string& request = requests_[static_cast<std::size_t>(descriptor)];
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
    broadcast(data, id, subscribers_);
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
    for (const int listener : listeners) write(listener, encoded_);
  }

  void write(int descriptor, std::string_view bytes) {
    if (send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
      shutdown(descriptor, SHUT_RDWR);  // recv() finds it closed, outside of the loop over subscribers
    }
  }

  void drop(int descriptor) {
    std::erase(subscribers_, descriptor);
    std::erase(clocks_, descriptor);
    requests_[static_cast<std::size_t>(descriptor)].clear();
    close(descriptor);
  }

  bench::Poller poller_;
  int listener_, timer_;
  std::vector<std::string> requests_;  // by descriptor: what has come of a request
  std::vector<int> subscribers_, clocks_;
  std::string encoded_;
  std::uint64_t sequence_ = 0;
};

}  // namespace

int main() {
  std::signal(SIGTERM, [](int) { _exit(0); });
  Floor().run();
}
