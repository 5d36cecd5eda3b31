// The server as its users start it: flags, routes, exit codes.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/server/server.h"
#include "tidings/server/version.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

constexpr const char* kProgram = "server/server";

struct Ended {
  int code = -1;
  std::string output;  // and errors
};

Ended run(const std::string& arguments, const std::string& before = "") {
  Ended ended;
  std::FILE* pipe = popen((before + kProgram + ' ' + arguments + " 2>&1").c_str(), "r");
  char bytes[4096];
  while (const std::size_t count = std::fread(bytes, 1, sizeof bytes, pipe)) ended.output.append(bytes, count);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  return ended;
}

TEST(Program, WrongUsageIsASentenceAndExitCode2) {
  struct Row {
    const char* arguments;
    const char* names;
  };
  for (const Row& row :
       {Row{"--bogus", "--bogus"},
        Row{"--port 99999", "--port"},
        Row{"--port abc", "--port: must be a whole number from 0 to 65535, not \"abc\""},
        Row{"--port 010", "--port: must be a whole number"},
        Row{"--history_bytes 1e9", "--history_bytes: must be a whole number from 1 to 1099511627776"},
        Row{"--durability power", "--data_dir"},
        Row{"--data_dir ''", "--data_dir: must not be empty"},
        Row{"--redis ''", "--redis: must not be empty"},
        Row{"--redis redis://localhost --data_dir .", "--data_dir"},
        Row{"--redis_prefix x:", "--redis"},
        Row{"--redis_wait 1", "--redis"},
        Row{"--redis_readiness", "--redis"},
        Row{"--redis redis://localhost --redis_prefix 'a b'", "--redis_prefix: must be 1 to 128 of printable ASCII"},
        Row{"--redis redis://localhost --redis_wait x", "--redis_wait: must be a whole number from 0 to 100"},
        Row{"--web_root ''", "--web_root: must not be empty"},
        Row{"--web_policy ''", "--web_root"},
        Row{"--web_root . --web_policy \"$(printf 'a\\nb')\"", "--web_policy: must be one line of ASCII"},
        Row{"--host ''", "--host: must not be empty"},
        Row{"--threads 0", "--threads"},
        Row{"--history_events 0", "--history_events"},
        Row{"--fallen_behind over", "--fallen_behind"},
        Row{"--log_level loud", "--log_level"},
        Row{"--log_format xml", "--log_format"},
        Row{"--config ''", "--config: must not be empty"},
        Row{"--config no/such/file", "--config: no/such/file"},
        Row{"--cors_origin example.org", "--cors_origin"},
        Row{"--heartbeat_s 0", "--heartbeat_s"},
        Row{"--gather prices", "--gather: must be a channel's name, or *, and a time, such as prices=5"},
        Row{"--gather a/b=5", "--gather"},
        Row{"--gather prices=60001", "--gather"},
        Row{"--proxy_protocol", "--trusted_proxy"},
        Row{"--trusted_proxy 10.0.0.0/33", "--trusted_proxy: \"10.0.0.0/33\" is no proxy to trust"},
        Row{"--listen /run/x", "--listen: must be unix: and a path"},
        Row{"--listen unix:", "--listen"},
        Row{"--listen unix:x --listen_mode 999", "--listen_mode: must be three octal digits"},
        Row{"--no_tcp", "--listen"},
        Row{"--stream_rate 0", "--stream_rate: must be a number from 0.001 to 1000000, such as 5 or 0.2, not \"0\""},
        Row{"--stream_rate nan", "--stream_rate: must be a number"},
        Row{"--stream_rate 5x", "--stream_rate: must be a number"},
        Row{"--publish_rate 1e3", "--publish_rate: must be a number"},
        Row{"--stream_burst 5", "--stream_rate"},
        Row{"--publish_burst 5", "--publish_rate"},
        Row{"--publish_rate 1 --publish_burst 0", "--publish_burst"},
        Row{"--retry_ms 0", "--retry_ms"},
        Row{"--channel_metrics 10001", "--channel_metrics: must be a whole number from 0 to 10000"},
        Row{"--publish_token ''", "--publish_token"},
        Row{"--admin_token_file ''", "--admin_token_file"},
        Row{"stray", "stray"}}) {
    const Ended ended = run(row.arguments);
    EXPECT_EQ(ended.code, 2) << row.arguments;
    EXPECT_NE(ended.output.find(row.names), std::string::npos) << ended.output;
    EXPECT_NE(ended.output.find("Run with --help"), std::string::npos) << ended.output;
  }
}

