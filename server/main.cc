// The server as a program: the clock, the page, channels and the server's own state. It wires everything; nothing else
// knows a default path.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <spdlog/spdlog.h>

#include "tidings/server/access/authorizer.h"
#include "tidings/server/access/publish_token.h"
#include "tidings/server/access_log.h"
#include "tidings/server/build_info.h"
#include "tidings/server/clock/clock_stream.h"
#include "tidings/server/flags.h"
#include "tidings/server/history/sqlite_history.h"
#include "tidings/server/http/site.h"
#include "tidings/server/log.h"
#include "tidings/server/loop/clock.h"
#include "tidings/server/metrics.h"
#include "tidings/server/process_metrics.h"
#include "tidings/server/redis/redis_history.h"
#include "tidings/server/server.h"
#include "tidings/server/service_manager.h"
#include "tidings/server/tokens/token_door.h"
#include "tidings/server/tokens/token_keys_file.h"
#include "tidings/web/site_file.h"

namespace {

using tidings::Flags;

const tidings::SystemClock kClock;

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

// The door outlives the server.
tidings::ChannelAuthorizers by_token(tidings::TokenDoor& door, const Flags& flags) {
  const tidings::QuickAuthorizer ask{[&door](const tidings::Request& request) { return door.grant(request); }};
  tidings::ChannelAuthorizers authorizers{.publish = ask, .admin = ask};
  if (!flags.is_reading_open) authorizers.read = ask;
  if (flags.tokens.takes_parameter) authorizers.parameters = {tidings::kTokenParameter};
  return authorizers;
}

void add_routes(tidings::Server& server, const tidings::Site& site, const Flags& flags,
                const tidings::PublishAccess& access, tidings::ChannelAuthorizers authorizers) {
  using tidings::Request;
  server.stream("/events", tidings::clock_stream);
  server.serve_channels(access, std::move(authorizers));
  server.get("/healthz", [](const Request&) { return momentary("ok\n"); });
  // Another server is no better off where Redis is away, and this one's streams go on.
  const bool counts_trouble = flags.redis.url.empty() || flags.redis_readiness;
  server.get("/readyz", [&server, counts_trouble](const Request&) {
    if (!server.is_ready()) return tidings::problem(503, "The server is going away.");
    if (const auto trouble = server.trouble(); trouble && counts_trouble) return tidings::problem(503, *trouble);
    return momentary("ready\n");
  });
  server.get("/metrics", [&server](const Request&) {
    return momentary(server.metrics() + tidings::build_info() + tidings::process_metrics(), tidings::kPrometheusType);
  });
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

// What stands before a path, for curl.
std::string curl_address(const tidings::Server& server) {
  const std::string url = server.url();
  const bool is_unix = url.starts_with("unix:");
  return is_unix ? "--unix-socket " + server.unix_paths().front() + " http://localhost" : url;
}

// How to publish, ready to be pasted. A token of the user's own is not shown.
void print_how_to_publish(const std::string& url, const tidings::PublishAccess& access, bool is_made) {
  for (const std::string& name : access.open_channels) {
    std::printf("Whoever reaches it may publish to %s: curl -d hello %s/channels/%s\n", name.c_str(), url.c_str(),
                name.c_str());
  }
  const std::string token = is_made ? *access.token : "TOKEN";
  std::printf("To any channel: curl -d hello -H \"Authorization: Bearer %s\" %s/channels/news\n", token.c_str(),
              url.c_str());
}

void tell(std::string_view state) {
  if (!tidings::tell_service_manager(state)) spdlog::warn("Who waits for {} at NOTIFY_SOCKET can't be told.", state);
}

// Half of the service manager's patience between two words: one may be late.
void tell_that_it_lives(std::optional<std::chrono::microseconds> patience, tidings::ServerOptions& options) {
  if (!patience) return;
  options.on_pulse = [] { tell("WATCHDOG=1"); };
  options.pulse_interval =
      std::max(std::chrono::floor<std::chrono::milliseconds>(*patience / 2), std::chrono::milliseconds(1));
}

int serve(const Flags& flags, tidings::Log& log) {
  std::optional<std::filesystem::path> root;
  if (!flags.web_root.empty()) {
    root = flags.web_root;
    if (!std::filesystem::is_directory(*root)) {
      throw std::runtime_error("There is no folder " + flags.web_root + ": give --web_root one that holds the page.");
    }
  }
  const tidings::Site site(tidings::site_files(), root, flags.web_policy);
  const std::optional<std::string> given = tidings::given_token(flags.token);
  tidings::PublishAccess access = flags.access;
  access.token = given ? *given : tidings::make_token();
  access.admin_token = tidings::given_admin_token(flags.admin_token);
  std::optional<tidings::TokenDoor> door;
  std::optional<tidings::TokenKeysFile> keys;  // behind the door, which its thread uses
  tidings::ChannelAuthorizers authorizers;
  if (!flags.token_keys.empty()) {
    keys.emplace(flags.token_keys);
    door.emplace(flags.tokens, keys->keys(), kClock);
    authorizers = by_token(*door, flags);
  }
  tidings::ServerOptions options = flags.server;
  options.listening_sockets = tidings::passed_sockets();
  if (!flags.history.data_dir.empty()) options.history = std::make_shared<tidings::SqliteHistory>(flags.history);
  if (!flags.redis.url.empty()) options.history = std::make_shared<tidings::RedisHistory>(flags.redis);
  if (flags.has_access_log) options.on_stream = tidings::access_log(log, kClock);
  tell_that_it_lives(tidings::watchdog_patience(), options);
  options.on_stop = [] { tell("STOPPING=1"); };
  tidings::Server server(options);
  add_routes(server, site, flags, access, std::move(authorizers));
  server.listen();
  if (keys) keys->follow([&door](tidings::TokenKeys read) { door->set_keys(std::move(read)); });
  server.stop_on_signals();
  server.on_signal(SIGUSR1, [&log] { log.say_more(); });
  server.on_signal(SIGUSR2, [&log] { log.say_less(); });
  std::printf("Tidings is at %s (Ctrl+C stops it)\n", server.url().c_str());
  for (const std::string& url : server.urls_for_others()) std::printf("From other machines: %s\n", url.c_str());
  for (const std::string& path : server.unix_paths()) std::printf("By a Unix socket: %s\n", path.c_str());
  print_how_to_publish(curl_address(server), access, !given);
  std::fflush(stdout);
  tell("READY=1");
  server.run();
  std::printf("Tidings has stopped.\n");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a write that fails, as on a full disk
  Flags flags;
  if (const std::optional<int> code = tidings::parse(argc, argv, flags)) return *code;
  raise_descriptor_limit();
  try {
    tidings::Log log(flags.log_format, flags.log_level);
    return serve(flags, log);
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "There is not enough memory: ask for fewer --threads, or give the process more.\n");
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
