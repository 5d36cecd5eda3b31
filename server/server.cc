#include "tidings/server/server.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <atomic>
#include <csignal>
#include <map>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/access/authorizer.h"
#include "tidings/server/access/held_to_rate.h"
#include "tidings/server/access/publish_access.h"
#include "tidings/server/access/rate_limit.h"
#include "tidings/server/gateway/connection.h"
#include "tidings/server/gateway/gateway.h"
#include "tidings/server/gateway/listening_sockets.h"
#include "tidings/server/gateway/trusted_proxies.h"
#include "tidings/server/http/cors.h"
#include "tidings/server/http/router.h"
#include "tidings/server/http/text.h"
#include "tidings/server/loop/alarm.h"
#include "tidings/server/loop/batch_sender.h"
#include "tidings/server/loop/event_loop.h"
#include "tidings/server/loop/failure.h"
#include "tidings/server/loop/loop_context.h"
#include "tidings/server/loop/processors.h"
#include "tidings/server/loop/pulse.h"
#include "tidings/server/loop/thread_team.h"
#include "tidings/server/loop/workers.h"
#include "tidings/server/metrics.h"
#include "tidings/server/signal_watch.h"
#include "tidings/server/streams/generator_stream.h"
#include "tidings/server/subscribers/channel_admin.h"
#include "tidings/server/subscribers/channel_routes.h"
#include "tidings/server/subscribers/channel_stream.h"
#include "tidings/server/urls.h"

namespace tidings {
namespace {

ServerOptions checked(ServerOptions options) {
  check(options);
  return options;
}

unsigned loop_count(const ServerOptions& options) {
  if (options.programs_context) return 1;
  if (options.threads) return *options.threads;
  if (!options.processors.empty()) return static_cast<unsigned>(options.processors.size());
  return std::max(1u, std::thread::hardware_concurrency());
}

// Where the threads run that a loop makes, which would be on its processor: where this one does.
std::optional<Processors> elsewhere(const ServerOptions& options) {
  if (options.processors.empty()) return std::nullopt;
  return Processors::of_this_thread();
}

ConnectionOptions connection_options(const ServerOptions& options) {
  return {.request = {.max_head_bytes = options.max_head_bytes,
                      .max_fields = 100,
                      .max_body_bytes = options.max_body_bytes,
                      .max_field_bytes = RequestReader::Limits().max_field_bytes,
                      .allow_multipart = options.allow_multipart},
          .head_timeout = options.head_timeout,
          .body_timeout = options.body_timeout,
          .keep_alive = options.keep_alive,
          .answer_timeout = options.answer_timeout,
          .write_timeout = options.write_timeout,
          .max_waiting_requests = options.max_waiting_requests,
          .max_collecting_bytes = options.max_collecting_bytes,
          .stream = {.heartbeat = options.heartbeat,
                     .write_timeout = options.write_timeout,
                     .reconnection_time = options.reconnection_time,
                     .drain_time = options.drain_time},
          .on_stream = options.on_stream,
          .trusted_proxies = TrustedProxies(options.trusted_proxies),
          .proxy_protocol = options.proxy_protocol};
}

// Drops the events that are too old, also from channels to which nobody publishes and that nobody follows. Loop thread
// only, once it is made.
class HubSweep final : private Timer {
 public:
  HubSweep(EventLoop& loop, Hub& hub) : loop_(loop), hub_(hub) {}
  void start() { arm(loop_.timers(), loop_.now() + kInterval); }

 private:
  static constexpr std::chrono::seconds kInterval{10};
  static constexpr std::chrono::milliseconds kPause{10};  // where there is more to drop

  void expired() override {
    start();
    if (hub_.expire()) arm(loop_.timers(), loop_.now() + kPause);
  }