// What stands in the parentheses of `pattern`, in the first line of `file` where it is found.
std::string first_of(const char* file, const char* pattern) {
  std::smatch parts;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_search(line, parts, std::regex(pattern))) return parts[1];
  }
  return {};
}

TEST(Program, ItSaysItsVersionWhichIsTheChangelogsNewestAndTheModulesAndWhatItWasBuiltWith) {
  const std::string newest = first_of("CHANGELOG.md", "^## ([0-9]+[.][0-9]+[.][0-9]+)");
  EXPECT_EQ(first_of("MODULE.bazel", "^    version = \"(.*)\",$"), newest);
  const Ended ended = run("--version");
  EXPECT_EQ(ended.code, 0);
  EXPECT_TRUE(std::regex_match(ended.output, std::regex("Tidings " + newest +
                                                        "\nbuilt with [^,]+[0-9], cpp-httplib [0-9.]+, Asio [0-9.]+, "
                                                        "SQLite [0-9.]+, liburing .*[0-9], hiredis [0-9.]+, "
                                                        "(OpenSSL [0-9.]+[a-z]*|BoringSSL)\n")))
      << ended.output;
}

TEST(Program, WhatAServiceManagerCannotMeanIsASentenceAndExitCode1) {
  EXPECT_EQ(run("", "LISTEN_PID=x LISTEN_FDS=1 ").code, 1);
  EXPECT_EQ(run("", "LISTEN_PID=x LISTEN_FDS=1 ").output, "LISTEN_PID is to be a number, and was x.\n");
  const Ended ended = run("", "exec 3</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec ");
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.output.find("Descriptor 3 was passed to be listened on, but is no socket"), std::string::npos)
      << ended.output;
}

TEST(Program, ARedisThatIsNotThereOrIsWrittenWrongIsASentenceAndExitCode1) {
  const Ended away = run("--redis redis://u:hidden@127.0.0.1:1");
  EXPECT_EQ(away.code, 1);
  EXPECT_EQ(away.output, "Redis at 127.0.0.1:1 can't be reached: Connection refused.\n");
  const Ended wrong = run("--redis redis://u:hidden@");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_TRUE(wrong.output.starts_with("--redis: there is no host. It must be redis://")) << wrong.output;
  EXPECT_EQ(wrong.output.find("hidden"), std::string::npos);
}

TEST(Program, HelpNamesEveryFlag) {
  const Ended ended = run("--help");
  EXPECT_EQ(ended.code, 0);
  for (const char* flag : {"--host",
                           "--port",
                           "--threads",
                           "--workers",
                           "--io_uring",
                           "--max_channels",
                           "--redis",
                           "--redis_prefix",
                           "--redis_wait",
                           "--redis_readiness",
                           "--history_events",
                           "--history_bytes",
                           "--history_age_s",
                           "--fallen_behind",
                           "--gather",
                           "--heartbeat_s",
                           "--retry_ms",
                           "--shutdown_delay_s",
                           "--open_channel",
                           "--publish_token",
                           "--publish_token_file",
                           "TIDINGS_PUBLISH_TOKEN",
                           "--admin_token_file",
                           "TIDINGS_ADMIN_TOKEN",
                           "--token_keys",
                           "--token_audience",
                           "--token_in_query",
                           "--read_access",
                           "--max_streams",
                           "--max_streams_per_client",
                           "--stream_rate",
                           "--stream_burst",
                           "--publish_rate",
                           "--publish_burst",
                           "--cors_origin",
                           "--listen",
                           "--listen_mode",
                           "--no_tcp",
                           "--trusted_proxy",
                           "--proxy_protocol",
                           "--web_root",
                           "--channel_metrics",
                           "--web_policy",
                           "--config",
                           "--log_level",
                           "--log_format",
                           "--access_log"}) {
    EXPECT_NE(ended.output.find(flag), std::string::npos) << flag;
  }
}

