#include "server/router.h"

#include <httplib.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <map>
#include <set>
#include <utility>

#include "server/failure.h"
#include "server/text.h"

namespace tidings {
namespace {

// The longest response that is collected in memory; a handler that streams more is cut off and its connection closed.
constexpr std::size_t kMostResponseBytes = 64 * 1024 * 1024;

// The exchange that this worker is answering: how a route tells that it wants a stream, since cpp-httplib passes
// nothing of ours through to a handler.
thread_local Exchange* current_exchange = nullptr;

// cpp-httplib's socket, over bytes. No `override`: releases differ in which of these are virtual.
class MemoryStream final : public httplib::Stream {
 public:
  explicit MemoryStream(Exchange& exchange) : exchange_(exchange) {}

  bool is_readable() const { return true; }
  bool wait_readable() const { return true; }
  bool is_writable() const { return true; }
  bool wait_writable() const { return true; }

  ssize_t read(char* bytes, std::size_t size) {
    const std::string& source = taken_ < exchange_.head.size() ? exchange_.head : exchange_.body;
    const std::size_t offset = taken_ - (&source == &exchange_.body ? exchange_.head.size() : 0);
    const std::size_t count = std::min(size, source.size() - offset);
    std::memcpy(bytes, source.data() + offset, count);
    taken_ += count;
    return static_cast<ssize_t>(count);
  }

  using httplib::Stream::write;
  ssize_t write(const char* bytes, std::size_t size) {
    if (size > kMostResponseBytes - exchange_.response.size()) return -1;
    exchange_.response.append(bytes, size);
    return static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const {
    ip = exchange_.remote_address;
    port = exchange_.remote_port;
  }
  void get_local_ip_and_port(std::string&, int&) const {}
  socket_t socket() const { return INVALID_SOCKET; }
  time_t duration() const { return 0; }

 private:
  Exchange& exchange_;
  std::size_t taken_ = 0;
};

Request to_request(const httplib::Request& from) {
  Request request;
  request.method = from.method;
  request.path = from.path;
  for (std::size_t i = 1; i < from.matches.size(); ++i) request.captures.push_back(from.matches[i].str());
  request.parameters.assign(from.params.begin(), from.params.end());
  request.headers = current_exchange->fields();
  request.body = from.body;
  request.remote_address = current_exchange->remote_address;
  return request;
}

Answer answer_for(const httplib::Request& request, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Refusal& refusal) {
    return problem(refusal);
  } catch (...) {
    spdlog::error("{}: the handler failed: {}", printable(request.path), describe(failure));
  }
  return problem(500, "The handler of this path failed; the server's log says why.");
}

bool is_known_method(std::string_view head) {
  static constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return std::find(std::begin(kMethods), std::end(kMethods), head.substr(0, head.find(' '))) != std::end(kMethods);
}

std::string sentence_for(int status, const httplib::Request& request) {
  switch (status) {
    case 400: return "The request could not be understood.";
    case 404: return "There is nothing at " + request.path + ".";
    case 414: return "The request's target is too long.";
    default: return "The request was not answered.";
  }
}

}  // namespace

class Router::Http final : public httplib::Server {
 public:
  // A server without a socket counts as one that shuts down, and what content providers give is then left out. This one
  // never has a socket: the number only has to be another than INVALID_SOCKET.
  Http() { svr_sock_ = 0; }

  bool answer(MemoryStream& stream, const Exchange& exchange) {
    bool is_closing = !exchange.keep_alive;
    const auto no_setup = [](httplib::Request&) {};
    const auto process = [&](auto& self) {
      if constexpr (requires { self.process_request(stream, is_closing, is_closing, no_setup); }) {
        return self.process_request(stream, is_closing, is_closing, no_setup);
      } else {  // releases since 0.15 take the addresses here
        return self.process_request(stream, exchange.remote_address, exchange.remote_port, "", 0, is_closing,
                                    is_closing, no_setup);
      }
    };
    return process(*this);
  }

