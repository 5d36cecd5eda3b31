#include "tidings/tests/server/running_server.h"

#include <charconv>
#include <thread>
#include <utility>

namespace tidings {

RunningServer::RunningServer(const std::function<void(Server&)>& configure, ServerOptions options)
    : clock_(std::make_shared<ManualClock>(kStart)) {
  options.port = 0;
  options.drain_time = std::chrono::milliseconds(0);  // on a clock that stands still nothing would end
  options.clock = clock_;
  options.seed = 1;
  if (!options.threads) options.threads = 2;
  server_ = std::make_unique<Server>(std::move(options));
  configure(*server_);
  server_->start();
}

RunningServer::~RunningServer() { stop(); }

void RunningServer::stop() {
  server_->stop();
  server_->wait();
}

Client RunningServer::open(std::string_view target) const {
  Client client = connect();
  client.send(get(target));
  return client;
}

std::int64_t RunningServer::metric(std::string_view name) const {
  const std::string text = "\n" + server_->metrics();
  const std::string line = "\n" + std::string(name) + " ";
  const std::size_t place = text.find(line);
  std::int64_t value = -1;
  if (place != std::string::npos) std::from_chars(&text[place + line.size()], &text.back(), value);
  return value;
}

bool RunningServer::reaches(std::string_view name, std::int64_t value) const {
  return wait([&] { return metric(name) == value; }, [] { std::this_thread::yield(); });
}

bool RunningServer::settles() {
  pass(std::chrono::nanoseconds(0));
  return wait([&] { return clock_->is_followed(); }, [] { std::this_thread::yield(); });
}

bool RunningServer::reaches_in_steps(std::chrono::nanoseconds time, std::string_view name, std::int64_t value) {
  return wait([&] { return metric(name) == value; },
              [&] {
                step(time);
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
              });
}

bool RunningServer::wait(const std::function<bool()>& is_so, const std::function<void()>& meanwhile) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    meanwhile();
  }
  return true;
}

}  // namespace tidings