// Sanitizers reserve more memory than a limit leaves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Program, WithoutTheThreadsThatItNeedsItSaysSoAndDoesNotStart) {
  const Ended ended = run("--port 0 --threads 64", "ulimit -v 200000; ");
  EXPECT_EQ(ended.code, 1) << ended.output;
  EXPECT_NE(ended.output.find("threads can be had"), std::string::npos) << ended.output;
  EXPECT_EQ(ended.output.find("http://"), std::string::npos) << ended.output;
}
#endif

TEST(Program, WhatItCannotDoIsASentenceAndExitCode1) {
  Server taken({.port = 0});
  taken.listen();
  const std::string port = std::to_string(taken.port());
  EXPECT_EQ(run("--port " + port).code, 1);
  EXPECT_EQ(run("--port " + port).output, "Something listens on port " + port +
                                              " of localhost already: stop it, or choose another port with --port "
                                              "(0: a free one).\n");
  EXPECT_EQ(run("--web_root no/such/folder").code, 1);
  EXPECT_EQ(run("--web_root no/such/folder").output,
            "There is no folder no/such/folder: give --web_root one that holds the page.\n");
  EXPECT_EQ(run("--host 256.256.256.256").code, 1);
  EXPECT_EQ(run("--publish_token a --publish_token_file b").code, 1);
  EXPECT_EQ(run("--publish_token_file no/such/file").code, 1);
  EXPECT_EQ(run("--open_channel 'a b'").code, 1);
}

ClientResponse ask(const bench::ServerProcess& server, std::string_view request) {
  Client client(server.port());
  client.send(request);
  return client.response();
}

TEST(Program, ServesEverythingOfTheInterfaceAndStopsCleanly) {
  bench::ServerProcess server(kProgram, {"--port", "0"});
  const std::string page = ask(server, get("/")).body;
  EXPECT_NE(page.find("<title>Tidings</title>"), std::string::npos);
  EXPECT_EQ(ask(server, get("/test")).body, page);
  EXPECT_EQ(ask(server, get("/page.wasm")).headers.at("content-type"), "application/wasm");
  EXPECT_EQ(ask(server, get("/page.js")).headers.at("content-type"), "text/javascript; charset=utf-8");
  for (const std::string_view coding : {"gzip", "br"}) {
    const ClientResponse response =
        ask(server, "GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: " + std::string(coding) + "\r\n\r\n");
    EXPECT_EQ(response.headers.at("content-encoding"), coding);
    EXPECT_GT(response.body.size(), 100u);  // all that its length promises
    EXPECT_LT(response.body.size(), page.size());
  }
  EXPECT_EQ(ask(server, get("/healthz")).body, "ok\n");
  EXPECT_EQ(ask(server, get("/readyz")).body, "ready\n");
  EXPECT_NE(ask(server, get("/metrics")).body.find("\ntidings_frames 0\n"), std::string::npos);
  for (const char* path : {"/healthz", "/readyz", "/metrics", "/page_js"}) {
    EXPECT_EQ(ask(server, get(path)).headers.at("cache-control"), "no-store") << path;
  }
  EXPECT_EQ(ask(server, get("/page_js")).status, 404);
  EXPECT_EQ(ask(server, "POST / HTTP/1.1\r\nHost: h\r\n\r\n").status, 405);

  Client stream(server.port());
  stream.send(get("/events?interval_ms=10"));
  EXPECT_EQ(stream.head().status, 200);
  EXPECT_TRUE(stream.event());
  stream.close();
  EXPECT_TRUE(server.stop());
}

