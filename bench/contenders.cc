#include "bench/contenders.h"

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

#include "bench/socket.h"

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

}  // namespace

const std::vector<Contender>& Contenders::all() {
  static const std::vector<Contender> kAll = {
      {"floor", "floor: bare epoll and send()", "1 thread"},
      {"ours", "Tidings, channel", "1 loop"},
      {"ours2", "Tidings, channel, 2 loops", "2 loops"},
      {"nchan", "nginx with nchan", "1 worker"},
      {"go", "Go net/http", "1 processor"},
      {"go2", "Go net/http, 2 processors", "2 processors"},
      {"node", "node http", "1 thread"},
      {"better_sse", "better-sse on node", "1 thread"},
      {"thread_per_stream", "cpp-httplib, thread per stream", "a thread each"},
  };
  return kAll;
}

Contenders::Contenders() {
  const fs::path self = fs::read_symlink("/proc/self/exe");
  programs_ = self.parent_path();
  rivals_ = self.string() + ".runfiles/tidings/bench/rivals";
  std::string pattern = fs::temp_directory_path() / "tidings_bench_XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
  scratch_ = pattern;
  fs::permissions(scratch_, fs::perms::others_exec | fs::perms::group_exec, fs::perm_options::add);  // nginx's worker
}

Contenders::~Contenders() {
  std::error_code ignored;
  fs::remove_all(scratch_, ignored);
}

std::string Contenders::prepare(const Contender& contender) {
  const std::string& name = contender.name;
  if (name == "nchan") {
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
    const bool is_built =
        succeeds("GO111MODULE=off GOPROXY=off GOFLAGS= GOCACHE=" + quoted(scratch_ / "go_cache") + " go build -o " +
                 quoted(scratch_ / "net_http") + ' ' + quoted(fs::canonical(rivals_ / "net_http.go")) + " >&2");
    return is_built ? std::string() : "go build failed";
  }
  if (name != "node" && name != "better_sse") return {};
  if (!find_program("node")) return "node is missing: apt-get install nodejs";
  if (name == "node") return {};
  // Beside the sources, where node looks from the script's real path.
  const fs::path folder = fs::canonical(rivals_ / "package.json").parent_path();
  if (fs::exists(folder / "node_modules/better-sse")) return {};
  if (!find_program("npm")) return "npm is missing: apt-get install npm";
  const bool is_installed = succeeds("cd " + quoted(folder) + " && npm ci --no-audit --no-fund >&2");
  return is_installed ? std::string() : "npm ci failed";
}

std::unique_ptr<ServerProcess> Contenders::start(const Contender& contender, std::size_t subscribers) {
  const std::string& name = contender.name;
  std::unique_ptr<ServerProcess> made = [&]() -> std::unique_ptr<ServerProcess> {
    const auto run = [](const fs::path& program, std::vector<std::string> arguments) {
      return std::make_unique<ServerProcess>(program, std::move(arguments));
    };
    if (name == "floor") return run(programs_ / "floor", {});
    // As many loops as the floor has threads, or two; its defaults otherwise.
    if (name == "ours") return run(programs_ / "../server/server", {"--port", "0", "--threads", "1"});
    if (name == "ours2") return run(programs_ / "../server/server", {"--port", "0", "--threads", "2"});
    if (name == "nchan") {
      const fs::path folder = scratch_ / "nginx";
      fs::create_directories(folder);
      return run("/bin/bash", {rivals_ / "nginx_nchan.sh", folder});
    }
    // The runtime's own threads (collector, poller) come on top, as everywhere.
    if (name == "go" || name == "go2") {
      return run("/usr/bin/env", {name == "go" ? "GOMAXPROCS=1" : "GOMAXPROCS=2", scratch_ / "net_http"});
    }
    // Production is what its users run.
    const fs::path script = rivals_ / (name == "node" ? "node_http.mjs" : "better_sse.mjs");
    if (name == "node" || name == "better_sse") {
      return run("/usr/bin/env", {"NODE_ENV=production", "node", fs::canonical(script)});
    }
    if (name == "thread_per_stream") return run(programs_ / name, {std::to_string(subscribers + 8)});
    throw std::runtime_error("There is no contender " + name);
  }();
  wait_until_it_answers(made->port());
  return made;
}

}  // namespace tidings::bench