  EventLoop& loop_;
  Hub& hub_;
};

constexpr const char* kLoopThread = "tidings loop ";
constexpr const char* kWorkerThread = "tidings work ";

// Whoever has a grant has a stream that is no channel's.
const Question kLetIn = {.is_open = [](const Request&) { return false; }, .check = [](const Request&, const Grant&) {}};

}  // namespace

class Server::State {
 public:
  explicit State(ServerOptions options)
      : options_(checked(std::move(options))),
        clock_(options_.clock ? options_.clock : std::make_shared<SystemClock>()),
        stream_workers_({.threads = options_.work_threads,
                         .max_waiting = options_.max_waiting_work,
                         .processors = elsewhere(options_)}),
        worker_count_(static_cast<int>(options_.workers)),
        work_(worker_count_),
        work_goes_on_(asio::make_work_guard(work_)),
        cors_(options_.cors_origins),
        limits_(options_.limits),
        router_(std::chrono::duration_cast<std::chrono::seconds>(options_.keep_alive), cors_),
        context_{connection_options(options_), router_, cors_, limits_, work_},
        seed_(options_.seed ? *options_.seed : random_seed()),
        hub_(options_.channels, clock_, random_seed(), options_.history) {
    if (options_.opening_rate) opening_limit_.emplace(*options_.opening_rate);
    for (unsigned i = 0; i < loop_count(options_); ++i) {
      loops_.push_back(std::make_unique<EventLoop>(*clock_, seed_ + i, programs_context()));
      loops_.back()->set_workers(stream_workers_);
      broadcasters_.emplace(loops_.back().get(), *loops_.back());
    }
    clock_->on_move([loops = &loops_](const std::shared_ptr<void>& move) {
      for (const auto& loop : *loops) loop->post([&loop = *loop, move] { loop.run_due_timers(); });
    });
  }

  ~State() {
    if (programs_context()) {
      loops_.front()->abort_all();
      work_goes_on_.reset();
      workers_.join();
    } else {
      if (was_started_) stop(std::chrono::milliseconds(0));
      first_.join();
    }
    stream_workers_.stop();  // before the loops to which it answers
    clock_->on_move({});
    work_goes_on_.reset();
  }

  // What is added while workers match requests would be a race.
  void require_not_run(const char* function) const {
    if (!was_run_) return;
    throw std::logic_error(
        std::string("Server::") + function +
        "() was called after run() or start(): add all routes first. From then on stop(), hub() and the const "
        "functions may be called, from any thread.");
  }

  void stream(const std::string& pattern, Endpoint endpoint, AnyAuthorizer authorizer) {
    require_not_run("stream");
    if (!endpoint) throw std::invalid_argument("The endpoint of " + pattern + " is empty: give it a function.");
    router_.stream(pattern, add_opener(open_generator(std::move(endpoint))),
                   opening(is_empty(authorizer) ? AnyAdmission() : admission(std::move(authorizer), kLetIn)));
  }

  void serve_channels(PublishAccess access, ChannelAuthorizers authorizers) {
    require_not_run("serve_channels");
    publish_door_.emplace(std::move(access), cors_, *clock_);
    authorizers_ = std::move(authorizers);
    const std::size_t opener =
        add_opener([this](EventLoop& loop, const StreamOptions& options, Heartbeat heartbeat, const Request& request) {
          return follow_channels(loop, options, heartbeat, request);
        });
    router_.get("/channels", is_for_list, on_a_worker(list), admission_to_list(*publish_door_, authorizers_),
                Router::Pace::kQuick);
    router_.stream("/channels", opener, opening(admission_to_read(authorizers_)));
    router_.stream("/channels/:name", opener, opening(admission_to_read(authorizers_)));
    router_.post(
        "/channels/:name", [this](const Request& request, Reply reply) { publish(hub_, request, std::move(reply)); },
        admission_to_publish(*publish_door_, authorizers_), Router::Pace::kQuick);
    router_.remove("/channels/:name", on_a_worker(clear), admission_to_clear(*publish_door_, authorizers_),
                   Router::Pace::kQuick);
  }

  void listen() {
    if (gateway_) return;
    asio::io_context& first = loops_.front()->context();
    const std::vector<int>& passed = options_.listening_sockets;
    ListeningSockets sockets;
    if (!passed.empty()) {
      sockets = take_listening(first, passed, options_.write_timeout);
    } else if (options_.tcp) {
      sockets = listen_on(first, options_.host, options_.port, options_.write_timeout);
    }
    for (const std::string& path : options_.unix_sockets) {
      sockets.push_back(listen_on_unix(first, path, options_.unix_mode));
    }
    auto gateway = std::make_unique<Gateway>(loops_, context_, std::move(sockets));
    make_threads();
    hold_streams_to_descriptors(gateway->descriptors_in_use());
    gateway_ = std::move(gateway);
  }