std::string post(std::string_view channel, std::string_view data, std::string_view fields = {}) {
  return "POST /channels/" + std::string(channel) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(data.size()) + "\r\n\r\n" + std::string(data);
}

TEST(Program, WithoutATokenItMakesOneAndPrintsTheLineThatPublishesWithIt) {
  bench::ServerProcess server(kProgram, {"--port", "0"});
  const std::string url = "http://localhost:" + std::to_string(server.port()) + "/channels/";
  EXPECT_EQ(server.line(), "Whoever reaches it may publish to demo: curl -d hello " + url + "demo");
  const std::regex line("To any channel: curl -d hello -H \"(Authorization: Bearer [0-9a-f]{32,})\" " + url + "news");
  const std::string said = server.line();
  std::smatch parts;
  ASSERT_TRUE(std::regex_match(said, parts, line)) << said;
  EXPECT_EQ(ask(server, post("news", "x", parts[1].str() + "\r\n")).status, 200);
  EXPECT_EQ(ask(server, post("news", "x")).status, 401);
  EXPECT_EQ(ask(server, post("demo", "x")).status, 200);
}

TEST(Program, ATokenOfTheUsersIsTakenFromAFileAndNotShown) {
  const std::string path = std::filesystem::path(testing::TempDir()) / "publish_token";
  std::ofstream(path) << "of-a-file\n";
  bench::ServerProcess server(kProgram, {"--port", "0", "--publish_token_file", path, "--open_channel", ""});
  EXPECT_EQ(server.line(), "To any channel: curl -d hello -H \"Authorization: Bearer TOKEN\" http://localhost:" +
                               std::to_string(server.port()) + "/channels/news");
  EXPECT_EQ(ask(server, post("news", "x", "Authorization: Bearer of-a-file\r\n")).status, 200);
  EXPECT_EQ(ask(server, post("demo", "x")).status, 401);
}

TEST(Program, ChannelsKeepAndGiveWhatTheFlagsSay) {
  bench::ServerProcess server(kProgram, {"--port", "0", "--history_events", "2", "--fallen_behind", "latest",
                                         "--open_channel", "x", "--open_channel", "y"});
  EXPECT_EQ(ask(server, post("demo", "")).status, 401);
  EXPECT_EQ(ask(server, post("y", "")).status, 200);
  for (const char* data : {"a", "b", "c"}) EXPECT_EQ(ask(server, post("x", data)).status, 200);
  Client late(server.port());
  late.send(get("/channels/x?last_event_id=other-1"));
  EXPECT_EQ(late.head().status, 200);
  EXPECT_EQ(late.event().value_or(ClientEvent{}).type, "gap");
  EXPECT_EQ(late.event().value_or(ClientEvent{}).data, "c");
}

TEST(Program, ItsMetricsSayWhatItIsAndWhatItTakes) {
  bench::ServerProcess server(kProgram, {"--port", "0", "--channel_metrics", "1"});
  for (const char* data : {"a", "b"}) EXPECT_EQ(ask(server, post("demo", data)).status, 200);
  const std::string text = "\n" + ask(server, get("/metrics")).body;
  EXPECT_NE(text.find("\ntidings_build_info{version=\"" + std::string(kVersion) + "\",compiler=\""), std::string::npos);
  EXPECT_NE(text.find("\ntidings_channel_published_events_total{channel=\"demo\"} 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\ntidings_ready 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nprocess_cpu_seconds_total 0."), std::string::npos) << text;
  bench::ServerProcess other(kProgram, {"--port", "0"});
  EXPECT_EQ(ask(other, post("demo", "a")).status, 200);
  EXPECT_EQ(ask(other, get("/metrics")).body.find("tidings_channel_"), std::string::npos);
}

