// cpp-httplib as its own example of an event stream does it: a chunked content provider that blocks a thread for each
// subscriber, woken by a condition variable, or by the second for the clock at /events. Its own pool has as many
// threads as it ever will from the start; here each connection gets one when it comes.
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
#include <ctime>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace {

constexpr std::size_t kKept = 1000;  // events, as many as ours keeps

class ThreadEach final : public httplib::TaskQueue {
  using Result = decltype(std::declval<httplib::TaskQueue&>().enqueue({}));  // bool in newer releases

 public:
  Result enqueue(std::function<void()> task) override {
    std::thread(std::move(task)).detach();
    return static_cast<Result>(true);
  }
  void shutdown() override {}
};

bool send_tick(std::int64_t second, httplib::DataSink& sink) {
  std::this_thread::sleep_until(std::chrono::system_clock::time_point(std::chrono::seconds(second)));
  const std::time_t time = second;
  std::tm parts{};
  char text[32];
  std::strftime(text, sizeof text, "%FT%T.000Z", gmtime_r(&time, &parts));
  const std::string event = "id: " + std::to_string(second) + "\ndata: " + text + "\n\n";
  return sink.write(event.data(), event.size());
}

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

int main() {
  std::signal(SIGTERM, [](int) { _exit(0); });
  Broadcast broadcast;
  httplib::Server server;
  int listener = -1;
  server.new_task_queue = [] { return new ThreadEach; };
  server.set_keep_alive_max_count(1'000'000);
  server.set_tcp_nodelay(true);
  server.set_socket_options([&](socket_t socket) { listener = socket; });
  server.Get("/events", [&](const httplib::Request&, httplib::Response& response) {
    response.set_header("Cache-Control", "no-cache");
    auto due = std::make_shared<std::int64_t>(std::time(nullptr));
    response.set_chunked_content_provider(
        "text/event-stream", [due](std::size_t, httplib::DataSink& sink) { return send_tick((*due)++, sink); });
  });
  server.Get("/channels/load", [&](const httplib::Request& request, httplib::Response& response) {
    response.set_header("Cache-Control", "no-cache");
    const std::string last_id = request.get_header_value("Last-Event-ID");
    auto sequence = std::make_shared<std::uint64_t>(last_id.empty() ? broadcast.newest()
                                                                    : std::strtoull(last_id.c_str(), nullptr, 10));
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
  const char* const host = std::getenv("TIDINGS_BENCH_HOST");
  const int port = server.bind_to_any_port(host != nullptr ? host : "127.0.0.1");
  // Its backlog is 5; listen() again makes it as deep as the others' so that opening does not measure dropped SYNs.
  if (port <= 0 || listener < 0 || listen(listener, 4096) != 0) {
    std::fprintf(stderr, "The thread-per-stream server can't listen.\n");
    return 1;
  }
  std::printf("A thread for each stream is at http://localhost:%d\n", port);
  std::fflush(stdout);
  server.listen_after_bind();
}
