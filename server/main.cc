// The server as a program: flags in, the clock, the page and the server's own state out. It wires everything; nothing
// else knows a default path or a flag.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "server/clock_stream.h"
#include "server/cors.h"
#include "server/metrics.h"
#include "server/server.h"
#include "server/site.h"
#include "web/site_file.h"

namespace {

constexpr int kUsageError = 2;

struct Flags {
  tidings::ServerOptions server;
  tidings::PublishAccess access;
  std::int64_t history_age_s = 3600;
  std::string fallen_behind = "resume";
  std::string web_root;
  std::string log_level = "info";
};

// Why it is none, or nothing.
std::string wrong_origin(const std::string& origin) {
  try {
    tidings::as_browsers_send(origin);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

// The exit code, when the program is to end here.
std::optional<int> parse(int argc, char** argv, Flags& flags) {
  CLI::App app("Serves event streams and a page that shows them: the clock at /events.");
  app.name("server");
  app.option_defaults()->always_capture_default();
  app.add_option("--host", flags.server.host, "Name or address to listen on");
  app.add_option("--port", flags.server.port, "Port to listen on; 0 takes a free one")->check(CLI::Range(0, 65535));
  unsigned threads = 0;
  CLI::Option* threads_given =
      app.add_option("--threads", threads, "Event loops; as many as there are processors unless given")
          ->check(CLI::Range(1, 256))
          ->capture_default_str()
          ->default_str("");
  app.add_option("--workers", flags.server.workers, "Threads that run handlers")->check(CLI::Range(1, 256));
  app.add_flag("--io_uring,--io-uring,!--no_io_uring,!--no-io-uring", flags.server.io_uring,
               "Send what many streams get at a time by io_uring where the kernel allows it (--no_io_uring: never)");
  app.add_option("--max_channels,--max-channels", flags.server.channels.max_channels, "Channels held at a time")
      ->check(CLI::Range(1, 1'000'000));
  tidings::Channel::Options& channel = flags.server.channels.channel;
  app.add_option("--history_events,--history-events", channel.history.max_events, "Events that each channel keeps")
      ->check(CLI::Range(1, 100'000'000));
  app.add_option("--history_bytes,--history-bytes", channel.history.max_bytes,
                 "Bytes of events that each channel keeps")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 40));
  app.add_option("--history_age_s,--history-age-s", flags.history_age_s, "Seconds for which a channel keeps an event")
      ->check(CLI::Range(1, 1'000'000'000));
  app.add_option("--fallen_behind,--fallen-behind", flags.fallen_behind,
                 "What a subscriber gets that is behind all that is kept: a gap event and the oldest event kept "
                 "(resume) or the newest (latest), or the end of its stream (disconnect)")
      ->check(CLI::IsMember({"resume", "latest", "disconnect"}));
  app.add_option("--max_streams,--max-streams", flags.server.limits.max_streams, "Event streams open at a time, in all")
      ->check(CLI::Range(1, 10'000'000));
  app.add_option("--max_streams_per_client,--max-streams-per-client", flags.server.limits.max_streams_per_client,
                 "Event streams open at a time for one client address; any number unless given")
      ->check(CLI::Range(1, 10'000'000));
  app.add_option("--cors_origin,--cors-origin", flags.server.cors_origins,
                 "Origin whose pages may use the server, such as https://example.org, or *; may be given again")
      ->check(CLI::Validator(wrong_origin, "ORIGIN"));
  app.add_option("--publish_token,--publish-token", flags.access.token,
                 "Bearer token that publishing needs; without one only this machine may publish")
      ->check(CLI::Validator([](const std::string& token) { return token.empty() ? "it is empty" : ""; }, "TOKEN"));
  app.add_option("--web_root,--web-root", flags.web_root,
                 "Folder whose files are served before the built-in page's, for working on it");
  app.add_option("--log_level,--log-level", flags.log_level, "How much to log")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  if (*threads_given) flags.server.threads = threads;
  channel.history.max_age = std::chrono::seconds(flags.history_age_s);
  using tidings::FallenBehind;
  if (flags.fallen_behind == "latest") channel.fallen_behind = FallenBehind::kLatest;
  if (flags.fallen_behind == "disconnect") channel.fallen_behind = FallenBehind::kDisconnect;
  return std::nullopt;
}

// Each stream takes a descriptor; the usual limit of 1,024 is for programs that use select().
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// An answer that is true now and may not be a moment later: no cache may keep it.
tidings::Answer momentary(std::string body, std::string type = "text/plain; charset=utf-8") {
  return {.content_type = std::move(type), .body = std::move(body), .headers = {{"Cache-Control", "no-store"}}};
}

void add_routes(tidings::Server& server, const tidings::Site& site, const Flags& flags) {
  using tidings::Request;
  server.stream("/events", tidings::clock_stream);
  server.serve_channels(flags.access);
  server.get("/healthz", [](const Request&) { return momentary("ok\n"); });
  server.get("/readyz", [&server](const Request&) {
    return server.is_ready() ? momentary("ready\n") : tidings::problem(503, "The server is going away.");
  });
  server.get("/metrics", [&server](const Request&) { return momentary(server.metrics(), tidings::kPrometheusType); });
  for (const char* page : {"/", "/test"}) {
    server.get(page, [&site](const Request& request) { return site.answer("index.html", request); });
  }
  if (!flags.web_root.empty()) {
    server.get("/*file", [&site](const Request& request) { return site.answer(request.captures.at(0), request); });
    return;
  }
  for (const tidings::SiteFile& file : tidings::site_files()) {
    server.get('/' + std::string(file.name),
               [&site, name = file.name](const Request& request) { return site.answer(name, request); });
  }
}

int serve(const Flags& flags) {
  std::optional<std::filesystem::path> root;
  if (!flags.web_root.empty()) {
    root = flags.web_root;
    if (!std::filesystem::is_directory(*root)) {
      throw std::runtime_error("There is no folder " + flags.web_root + ": give --web_root one that holds the page.");
    }
  }
  const tidings::Site site(tidings::site_files(), root);
  tidings::Server server(flags.server);
  add_routes(server, site, flags);
  server.listen();
  server.stop_on_signals();
  std::printf("Tidings is at %s (Ctrl+C stops it)\n", server.url().c_str());
  std::fflush(stdout);
  server.run();
  std::printf("Tidings has stopped.\n");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  if (const std::optional<int> code = parse(argc, argv, flags)) return *code;
  spdlog::set_default_logger(spdlog::stderr_color_mt("tidings"));
  spdlog::set_level(spdlog::level::from_str(flags.log_level));
  raise_descriptor_limit();
  try {
    return serve(flags);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