TEST(Program, ABalancerSeesThatItGoesAwayBeforeAnyoneIsRefusedAndASecondSignalEndsItAtOnce) {
  bench::ServerProcess server(kProgram, {"--port", "0", "--shutdown_delay_s", "3600"});
  EXPECT_EQ(ask(server, get("/readyz")).status, 200);
  kill(server.process(), SIGTERM);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  int status = 0;
  while ((status = ask(server, get("/readyz")).status) == 200 && std::chrono::steady_clock::now() < give_up) {
  }
  EXPECT_EQ(status, 503);
  EXPECT_EQ(ask(server, get("/healthz")).status, 200);
  Client stream(server.port());
  stream.send(get("/events?interval_ms=10"));
  EXPECT_EQ(stream.head().status, 200);
  EXPECT_FALSE(server.stop(SIGTERM)) << "it ends as a program does that has no word in it";
}

TEST(Program, EachSignalThatAsksForItsEndEndsItWell) {
  std::signal(SIGHUP, SIG_DFL);  // ignored under nohup, which a server respects
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    bench::ServerProcess server(kProgram, {"--port", "0", "--shutdown_delay_s", "0"});
    EXPECT_TRUE(server.stop(signal)) << signal;
  }
  bench::ServerProcess server(kProgram, {"--port", "0", "--shutdown_delay_s", "3600"});
  EXPECT_TRUE(server.stop(SIGINT)) << "a person does not wait for balancers";
}

// Where no last chunk can be missing, a process that is killed leaves a reset: a proxy that speaks HTTP/1.0 would pass
// a plain end on as a whole response.
TEST(Program, AKilledServerIsNoEndToItsClients) {
  bench::ServerProcess server(kProgram, {"--port", "0"});
  Client older(server.port()), newer(server.port());
  older.send("GET /channels/demo HTTP/1.0\r\n\r\n");
  newer.send(get("/channels/demo"));
  for (Client* client : {&older, &newer}) {
    EXPECT_EQ(client->head().status, 200);
    EXPECT_EQ(client->event().value_or(ClientEvent{}).type, "begin");
  }
  kill(server.process(), SIGKILL);
  older.rest();
  EXPECT_TRUE(older.was_reset());
  newer.rest();
  EXPECT_FALSE(newer.has_whole_body());
}

// As a terminal does that closes: the shell tells it, and then the kernel.
TEST(Program, WhoIsHungUpOnTwiceDrainsAllTheSame) {
  std::signal(SIGHUP, SIG_DFL);
  bench::ServerProcess server(kProgram, {"--port", "0", "--shutdown_delay_s", "1"});
  Client stream(server.port());
  stream.send(get("/channels/demo"));
  EXPECT_EQ(stream.head().status, 200);
  kill(server.process(), SIGHUP);
  while (ask(server, get("/readyz")).status == 200) {
  }
  EXPECT_TRUE(server.stop(SIGHUP));
  EXPECT_NE(stream.rest().find("the server is going away"), std::string::npos);
}

// A file of the test's, with this text.
std::string file_of(const std::string& name, std::string_view text) {
  const std::string path = std::filesystem::path(testing::TempDir()) / name;
  std::ofstream(path) << text;
  return path;
}

TEST(Program, AFileOfFlagsIsAsTheCommandLine) {
  const std::string path = file_of("flags", R"(# how this machine runs it
port = 9
publish_token = "of#a=file"

  open_channel=x
open_channel = y
no_io_uring
access_log = true
history-events = 2
)");
  bench::ServerProcess server(kProgram, {"--config", path, "--port", "0"});
  EXPECT_EQ(ask(server, post("x", "1")).status, 200);
  EXPECT_EQ(ask(server, post("y", "1")).status, 200);
  EXPECT_EQ(ask(server, post("demo", "1")).status, 401);
  EXPECT_EQ(ask(server, post("demo", "1", "Authorization: Bearer of#a=file\r\n")).status, 200);
}