  void hold_streams_to_descriptors(int in_use) {
    const int limit = context_.descriptors.limit();
    // Each loop may take one more, for its io_uring.
    const std::size_t most = context_.descriptors.most_streams(in_use + static_cast<int>(loops_.size()));
    if (in_use < 0 || most == 0) {
      throw std::runtime_error("This process may have " + std::to_string(limit) +
                               " descriptors, which leaves none for clients: raise the limit (ulimit -n).");
    }
    limits_.hold_to(most);
  }

  void run() {
    require_loops_of_its_own("run");
    require_once();
    begin();
    serve();
  }

  void start() {
    require_once();
    listen();
    if (programs_context()) return begin();
    first_.make(kLoopThread, {[this] { serve(); }});
    begin();
    was_started_ = true;
    first_.begin();
  }

  void wait() {
    require_loops_of_its_own("wait");
    first_.join();
  }

  void require_loops_of_its_own(const char* function) const {
    if (!programs_context()) return;
    throw std::logic_error(std::string("Server::") + function +
                           "() is for a server with threads of its own for its loops: call start(), and run the "
                           "io_context. It has ended when that has nothing more to do.");
  }

  void require_once() {
    if (was_run_.exchange(true)) throw std::logic_error("A tidings::Server runs once: make another one.");
  }

  void begin() {
    listen();
    router_.close();
    EventLoop& first = *loops_.front();
    first.post([this] {
      if (is_stopping_) return;
      gateway_->start();
      is_serving_ = true;
      sweep_.emplace(*loops_.front(), hub_).start();
      if (options_.on_pulse) pulse_.emplace(loops_, options_.pulse_interval, options_.on_pulse).start();
    });
    choose_sender();
    if (limits_.max_streams() < options_.limits.max_streams) {
      spdlog::info("At most {} event streams at a time: this process may have {} descriptors.", limits_.max_streams(),
                   context_.descriptors.limit());
    }
    is_running_ = true;
    workers_.begin();
    others_.begin();
  }

  // The first loop's thread.
  void serve() {
    run_loop(0);
    others_.join();
    work_goes_on_.reset();
    workers_.join();
    stream_workers_.stop();
  }

  // The first loop runs on the thread that calls run(), or on one of start()'s.
  void make_threads() {
    std::vector<std::function<void()>> works;
    for (std::size_t i = 1; i < loops_.size(); ++i) works.emplace_back([this, i] { run_loop(i); });
    others_.make(kLoopThread, std::move(works), 2);
    workers_.make(kWorkerThread,
                  std::vector<std::function<void()>>(static_cast<std::size_t>(worker_count_), [this] { work_.run(); }));
  }

  // On this thread, which is on the loop's processor meanwhile, where it has one.
  void run_loop(std::size_t number) {
    const std::vector<unsigned>& processors = options_.processors;
    if (processors.empty()) return loops_[number]->run();
    const unsigned processor = processors[number % processors.size()];
    const Processors before = Processors::of_this_thread();
    if (!Processors::one(processor).take()) spdlog::warn("An event loop can't run on processor {}.", processor);
    loops_[number]->run();
    before.take();
  }

  void choose_sender() {
    if (!options_.io_uring) return spdlog::info("Sends to many streams at a time go by send().");
    if (!make_ring_sender())
      return spdlog::info("Sends to many streams at a time go by send(): the kernel does not allow io_uring.");
    spdlog::info("Sends to many streams at a time go by io_uring.");
    for (const auto& loop : loops_) loop->use_io_uring();
  }

  void stop(std::chrono::milliseconds delay) {
    if (is_stopping_.exchange(true)) return;
    EventLoop& first = *loops_.front();
    first.post([this, &first, end_of_delay = clock_->now() + delay] {
      // From now on a signal does what it does by default: a second one ends the process. But a terminal that closes
      // sends SIGHUP twice, by its shell and by the kernel, so after a first SIGHUP the second one is still caught.
      if (is_hung_up_) {
        signals_->remove(SIGINT);
        signals_->remove(SIGTERM);
      } else {
        signals_.reset();
      }
      if (options_.on_stop) options_.on_stop();
      if (!is_serving_ || end_of_delay <= first.now()) return shut_down();
      spdlog::info("No longer ready; serving on until those who ask have seen it.");
      shutdown_.emplace(first, end_of_delay, [this] { shut_down(); });
    });
  }
  void stop() { stop(options_.shutdown_delay); }

