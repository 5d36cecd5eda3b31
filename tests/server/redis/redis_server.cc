#include "tidings/tests/server/redis/redis_server.h"

#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <thread>

namespace tidings {
namespace {

using Context = std::unique_ptr<redisContext, decltype(&redisFree)>;
using Reply = std::unique_ptr<void, decltype(&freeReplyObject)>;

std::string text_of(const redisReply* reply) {
  if (!reply) return "no reply";
  switch (reply->type) {
    case REDIS_REPLY_INTEGER: return std::to_string(reply->integer);
    case REDIS_REPLY_NIL: return "nil";
    case REDIS_REPLY_ARRAY: break;
    default: return std::string(reply->str, reply->len);
  }
  std::string text;
  for (std::size_t i = 0; i < reply->elements; ++i) {
    text += i == 0 ? "" : " ";
    text += text_of(reply->element[i]);
  }
  return text;
}

std::string say_once(const std::string& socket, std::initializer_list<std::string_view> words) {
  const Context context(redisConnectUnix(socket.c_str()), redisFree);
  if (!context || context->err != 0) return "no connection";
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string_view word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  const Reply reply(redisCommandArgv(context.get(), static_cast<int>(words.size()), texts.data(), sizes.data()),
                    freeReplyObject);
  return text_of(static_cast<const redisReply*>(reply.get()));
}

int socket_of_any_port() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return probe;
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
  std::string path =
      "/tmp/redis.XXXXXX";  // a socket's path may have 107 bytes, which a folder of the test's may not leave
  folder_ = mkdtemp(path.data());
  start();
}

RedisServer::~RedisServer() {
  if (process_ > 0) kill();
  std::filesystem::remove_all(folder_);
}

void RedisServer::start() {
  std::vector<std::string> words = {"redis-server",
                                    "--port",
                                    "0",
                                    "--unixsocket",
                                    socket(),
                                    "--dir",
                                    folder_,
                                    "--logfile",
                                    folder_ + "/log",
                                    "--save",
                                    "",
                                    "--repl-diskless-sync-delay",
                                    "0"};
  words.insert(words.end(), arguments_.begin(), arguments_.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::filesystem::remove(socket());
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    execvp(pointers.front(), pointers.data());
    std::fputs("There is no redis-server: ./bazelw test installs it.\n", stderr);
    _exit(127);
  }
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < std::chrono::seconds(20)) {
    const std::string said = say_once(socket(), {"PING"});
    if (said == "PONG" || said.starts_with("NOAUTH")) {
      if (port_ != 0) say({"CONFIG", "SET", "port", std::to_string(port_)});
      return;
    }
    if (waitpid(process_, nullptr, WNOHANG) == process_) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // there is nothing else to wait by
  }
  std::ifstream log(folder_ + "/log");
  throw std::runtime_error("redis-server does not start: " + std::string(std::istreambuf_iterator<char>(log), {}));
}

// Redis leaves a SIGTERM be while it writes its first append-only file, after a full synchronisation for example.
void RedisServer::stop(int signal) {
  if (process_ <= 0) return;
  ::kill(process_, SIGCONT);
  const auto begin = std::chrono::steady_clock::now();
  for (bool has_ended = false; !has_ended; has_ended = waitpid(process_, nullptr, WNOHANG) == process_) {
    const bool is_late = std::chrono::steady_clock::now() - begin > std::chrono::seconds(20);
    ::kill(process_, is_late ? SIGKILL : signal);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // there is nothing else to wait by
  }
  process_ = -1;
}

void RedisServer::kill() { stop(SIGKILL); }

void RedisServer::pause() { ::kill(process_, SIGSTOP); }

void RedisServer::go_on() { ::kill(process_, SIGCONT); }

// One that the system has just given out and taken back. Whoever takes it before Redis does makes it try the next one.
std::uint16_t RedisServer::listen_on_a_port() {
  for (int attempt = 0; attempt < 20; ++attempt) {
    const int probe = socket_of_any_port();
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(probe);
    port_ = ntohs(address.sin_port);
    if (say({"CONFIG", "SET", "port", std::to_string(port_)}) == "OK") return port_;
  }
  throw std::runtime_error("redis-server finds no port");
}

std::string RedisServer::say(std::initializer_list<std::string_view> words) { return say_once(socket(), words); }

}  // namespace tidings
