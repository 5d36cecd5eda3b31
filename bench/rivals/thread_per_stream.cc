// cpp-httplib as its own example of an event stream does it: a chunked content provider that blocks a thread of the
// pool for each subscriber, woken by a condition variable. `thread_per_stream THREADS`: as many streams can be open.
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace {

constexpr std::size_t kKept = 1000;  // events, as many as ours keeps

class Broadcast {
 public:
  std::uint64_t newest() {
    const std::lock_guard lock(mutex_);
    return newest_;
  }

  std::uint64_t publish(const std::string& data) {
    const std::lock_guard lock(mutex_);
    ++newest_;
    events_.push_back("id: " + std::to_string(newest_) + "\ndata: " + data + "\n\n");
    if (events_.size() > kKept) events_.pop_front();
    published_.notify_all();
    return newest_;
  }

  // Waits for what follows `sequence` and moves it on. False where the subscriber has left.
  bool send_next(std::uint64_t& sequence, httplib::DataSink& sink) {
    std::string events;
    {
      std::unique_lock lock(mutex_);
      published_.wait_for(lock, std::chrono::seconds(15), [&] { return newest_ > sequence; });
      const std::uint64_t oldest = newest_ - events_.size() + 1;
      for (sequence = std::max(sequence, oldest - 1); sequence < newest_; ++sequence) {
        events += events_[static_cast<std::size_t>(sequence + 1 - oldest)];
      }
    }
    if (events.empty()) events = ":\n\n";
    return sink.write(events.data(), events.size());
  }

 private:
  std::mutex mutex_;
  std::condition_variable published_;
  std::deque<std::string> events_;
  std::uint64_t newest_ = 0;
};

}  // namespace

int main(int, char** argv) {
  std::signal(SIGTERM, [](int) { _exit(0); });
  const std::size_t threads = argv[1] != nullptr ? std::strtoul(argv[1], nullptr, 10) : 8;
  Broadcast broadcast;
  httplib::Server server;
  int listener = -1;
  server.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
  server.set_keep_alive_max_count(1'000'000);
  server.set_tcp_nodelay(true);
  server.set_socket_options([&](socket_t socket) { listener = socket; });
  server.Get("/channels/load", [&](const httplib::Request&, httplib::Response& response) {
    response.set_header("Cache-Control", "no-cache");
    auto sequence = std::make_shared<std::uint64_t>(broadcast.newest());
    auto has_begun = std::make_shared<bool>(false);
    response.set_chunked_content_provider("text/event-stream",
                                          [&broadcast, sequence, has_begun](std::size_t, httplib::DataSink& sink) {
                                            if (std::exchange(*has_begun, true))
                                              return broadcast.send_next(*sequence, sink);
                                            return sink.write(":\n\n", 3);
                                          });
  });
  server.Post("/channels/load", [&](const httplib::Request& request, httplib::Response& response) {
    response.set_content("{\"id\":\"" + std::to_string(broadcast.publish(request.body)) + "\"}\n", "application/json");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  // Its backlog is 5; listen() again makes it as deep as the others' so that opening does not measure dropped SYNs.
  if (port <= 0 || listener < 0 || listen(listener, 4096) != 0) {
    std::fprintf(stderr, "The thread-per-stream server can't listen.\n");
    return 1;
  }
  std::printf("A thread for each stream is at http://localhost:%d\n", port);
  std::fflush(stdout);
  server.listen_after_bind();
}
