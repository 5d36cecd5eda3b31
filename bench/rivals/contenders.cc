#include "tidings/bench/rivals/contenders.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "tidings/bench/load/page_client.h"
#include "tidings/bench/load/socket.h"

namespace tidings::bench {
namespace {

namespace fs = std::filesystem;

// Where the shell would find a program; sbin too, which is not in every user's PATH.
std::optional<fs::path> find_program(const std::string& name) {
  const char* given = std::getenv("PATH");
  std::string path = std::string(given != nullptr ? given : "") + ":/usr/sbin:/usr/local/sbin";
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const fs::path candidate = fs::path(path.substr(begin, end - begin)) / name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  return std::nullopt;
}

std::string quoted(const fs::path& path) {
  std::string text = "'";
  for (const char c : path.string()) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

bool succeeds(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void wait_until_it_answers(std::uint16_t port) {
  for (const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);;) {
    try {
      Socket::connect(port, Socket::Mode::kBlocking);
      return;
    } catch (const std::system_error&) {
      if (std::chrono::steady_clock::now() > deadline) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

// nchan refuses what is published until it has found its Redis.
void wait_until_it_publishes(std::uint16_t port) {
  for (const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);;) {
    const int status = PageClient(port).post("/channels/load", "is it there?").status;
    if (status >= 200 && status <= 299) return;
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("it does not find its Redis");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace

const std::vector<Contender>& Contenders::all() {
  static const std::vector<Contender> kAll = {
      {.name = "floor", .title = "floor: bare epoll and send()", .serves_on = "1 thread", .has_clock = true},
      {.name = "floor_gathering",
       .title = "floor that gathers: one send() a turn",
       .serves_on = "1 thread",
       .flags = {"gathering"}},
      {.name = "ours",
       .title = "Tidings, channel",
       .serves_on = "1 loop",
       .flags = {"--threads", "1"},
       .keeps_history = true},
      {.name = "ours2",
       .title = "Tidings, channel, 2 loops",
       .serves_on = "2 loops",
       .flags = {"--threads", "2"},
       .keeps_history = true},
      {.name = "ours_gathering",
       .title = "Tidings, gathering for 5 ms",
       .serves_on = "1 loop",
       .flags = {"--threads", "1", "--gather", "load=5"}},
      {.name = "ours_process",
       .title = "Tidings, kept over a kill",
       .serves_on = "1 loop",
       .flags = {"--threads", "1"},
       .keeps_history = true,
       .durability = "process"},
      {.name = "ours_power",
       .title = "Tidings, kept over a power loss",
       .serves_on = "1 loop",
       .flags = {"--threads", "1"},
       .keeps_history = true,
       .durability = "power"},
      {.name = "ours_redis",
       .title = "Tidings, kept in Redis",
       .serves_on = "1 loop",
       .flags = {"--threads", "1"},
       .keeps_history = true,
       .has_redis = true},
      {.name = "ours_generators",
       .title = "Tidings, generator per client",
       .serves_on = "1 loop",
       .flags = {"1"},
       .target = "/follow",
       .has_clock = true,
       .keeps_history = true},
      {.name = "ours_generators2",
       .title = "Tidings, generator per client, 2 loops",
       .serves_on = "2 loops",
       .flags = {"2"},
       .target = "/follow",
       .has_clock = true,
       .keeps_history = true},
      {.name = "nchan", .title = "nginx with nchan", .serves_on = "1 worker", .keeps_history = true},
      {.name = "nchan_redis",
       .title = "nginx with nchan, kept in Redis",
       .serves_on = "1 worker",
       .keeps_history = true,
       .has_redis = true},
      {.name = "go", .title = "Go net/http", .serves_on = "1 processor", .has_clock = true},
      {.name = "go2", .title = "Go net/http, 2 processors", .serves_on = "2 processors", .has_clock = true},
      {.name = "node", .title = "node http", .serves_on = "1 thread", .has_clock = true},
      {.name = "better_sse", .title = "better-sse on node", .serves_on = "1 thread", .has_clock = true},
      {.name = "thread_per_stream",
       .title = "cpp-httplib, thread per stream",
       .serves_on = "a thread each",
       .has_clock = true,
       .keeps_history = true},
      {.name = "redis",
       .title = "Redis stream, appendfsync always",
       .serves_on = "1 thread",
       .durability = "always",
       .protocol = Publisher::Protocol::kRedis},
      {.name = "redis_everysec",
       .title = "Redis stream, appendfsync everysec",
       .serves_on = "1 thread",
       .durability = "everysec",
       .protocol = Publisher::Protocol::kRedis},
      {.name = "redis_benchmark",
       .title = "the same, by redis-benchmark",
       .serves_on = "1 thread",
       .durability = "everysec",
       .protocol = Publisher::Protocol::kRedis},
  };
  return kAll;
}

Contenders::Contenders(const Veth* veth) : veth_(veth) {
  const fs::path self = fs::read_symlink("/proc/self/exe");
  programs_ = self.parent_path().parent_path();
  const char* const test = std::getenv("TEST_SRCDIR");  // where a test runs it, the scripts are in the test's runfiles
  rivals_ = fs::path(test ? test : self.string() + ".runfiles") / "tidings/bench/rivals";
  std::string pattern = fs::temp_directory_path() / "tidings_bench_XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
  scratch_ = pattern;
  fs::permissions(scratch_, fs::perms::others_exec | fs::perms::group_exec, fs::perm_options::add);  // nginx's worker
}

Contenders::~Contenders() {
  std::error_code ignored;
  fs::remove_all(scratch_, ignored);
}

const std::string& Contenders::prepare(const Contender& contender) {
  const auto [entry, is_new] = prepared_.try_emplace(contender.name);
  if (is_new) entry->second = try_to_prepare(contender);
  return entry->second;
}

std::string Contenders::try_to_prepare(const Contender& contender) const {
  const std::string& name = contender.name;
  if ((contender.has_redis || !contender.has_streams()) && !find_program("redis-server")) {
    return "redis is missing: apt-get install redis-server";
  }
  if (name.starts_with("nchan")) {
    if (!find_program("nginx")) return "nginx is missing: apt-get install nginx-light libnginx-mod-nchan";
    for (const char* folder : {"/usr/lib/nginx/modules", "/usr/lib64/nginx/modules"}) {
      if (fs::exists(fs::path(folder) / "ngx_nchan_module.so")) return {};
    }
    return "nchan is missing: apt-get install libnginx-mod-nchan";
  }
  if (name == "go" || name == "go2") {
    if (!find_program("go")) return "go is missing: apt-get install golang-go";
    if (fs::exists(scratch_ / "net_http")) return {};
    // Nothing is fetched: the standard library alone, and no module.
    const bool is_built = succeeds("GO111MODULE=off GOPROXY=off GOFLAGS= go build -o " + quoted(scratch_ / "net_http") +
                                   ' ' + quoted(fs::canonical(rivals_ / "net_http.go")) + " >&2");
    return is_built ? std::string() : "go build failed";
  }
  if (name != "node" && name != "better_sse") return {};
  if (!find_program("node")) return "node is missing: apt-get install nodejs";
  if (name == "node") return {};
  if (!succeeds("node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'"))
    return "it needs node 20 or newer";
  // Beside the sources, where node looks from the script's real path.
  const fs::path folder = fs::canonical(rivals_ / "package.json").parent_path();
  if (fs::exists(folder / "node_modules/better-sse")) return {};
  if (!find_program("npm")) return "npm is missing: apt-get install npm";
  const bool is_installed = succeeds("cd " + quoted(folder) + " && npm ci --no-audit --no-fund >&2");
  return is_installed ? std::string() : "npm ci failed";
}

std::chrono::nanoseconds Contenders::network_cpu() const {
  return veth_ != nullptr ? veth_->cpu() : std::chrono::nanoseconds(0);
}

std::unique_ptr<ServerProcess> Contenders::start(const Contender& contender, const std::vector<std::string>& flags) {
  if (!contender.has_streams()) return start_redis(contender.durability);
  if (!contender.has_redis) return start_node(contender, flags, 0);
  std::unique_ptr<ServerProcess> redis = start_redis("everysec");
  std::unique_ptr<ServerProcess> node = start_node(contender, flags, redis->port());
  node->keep(std::move(redis));
  return node;
}

ServerProcess& Contenders::start_another(const Contender& contender, ServerProcess& first) {
  return first.keep(start_node(contender, {}, redis_of(first).port()));
}

std::unique_ptr<ServerProcess> Contenders::start_redis(const std::string& fsync) {
  const fs::path folder = scratch_ / "data";
  fs::create_directories(folder);
  return run("/bin/bash", {rivals_ / "redis.sh", folder, fsync}, folder);
}

std::unique_ptr<ServerProcess> Contenders::start_node(const Contender& contender, const std::vector<std::string>& flags,
                                                      std::uint16_t redis) {
  const std::string& name = contender.name;
  fs::path program = programs_ / "bench/rivals" / name;
  std::vector<std::string> arguments;
  fs::path folder;
  if (contender.is_floor()) {
    program = programs_ / "bench/rivals/floor";
    arguments = contender.flags;
  } else if (name.starts_with("ours_generators")) {
    program = programs_ / "bench/rivals/generator_per_client";
    arguments = contender.flags;
  } else if (contender.is_ours()) {
    // As many loops as the floor has threads, or two; its defaults otherwise.
    program = programs_ / "server/server";
    arguments = {"--port", "0", "--publish_token", kPublishToken};
    arguments.insert(arguments.end(), contender.flags.begin(), contender.flags.end());
    if (veth_ != nullptr) arguments.insert(arguments.end(), {"--host", "0.0.0.0"});
    if (!contender.durability.empty()) {
      folder = scratch_ / "data";
      fs::create_directories(folder);
      arguments.insert(arguments.end(), {"--data_dir", folder, "--durability", contender.durability});
    }
    if (redis != 0) arguments.insert(arguments.end(), {"--redis", "redis://127.0.0.1:" + std::to_string(redis)});
    arguments.insert(arguments.end(), flags.begin(), flags.end());
  } else if (name.starts_with("nchan")) {
    program = "/bin/bash";
    folder = scratch_ / ("nginx" + std::to_string(++folders_));
    fs::create_directories(folder);
    arguments = {rivals_ / "nginx_nchan.sh", folder};
    if (redis != 0) arguments.push_back(std::to_string(redis));
  } else if (name == "go" || name == "go2") {
    // The runtime's own threads (collector, poller) come on top, as everywhere.
    program = "/usr/bin/env";
    arguments = {name == "go" ? "GOMAXPROCS=1" : "GOMAXPROCS=2", scratch_ / "net_http"};
  } else if (name == "node" || name == "better_sse") {
    program = "/usr/bin/env";
    const char* script = name == "node" ? "node_http.mjs" : "better_sse.mjs";
    arguments = {"NODE_ENV=production", "node", fs::canonical(rivals_ / script)};  // production is what its users run
  }
  std::unique_ptr<ServerProcess> node = run(std::move(program), std::move(arguments), folder);
  if (redis != 0 && !contender.is_ours()) wait_until_it_publishes(node->port());
  return node;
}

// The folder goes with it.
std::unique_ptr<ServerProcess> Contenders::run(fs::path program, std::vector<std::string> arguments,
                                               const fs::path& folder) {
  if (veth_ != nullptr) {
    arguments.insert(arguments.begin(), {"--net=" + veth_->path(), program});
    program = "/usr/bin/nsenter";
  }
  auto made = std::make_unique<ServerProcess>(std::move(program), std::move(arguments));
  if (!folder.empty()) made->own(folder);
  wait_until_it_answers(made->port());
  return made;
}

}  // namespace tidings::bench