TEST(Program, WhatIsWrongInAFileOfFlagsIsASentenceAndExitCode2) {
  struct Row {
    const char* text;
    const char* sentence;
  };
  for (const Row& row : {Row{"\n\r\nprt = 9010", "--config: line 3: there is no flag prt that a file may have.\n"},
                         Row{"[server]\nport = 9010", "--config: line 1: there is no flag [server]"},
                         Row{"= 9010", "--config: line 1: there is no flag "},
                         Row{"port", "--port: must be a whole number from 0 to 65535, not \"true\""},
                         Row{"access_log = perhaps", "access_log"},
                         Row{"port = 99999", "--port: must be a whole number from 0 to 65535, not \"99999\"\n"},
                         Row{"port = 9010\nport = 9011", "--port: At Most 1 required"},
                         Row{"no_tcp = true", "--no_tcp requires --listen"},
                         Row{"config = other", "there is no flag config that a file may have"},
                         Row{"help", "there is no flag help that a file may have"}}) {
    const Ended ended = run("--config " + file_of("wrong", row.text));
    EXPECT_EQ(ended.code, 2) << row.text;
    EXPECT_NE(ended.output.find(row.sentence), std::string::npos) << ended.output;
  }
}

// A server of which the log goes into a file.
class Logging {
 public:
  explicit Logging(const std::string& flags)
      : path_(file_of("log", "")),
        server_("/bin/bash", {"-c", "exec server/server --port 0 " + flags + " 2> " + path_}) {}

  bench::ServerProcess& server() { return server_; }
  std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Waits until the log has it; false after ten seconds.
  bool has(std::string_view text) const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (this->text().find(text) == std::string::npos) {
      if (std::chrono::steady_clock::now() > give_up) return false;
    }
    return true;
  }

 private:
  const std::string path_;
  bench::ServerProcess server_;
};

void follow_and_leave(Logging& logging) {
  Client client(logging.server().port());
  client.send(
      "GET /channels?name=demo&name=y&token=secret HTTP/1.1\r\nHost: h\r\nUser-Agent: a robot\r\n"
      "Last-Event-ID: 7\r\n\r\n");
  EXPECT_EQ(client.head().status, 400) << "a parameter that means nothing is none";
  Client follower(logging.server().port());
  follower.send(
      "GET /channels?name=demo&name=y HTTP/1.1\r\nHost: h\r\nUser-Agent: a \"robot\"\xFF\r\nLast-Event-ID: 7\r\n\r\n");
  EXPECT_EQ(follower.head().status, 200);
  EXPECT_TRUE(follower.event());
  follower.close();
}

TEST(Program, AnAccessLogHasALineWhenAStreamOpensAndOneWhenItHasEnded) {
  Logging logging("--access_log --log_level error");
  follow_and_leave(logging);
  EXPECT_TRUE(logging.has("reason"));
  const std::regex lines(
      R"(\[[0-9TZ:.-]+\] stream opened stream=1 address="127.0.0.1" target="/channels\?name=demo&name=y" last_event_id="7" agent="a \\"robot\\".*"
\[[0-9TZ:.-]+\] stream ended stream=1 address="127.0.0.1" target="/channels\?name=demo&name=y" reason="client_left" time_ms=[0-9]+ events=[0-9]+ bytes=[0-9]+
)");
  EXPECT_TRUE(std::regex_match(logging.text(), lines)) << logging.text();
}