  void stop_on_signals() {
    signals_.emplace(loops_.front()->context(), SIGINT, SIGTERM);
    if (!is_ignored(SIGHUP)) signals_->add(SIGHUP);
    signals_->async_wait(loops_.front()->guarded([this](const std::error_code& error, int signal) {
      if (error) return;
      is_hung_up_ = signal == SIGHUP;
      stop(signal == SIGINT ? std::chrono::milliseconds(0) : options_.shutdown_delay);
    }));
  }

  void on_signal(int signal, std::function<void()> work) {
    require_not_run("on_signal");
    signal_watches_.push_back(std::make_unique<SignalWatch>(*loops_.front(), signal, std::move(work)));
  }

  Figures figures() const {
    std::vector<const LoopMetrics*> loops;
    for (const auto& loop : loops_) loops.push_back(&loop->metrics());
    Figures figures = sum_of(loops);
    figures.is_ready = is_ready();
    figures.max_streams = limits_.max_streams();
    figures.hub = hub_.figures();
    figures.channels = hub_.channel_figures();
    return figures;
  }

  std::uint16_t port() const {
    if (!gateway().endpoint()) throw std::logic_error("This Server has no port: it listens on Unix sockets alone.");
    return gateway().endpoint()->port();
  }
  std::string url() const {
    return gateway().endpoint() ? local_url(host(), port()) : "unix:" + gateway().paths().front();
  }
  std::vector<std::string> urls_for_others() const {
    return gateway().endpoint() ? tidings::urls_for_others(host(), port()) : std::vector<std::string>();
  }
  std::vector<std::string> unix_paths() const { return gateway().paths(); }

  Router& router(const char* function) {
    require_not_run(function);
    return router_;
  }
  Hub& hub() { return hub_; }
  bool is_ready() const { return is_running_ && !is_stopping_; }
  std::optional<std::string> trouble() const { return options_.history ? options_.history->trouble() : std::nullopt; }

 private:
  asio::io_context* programs_context() const {
    return options_.programs_context ? &options_.programs_context->context : nullptr;
  }

  static std::uint64_t random_seed() {
    std::random_device random;
    return (std::uint64_t{random()} << 32) | random();
  }

  const Gateway& gateway() const {
    if (!gateway_) throw std::logic_error("A Server's port and URLs are known from listen() on: call that first.");
    return *gateway_;
  }
  // Where there is an endpoint.
  std::string host() const {
    return options_.listening_sockets.empty() ? options_.host : gateway().endpoint()->address().to_string();
  }

  // The admission of a route of streams.
  AnyAdmission opening(AnyAdmission admit) {
    return opening_limit_ ? held_to(*opening_limit_, *clock_, std::move(admit)) : std::move(admit);
  }

  std::size_t add_opener(OpenStream open) {
    context_.stream_openers.push_back(std::move(open));
    return context_.stream_openers.size() - 1;
  }

  // A handler that hands its work to a worker, since that would hold a loop up. What it throws is a 500.
  LaterHandler on_a_worker(void (*answer)(Hub&, const Request&, Reply)) {
    return [this, answer](const Request& request, Reply reply) {
      asio::post(work_, [this, answer, request, reply = std::move(reply)]() mutable {
        try {
          answer(hub_, request, std::move(reply));
        } catch (...) {
          spdlog::error("{}: the handler failed: {}", printable(request.path), describe(std::current_exception()));
        }
      });
    };
  }

  // On the client's loop.
  NewStream follow_channels(EventLoop& loop, const StreamOptions& options, Heartbeat heartbeat,
                            const Request& request) {
    const AskedChannels asked = asked_channels(request, authorizers_.parameters);
    std::vector<std::shared_ptr<Broadcaster>> broadcasters;
    for (const std::string& name : asked.names) {
      const std::shared_ptr<Channel> channel = hub_.channel_to_follow(name);
      if (!channel) {
        throw Refusal(
            503,
            "The channel can't be followed at the moment, since more are followed than may be that nobody has "
            "published to, or its history can't be read: try again later.");
      }
      broadcasters.push_back(broadcasters_.at(&loop).of(channel));
    }
    return {std::make_shared<ChannelStream>(loop, options, heartbeat, std::move(broadcasters), request.last_event_id(),
                                            asked.types)};
  }