  std::list<OpenStream> streams;                        // where StreamRequest points
  std::map<std::string, std::set<std::string>> routes;  // the methods of each pattern
};

Router::Router(std::chrono::seconds keep_alive, const CorsPolicy& cors) : cors_(cors), http_(std::make_unique<Http>()) {
  http_->set_keep_alive_timeout(keep_alive.count());
  http_->set_exception_handler([](const httplib::Request& request, httplib::Response&, std::exception_ptr failure) {
    current_exchange->answer = answer_for(request, failure);
  });
  http_->set_error_handler(httplib::Server::Handler([](const httplib::Request& request, httplib::Response& response) {
    const bool has_answer = current_exchange->answer || !response.body.empty();
    if (!has_answer) current_exchange->answer = problem(response.status, sentence_for(response.status, request));
  }));
}

Router::~Router() = default;

httplib::Server& Router::http() { return *http_; }

void Router::get(const std::string& pattern, Handler handler) {
  http_->routes[pattern].insert({"GET", "HEAD"});
  http_->Get(pattern, [handler = std::move(handler)](const httplib::Request& request, httplib::Response&) {
    current_exchange->answer = handler(to_request(request));
  });
}

void Router::post(const std::string& pattern, Handler handler) {
  http_->routes[pattern].insert("POST");
  // With a content reader cpp-httplib leaves the body alone: it takes forms apart otherwise, whatever they are for.
  http_->Post(pattern, [handler = std::move(handler)](const httplib::Request& request, httplib::Response&,
                                                      const httplib::ContentReader&) {
    Request ours = to_request(request);
    ours.body = std::move(current_exchange->body);
    current_exchange->answer = handler(ours);
  });
}

void Router::stream(const std::string& pattern, OpenStream open) {
  http_->routes[pattern].insert({"GET", "HEAD"});
  const OpenStream& kept = http_->streams.emplace_back(std::move(open));
  http_->Get(pattern, [&kept](const httplib::Request& request, httplib::Response&) {
    current_exchange->stream.emplace(StreamRequest{&kept, to_request(request)});
  });
}

void Router::refuse_other_methods() {
  for (const auto& [pattern, methods] : std::exchange(http_->routes, {})) {
    std::string allowed;
    for (const std::string& method : methods) allowed.append(allowed.empty() ? "" : ", ").append(method);
    const auto refuse = [allowed](const httplib::Request& request, httplib::Response&) {
      Answer answer = problem(405, request.path + " takes " + allowed + ", not " + request.method + ".");
      answer.headers.emplace_back("Allow", allowed);
      current_exchange->answer = std::move(answer);
    };
    const auto refuse_unread = [refuse](const httplib::Request& request, httplib::Response& response,
                                        const httplib::ContentReader&) { refuse(request, response); };
    const auto lacks = [&methods = methods](const char* method) { return methods.count(method) == 0; };
    if (lacks("GET")) http_->Get(pattern, refuse);
    if (lacks("POST")) http_->Post(pattern, refuse_unread);
    http_->Put(pattern, refuse_unread).Patch(pattern, refuse_unread).Delete(pattern, refuse_unread);
    http_->Options(pattern, [this, refuse, allowed](const httplib::Request& request, httplib::Response& response) {
      current_exchange->answer = cors_.preflight(to_request(request), allowed);
      if (!current_exchange->answer) refuse(request, response);
    });
  }
}

void Router::answer(Exchange& exchange) {
  current_exchange = &exchange;
  try {
    if (!is_known_method(exchange.head)) {
      exchange.answer = problem(501, "The server knows the methods GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS.");
    } else if (MemoryStream stream(exchange); !http_->answer(stream, exchange)) {
      exchange.keep_alive = false;  // a response that was cut off or a request that it could not read to its end
    }
    if (exchange.answer) {
      const Request::Fields sent = exchange.fields();
      cors_.mark(*exchange.answer, first_field(sent, "Origin"));
      exchange.response =
          response_bytes(*exchange.answer, {.keep_alive = exchange.keep_alive, .is_head = exchange.is_head});
    }
  } catch (const std::exception& error) {
    spdlog::error("a request could not be answered: {}", error.what());
    exchange.keep_alive = false;
    exchange.stream.reset();
    exchange.response =
        response_bytes(problem(500, "The request could not be answered; the server's log says why."), {});
  }
  current_exchange = nullptr;
}

}  // namespace tidings
