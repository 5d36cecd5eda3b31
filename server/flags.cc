#include "tidings/server/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tidings/protocol/channel_rules.h"
#include "tidings/server/access/rate_limit.h"
#include "tidings/server/build_info.h"
#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/flag_file.h"
#include "tidings/server/gateway/trusted_proxies.h"
#include "tidings/server/http/cors.h"
#include "tidings/server/whole_number.h"

namespace tidings {
namespace {

constexpr int kUsageError = 2;

// Why it is no origin, in a sentence; empty when it is one.
std::string wrong_origin(const std::string& origin) {
  try {
    as_browsers_send(origin);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

// A channel's name, or *, and behind the = how long what is published there gathers; the time as it is written.
struct WrittenGatherTime {
  std::string name, time;
};

WrittenGatherTime split_gather_time(const std::string& text) {
  const std::size_t equals = std::min(text.find('='), text.size());
  return {text.substr(0, equals), text.substr(std::min(equals + 1, text.size()))};
}

// Why it is no NAME=MS for --gather, in a sentence; empty when it is one.
std::string wrong_gather_time(const std::string& text) {
  auto [name, time] = split_gather_time(text);
  if (time.empty() || (name != "*" && !is_channel_name(name))) {
    return "must be a channel's name, or *, and a time, such as prices=5, not \"" + text + '"';
  }
  return whole_number(0, 60'000)(time);
}

// The same channel's time may be given again: the last counts. A channel that is named has all else as the others have
// it.
void set_gather_time(const std::string& text, Hub::Options& channels) {
  const auto [name, written] = split_gather_time(text);
  const std::chrono::milliseconds time(std::stoul(written));
  if (name == "*") {
    channels.channel.gather_time = time;
  } else {
    channels.named.push_back({name, channels.channel});
    channels.named.back().options.gather_time = time;
  }
}

// Why it is no number of something a second or at once, in a sentence; empty when it is one.
std::string wrong_rate(const std::string& text) {
  double rate = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate, std::chars_format::fixed);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (is_number && rate >= 0.001 && rate <= 1e6) return {};
  return "must be a number from 0.001 to 1000000, such as 5 or 0.2, not \"" + text + '"';
}

// What is a second, and at once after a pause: that of five seconds unless it was given.
struct RateFlags {
  std::optional<double> per_second;
  std::optional<unsigned> burst;

  // As --WHAT_rate and --WHAT_burst.
  void add_to(CLI::App& app, const std::string& what, const std::string& a_second, const std::string& at_once) {
    const auto names = [&](const char* kind) { return "--" + what + '_' + kind + ",--" + what + '-' + kind; };
    CLI::Option* const rate = app.add_option(names("rate"), per_second, a_second + "; any number unless given")
                                  ->check(CLI::Validator(wrong_rate, "NUMBER"));
    app.add_option(names("burst"), burst,
                   at_once + " at once after a pause, with --" + what + "_rate; what that is in 5 seconds unless given")
        ->needs(rate)
        ->check(whole_number(1, 1'000'000));
  }
  std::optional<RateLimit::Rate> rate() const {
    if (!per_second) return std::nullopt;
    return RateLimit::Rate{.per_second = *per_second, .burst = burst ? *burst : std::max(1.0, 5 * *per_second)};
  }
};

constexpr std::string_view kUnix = "unix:";

// Why it is no place to listen at beside a port, in a sentence; empty when it is one.
std::string wrong_place(const std::string& place) {
  if (place.starts_with(kUnix) && place.size() > kUnix.size()) return {};
  return "must be unix: and a path, such as unix:/run/tidings.sock, not \"" + place + '"';
}

std::string wrong_mode(const std::string& mode) {
  const bool is_octal = mode.size() == 3 && mode.find_first_not_of("01234567") == std::string::npos;
  return is_octal ? std::string() : "must be three octal digits, such as 660 or 666, not \"" + mode + '"';
}

// Why it is no proxy to trust, in a sentence; empty when it is one.
std::string wrong_proxy(const std::string& proxy) {
  try {
    TrustedProxies(std::vector{proxy});
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

// Why it can be no field's value, in a sentence; empty when it can.
std::string wrong_policy(const std::string& policy) {
  const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  return std::all_of(policy.begin(), policy.end(), is_printable) ? std::string() : "must be one line of ASCII";
}

// Why no key of Redis can begin so, in a sentence; empty when it can.
std::string wrong_prefix(const std::string& prefix) {
  const auto is_plain = [](char c) { return c > ' ' && c <= '~'; };
  const bool is_right = !prefix.empty() && prefix.size() <= 128 && std::all_of(prefix.begin(), prefix.end(), is_plain);
  return is_right ? std::string() : "must be 1 to 128 of printable ASCII without spaces, such as tidings:";
}

// How much of what is kept is in memory as well, for those who are not far behind: a good deal more than is kept in one
// transaction, or a burst would send everybody to the disk.
EventLog::Limits in_memory(const HistoryLimits& kept) {
  const EventLog::Limits most{.max_events = 20'000, .max_bytes = std::size_t{5} << 20};
  return {.max_events = std::min<std::size_t>(most.max_events, kept.max_events),
          .max_bytes = std::min<std::size_t>(most.max_bytes, kept.max_bytes),
          .max_age = std::min(most.max_age, kept.max_age)};
}

}  // namespace

std::optional<int> parse(int argc, char** argv, Flags& flags) {
  CLI::App app("Serves event streams and a page that shows them: the clock at /events.");
  app.name(std::filesystem::path(argv[0]).filename().string());
  app.set_version_flag("--version", version_text(), "Print the version and what it was built with, and exit");
  app.option_defaults()->always_capture_default();
  // Else what stands in quotes and is a variable that is not set would be as if the flag were not there.
  const CLI::Validator not_empty([](const std::string& text) { return text.empty() ? "must not be empty" : ""; }, "");
  app.set_config("--config", "",
                 "File of further flags, a line each and without the dashes, such as port = 9010; what the command "
                 "line says as well counts instead")
      ->check(not_empty)
      ->type_name("FILE");
  app.config_formatter(std::make_shared<FlagFile>(app));
  app.failure_message([](const CLI::App* parser, const CLI::Error& error) {
    const bool is_of_file = error.get_name() == "ConfigError" || error.get_name() == "FileError";
    return (is_of_file ? "--config: " : "") + CLI::FailureMessage::simple(parser, error);
  });
  app.add_option("--host", flags.server.host, "Name or address to listen on")->check(not_empty);
  app.add_option("--port", flags.server.port, "Port to listen on; 0 takes a free one")->check(whole_number(0, 65535));
  std::vector<std::string> listen;
  std::string listen_mode = "660";
  CLI::Option* const listen_given =
      app.add_option("--listen", listen, "unix:PATH of a Unix socket to listen on too; may be given again")
          ->check(CLI::Validator(wrong_place, "unix:PATH"));
  app.add_option("--listen_mode,--listen-mode", listen_mode,
                 "Permissions of those sockets' files: who may write to one may connect")
      ->check(CLI::Validator(wrong_mode, "OCTAL"));
  app.add_flag("!--no_tcp,!--no-tcp", flags.server.tcp, "Listen on --listen alone, and not on --host and --port")
      ->needs(listen_given);
  unsigned threads = 0;
  std::int64_t history_age_s = 3600, heartbeat_s = 15, retry_ms = 2000, shutdown_delay_s = 1;
  std::string fallen_behind = "resume";
  CLI::Option* threads_given =
      app.add_option("--threads", threads, "Event loops; as many as there are processors unless given")
          ->check(whole_number(1, 256))
          ->capture_default_str()
          ->default_str("");
  app.add_option("--workers", flags.server.workers, "Threads that run handlers")->check(whole_number(1, 256));
  app.add_flag("--io_uring,--io-uring,!--no_io_uring,!--no-io-uring", flags.server.io_uring,
               "Send what many streams get at a time by io_uring where the kernel allows it (--no_io_uring: never)");
  app.add_option("--max_channels,--max-channels", flags.server.channels.max_channels, "Channels held at a time")
      ->check(whole_number(1, 1'000'000));
  CLI::Option* const data_dir_given =
      app.add_option(
             "--data_dir,--data-dir", flags.history.data_dir,
             "Folder, which must be there, in which channels keep their events over restarts; in memory unless given")
          ->check(not_empty);
  std::string durability = "process";
  app.add_option("--durability", durability,
                 "What a publisher's answer means with --data_dir: the event is there whatever happens to this process "
                 "(process), or to the machine's power as well (power)")
      ->needs(data_dir_given)
      ->check(CLI::IsMember({"process", "power"}));
  CLI::Option* const redis_given =
      app.add_option("--redis", flags.redis.url,
                     "Redis in which channels keep their events, and by which servers that use the same one have the "
                     "same channels: redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE] or unix:PATH; other users of this "
                     "machine see a password in its list of processes, so rather put such a line into --config")
          ->excludes(data_dir_given)
          ->check(not_empty)
          ->type_name("URL");
  app.add_option("--redis_prefix,--redis-prefix", flags.redis.prefix,
                 "What the names of keys in Redis begin with: servers with another one have other channels")
      ->needs(redis_given)
      ->check(CLI::Validator(wrong_prefix, "TEXT"));
  app.add_option("--redis_wait,--redis-wait", flags.redis.wait_replicas,
                 "Replicas of Redis that have an event before its publisher is answered")
      ->needs(redis_given)
      ->check(whole_number(0, 100));
  app.add_flag("--redis_readiness,--redis-readiness", flags.redis_readiness,
               "Let /readyz say 503 while Redis is away: then a balancer sends no more clients here, though those that "
               "are here stay")
      ->needs(redis_given);
  Channel::Options& channel = flags.server.channels.channel;
  const CLI::Option* const events_given =
      app.add_option("--history_events,--history-events", channel.history.max_events,
                     "Events that each channel keeps; with --data_dir or --redis 1000000 unless given")
          ->check(whole_number(1, 100'000'000));
  const CLI::Option* const bytes_given =
      app.add_option("--history_bytes,--history-bytes", channel.history.max_bytes,
                     "Bytes of events that each channel keeps; with --data_dir or --redis 1073741824 unless given")
          ->check(whole_number(1, std::uint64_t{1} << 40));
  const CLI::Option* const age_given =
      app.add_option("--history_age_s,--history-age-s", history_age_s,
                     "Seconds for which a channel keeps an event; with --data_dir or --redis 2592000 unless given")
          ->check(whole_number(1, 1'000'000'000));
  app.add_option("--fallen_behind,--fallen-behind", fallen_behind,
                 "What a subscriber gets that is behind all that is kept: a gap event and the oldest event kept "
                 "(resume) or the newest (latest), or the end of its stream (disconnect)")
      ->check(CLI::IsMember({"resume", "latest", "disconnect"}));
  std::vector<std::string> gather_times;
  app.add_option(
         "--gather", gather_times,
         "Channel and milliseconds, such as prices=5, for which what is published there waits for more that goes "
         "to its subscribers with it, in one write to each; * for all others; 0 unless given")
      ->allow_extra_args(false)
      ->check(CLI::Validator(wrong_gather_time, "NAME=MS"));
  app.add_option("--heartbeat_s,--heartbeat-s", heartbeat_s, "Seconds of silence before a stream says that it lives")
      ->check(whole_number(1, 3600));
  app.add_option("--retry_ms,--retry-ms", retry_ms,
                 "Milliseconds after which a client comes back, give or take half of them")
      ->check(whole_number(1, 3'600'000));
  app.add_option("--shutdown_delay_s,--shutdown-delay-s", shutdown_delay_s,
                 "Seconds for which it serves on after SIGTERM or SIGHUP while /readyz says 503, so that a balancer "
                 "sees that before a client is refused; SIGINT (Ctrl+C) and a second signal don't wait")
      ->check(whole_number(0, 3600));
  app.add_option("--max_streams,--max-streams", flags.server.limits.max_streams, "Event streams open at a time, in all")
      ->check(whole_number(1, 10'000'000));
  app.add_option("--max_streams_per_client,--max-streams-per-client", flags.server.limits.max_streams_per_client,
                 "Event streams open at a time for one client address; any number unless given")
      ->check(whole_number(1, 10'000'000));
  RateFlags streams, publications;
  streams.add_to(app, "stream", "Event streams opened a second from one client address, or one IPv6 network of 64 bits",
                 "Streams opened");
  publications.add_to(app, "publish",
                      "Publications a second of one bearer of a JSON Web Token, and of one client address without",
                      "Publications");
  app.add_option("--cors_origin,--cors-origin", flags.server.cors_origins,
                 "Origin whose pages may use the server, such as https://example.org, or *; may be given again")
      ->check(CLI::Validator(wrong_origin, "ORIGIN"));
  CLI::Option* const trusted_given =
      app.add_option(
             "--trusted_proxy,--trusted-proxy", flags.server.trusted_proxies,
             "Address or network (CIDR) of a proxy whose word counts of who the client is (Forwarded, "
             "X-Forwarded-For) and of what it has asked for (X-Forwarded-Proto, -Host); unix for those that come "
             "by a Unix socket; may be given again")
          ->check(CLI::Validator(wrong_proxy, "CIDR"));
  app.add_flag("--proxy_protocol,--proxy-protocol", flags.server.proxy_protocol,
               "Each connection of a trusted proxy begins with the PROXY protocol, version 1 or 2, or is closed")
      ->needs(trusted_given);
  app.add_option(
         "--open_channel,--open-channel", flags.access.open_channels,
         "Channel that needs no token to publish to, so often and not from pages of other origins; may be given "
         "again, '' for none")
      ->allow_extra_args(false);
  app.add_option("--publish_token,--publish-token", flags.token.token,
                 "Bearer token that publishing to any other channel needs; other users of this machine see it in its "
                 "list of processes, so rather use the next or " +
                     std::string(kTokenVariable) + "; with none of the three one is made and printed")
      ->check(not_empty);
  app.add_option("--publish_token_file,--publish-token-file", flags.token.file, "File that holds that token")
      ->check(not_empty);
  app.add_option("--admin_token_file,--admin-token-file", flags.admin_token.file,
                 "File that holds the bearer token of the admin, who lists channels and drops what they keep; or " +
                     std::string(kAdminTokenVariable) + "; with neither, only a JSON Web Token makes one")
      ->check(not_empty);
  CLI::Option* const token_keys_given =
      app.add_option("--token_keys,--token-keys", flags.token_keys,
                     "File with the keys of JSON Web Tokens, which let their bearers publish, and read: a JWK set, the "
                     "PEM of one public key, or a secret; read again when it changes")
          ->check(not_empty);
  app.add_option("--token_audience,--token-audience", flags.tokens.audience,
                 "What those tokens have to name as aud; without it they must not have one")
      ->needs(token_keys_given)
      ->check(not_empty);
  app.add_flag("--token_in_query,--token-in-query", flags.tokens.takes_parameter,
               "Take those tokens from ?token= too, though logs and histories keep what stands there")
      ->needs(token_keys_given);
  std::string read_access = "open";
  CLI::Option* const read_access_given =
      app.add_option(
             "--read_access,--read-access", read_access,
             "Who may follow channels: whoever reaches the server (open), or the bearers of such a token (token)")
          ->check(CLI::IsMember({"open", "token"}));
  CLI::Option* const web_root_given =
      app.add_option(
             "--web_root,--web-root", flags.web_root,
             "Folder whose files are served before the built-in page's: those of one on which somebody works, or "
             "pages of one's own")
          ->check(not_empty);
  app.add_option(
         "--web_policy,--web-policy", flags.web_policy,
         "Content-Security-Policy of the documents in that folder, '' for none; that of the built-in page, which "
         "allows what is of its own origin and no inline script, unless given")
      ->check(CLI::Validator(wrong_policy, "POLICY"))
      ->needs(web_root_given);
  app.add_option("--channel_metrics,--channel-metrics", flags.server.channels.max_measured,
                 "Channels, the first that are published to, of which /metrics has series of their own; 0 for none")
      ->check(whole_number(0, Hub::kMostMeasured));
  app.add_option("--log_level,--log-level", flags.log_level, "How much to log")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  std::string log_format = "text";
  app.add_option("--log_format,--log-format", log_format, "What to log it as: lines of text, or a JSON object a line")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_flag("--access_log,--access-log", flags.has_access_log,
               "Log a line when an event stream opens and one when it has ended");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  for (const std::string& place : listen) flags.server.unix_sockets.push_back(place.substr(kUnix.size()));
  flags.server.unix_mode = static_cast<unsigned>(std::stoul(listen_mode, nullptr, 8));
  flags.is_reading_open = read_access == "open";
  if (!flags.is_reading_open && flags.token_keys.empty()) {
    return app.exit(CLI::RequiresError(read_access_given->get_name() + " token", token_keys_given->get_name())) == 0
               ? 0
               : kUsageError;
  }
  if (log_format == "json") flags.log_format = LogFormat::kJson;
  flags.server.opening_rate = streams.rate();
  flags.access.rate = publications.rate();
  flags.tokens.origins = flags.server.cors_origins;
  if (*threads_given) flags.server.threads = threads;
  channel.history.max_age = std::chrono::seconds(history_age_s);
  if (durability == "power") flags.history.durability = Durability::kPower;
  if (!flags.history.data_dir.empty() || !flags.redis.url.empty()) {
    HistoryLimits kept;
    if (*events_given) kept.max_events = channel.history.max_events;
    if (*bytes_given) kept.max_bytes = channel.history.max_bytes;
    if (*age_given) kept.max_age = channel.history.max_age;
    flags.history.limits = flags.redis.limits = kept;
    channel.history = in_memory(kept);
  }
  for (const std::string& each : gather_times) set_gather_time(each, flags.server.channels);
  flags.server.heartbeat = std::chrono::seconds(heartbeat_s);
  flags.server.shutdown_delay = std::chrono::seconds(shutdown_delay_s);
  flags.server.reconnection_time = std::chrono::milliseconds(retry_ms);
  if (const char* given = std::getenv(kTokenVariable)) flags.token.environment = given;
  if (const char* given = std::getenv(kAdminTokenVariable)) flags.admin_token.environment = given;
  std::erase(flags.access.open_channels, "");
  if (fallen_behind == "latest") channel.fallen_behind = FallenBehind::kLatest;
  if (fallen_behind == "disconnect") channel.fallen_behind = FallenBehind::kDisconnect;
  return std::nullopt;
}

}  // namespace tidings