  // On the first loop.
  void shut_down() {
    if (gateway_) gateway_->stop();
    sweep_.reset();
    if (pulse_) pulse_->stop();
    for (const auto& watch : signal_watches_) watch->stop();
    for (const auto& loop : loops_) {
      loop->post([this, &loop = *loop] { finish(loop); });
    }
  }

  // The deadline is one of real time, whatever the clock is: it is for what does not end by itself.
  void finish(EventLoop& loop) {
    const auto deadline = std::make_shared<asio::steady_timer>(loop.context(), options_.stop_timeout);
    deadline->async_wait(loop.guarded([&loop](const std::error_code& cancelled) {
      if (!cancelled) loop.abort_all();
    }));
    loop.when_finished([deadline] { deadline->cancel(); });
    loop.finish();
  }

  ServerOptions options_;
  std::shared_ptr<Clock> clock_;
  Workers stream_workers_;  // of generators, which take their work back when they go with their loop
  const int worker_count_;
  asio::io_context work_;  // what the workers do
  asio::executor_work_guard<asio::io_context::executor_type> work_goes_on_;
  const CorsPolicy cors_;
  StreamLimits limits_;
  std::optional<RateLimit> opening_limit_;  // before the router, whose routes are held to it
  Router router_;
  ConnectionContext context_;
  const std::uint64_t seed_;
  Hub hub_;
  std::optional<PublishDoor> publish_door_;
  ChannelAuthorizers authorizers_;
  std::map<EventLoop*, Broadcasters> broadcasters_;  // each is its loop's
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::unique_ptr<Gateway> gateway_;
  bool is_serving_ = false;  // once it runs, the first loop's thread alone uses this and the next five
  std::optional<HubSweep> sweep_;
  std::optional<Pulse> pulse_;
  std::vector<std::unique_ptr<SignalWatch>> signal_watches_;
  std::optional<Alarm> shutdown_;
  std::optional<asio::signal_set> signals_;
  ThreadTeam first_, workers_, others_;  // the others are the threads of all loops but the first
  bool was_started_ = false;
  bool is_hung_up_ = false;  // it stops because of SIGHUP; the first loop's thread alone uses this
  std::atomic<bool> is_running_{false}, is_stopping_{false}, was_run_{false};
};

Server::Server(ServerOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Server::~Server() = default;

void Server::stream(const std::string& pattern, Endpoint endpoint, AnyAuthorizer authorizer) {
  state_->stream(pattern, std::move(endpoint), std::move(authorizer));
}
void Server::get(const std::string& pattern, AnyHandler handler) {
  state_->router("get").get(pattern, std::move(handler));
}
void Server::post(const std::string& pattern, AnyHandler handler) {
  state_->router("post").post(pattern, std::move(handler));
}
void Server::put(const std::string& pattern, AnyHandler handler) {
  state_->router("put").put(pattern, std::move(handler));
}
void Server::del(const std::string& pattern, AnyHandler handler) {
  state_->router("del").remove(pattern, std::move(handler));
}
void Server::serve_channels(PublishAccess access, ChannelAuthorizers authorizers) {
  state_->serve_channels(std::move(access), std::move(authorizers));
}
Hub& Server::hub() { return state_->hub(); }
httplib::Server& Server::http() { return state_->router("http").http(); }
void Server::listen() { state_->listen(); }
std::uint16_t Server::port() const { return state_->port(); }
std::string Server::url() const { return state_->url(); }
std::vector<std::string> Server::urls_for_others() const { return state_->urls_for_others(); }
std::vector<std::string> Server::unix_paths() const { return state_->unix_paths(); }
void Server::run() { state_->run(); }
void Server::start() { state_->start(); }
void Server::wait() { state_->wait(); }
void Server::stop() { state_->stop(); }
void Server::on_signal(int signal, std::function<void()> work) { state_->on_signal(signal, std::move(work)); }
void Server::stop_on_signals() { state_->stop_on_signals(); }
bool Server::is_ready() const { return state_->is_ready(); }
std::optional<std::string> Server::trouble() const { return state_->trouble(); }
Figures Server::figures() const { return state_->figures(); }
std::string Server::metrics() const { return prometheus_text(figures()); }

}  // namespace tidings