TEST(Program, AsJsonEachLineOfTheLogIsAnObject) {
  Logging logging("--access_log --log_format json");
  follow_and_leave(logging);
  EXPECT_TRUE(logging.has("reason"));
  EXPECT_TRUE(logging.server().stop());
  std::istringstream text(logging.text());
  int ends = 0;
  for (std::string line; std::getline(text, line);) {
    const auto object = nlohmann::json::parse(line);
    EXPECT_TRUE(object.at("time").is_string()) << line;
    if (!object.contains("reason")) continue;
    ++ends;
    EXPECT_EQ(object.at("what"), "stream ended");
    EXPECT_EQ(object.at("target"), "/channels?name=demo&name=y");
    EXPECT_TRUE(object.at("bytes").is_number_unsigned());
  }
  EXPECT_EQ(ends, 1);
}

TEST(Program, ASignalMakesItSayMoreAndAnotherLess) {
  Logging logging("--log_level warn");
  kill(logging.server().process(), SIGUSR1);
  EXPECT_TRUE(logging.has("[info] The log has what is info or worse from now on."));
  kill(logging.server().process(), SIGUSR2);
  EXPECT_TRUE(logging.has("The log has what is warning or worse from now on."));
  EXPECT_TRUE(logging.server().stop());
  EXPECT_EQ(logging.text().find("No longer ready"), std::string::npos);
}

// Nobody reads what it says, as with a pager that stands still.
TEST(Program, WhoDoesNotReadTheLogHoldsNothingUp) {
  bench::ServerProcess server("/bin/bash", {"-c", "exec server/server --port 0 --access_log 2> >(exec sleep 1000)"});
  for (int i = 0; i < 2000; ++i) {  // two lines of more than a hundred bytes each; a pipe takes 64 KiB
    Client client(server.port());
    client.send(get("/channels/demo"));
    ASSERT_EQ(client.head().status, 200) << i;
  }
}

TEST(Program, OnAUnixSocketAloneItSaysHowToReachIt) {
  const std::string path = "/tmp/tidings_program_test_" + std::to_string(getpid());
  bench::ServerProcess server(kProgram, {"--listen", "unix:" + path, "--listen_mode", "600", "--no_tcp"},
                              bench::ServerProcess::Wait::kNot);
  EXPECT_EQ(server.line(), "Tidings is at unix:" + path + " (Ctrl+C stops it)");
  EXPECT_EQ(server.line(), "By a Unix socket: " + path);
  EXPECT_EQ(server.line(), "Whoever reaches it may publish to demo: curl -d hello --unix-socket " + path +
                               " http://localhost/channels/demo");
  struct stat file {};
  EXPECT_EQ(stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  Client client{std::filesystem::path(path)};
  client.send(post("demo", "hello"));
  EXPECT_EQ(client.response().status, 200);
  EXPECT_TRUE(server.stop());
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Program, AFolderOfOnesOwnComesFirst) {
  const std::filesystem::path root = std::filesystem::path(testing::TempDir()) / "program_test";
  std::filesystem::create_directories(root);
  std::ofstream(root / "index.html") << "mine";
  std::ofstream(root / "new.css") << "new";
  bench::ServerProcess server(kProgram, {"--port", "0", "--web_root", root.string()});
  EXPECT_EQ(ask(server, get("/")).body, "mine");
  EXPECT_EQ(ask(server, get("/test")).body, "mine");
  EXPECT_EQ(ask(server, get("/new.css")).body, "new");
  EXPECT_EQ(ask(server, get("/page.wasm")).status, 200);
  EXPECT_EQ(ask(server, get("/no.css")).status, 404);
  EXPECT_EQ(ask(server, get("/../program_test/index.html")).status, 404);
  EXPECT_EQ(ask(server, get("/%2e%2e/program_test/index.html")).status, 404);
  const std::string policy = "script-src 'self' 'unsafe-eval'";
  bench::ServerProcess lenient(kProgram, {"--port", "0", "--web_root", root.string(), "--web_policy", policy});
  EXPECT_EQ(ask(lenient, get("/")).headers.at("content-security-policy"), policy);
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace tidings
