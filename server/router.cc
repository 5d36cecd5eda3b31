#include "server/router.h"

#include <httplib.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <utility>

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
  bool is_writable() const { return exchange_.response.size() < kMostResponseBytes; }
  bool wait_writable() const { return is_writable(); }

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
    if (!is_writable()) return -1;
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
  for (const auto& [name, value] : from.headers) {
    if (name != "REMOTE_ADDR" && name != "REMOTE_PORT") request.headers.emplace_back(name, value);
  }
  request.body = from.body;
  request.remote_address = from.remote_addr;
  return request;
}

void write_answer(Answer answer, httplib::Response& to) {
  to.status = answer.status;
  bool is_encoded = false;
  for (const auto& [name, value] : answer.headers) {
    to.set_header(name, value);
    is_encoded = is_encoded || name == "Content-Encoding";
  }
  if (!is_encoded || answer.body.empty()) {
    to.set_content(std::move(answer.body), answer.content_type);
    return;
  }
  // cpp-httplib compresses content that it holds itself, encoded or not; what a provider gives it leaves alone.
  const std::size_t size = answer.body.size();
  to.set_content_provider(
      size, answer.content_type,
      [body = std::move(answer.body)](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        return sink.write(body.data() + offset, length);
      });
}

void write_failure(const httplib::Request& request, httplib::Response& response, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Refusal& refusal) {
    return write_answer(problem(refusal.status(), refusal.what()), response);
  } catch (const std::exception& error) {
    spdlog::error("{}: the handler failed: {}", request.path, error.what());
  } catch (...) {
    spdlog::error("{}: the handler failed with an exception that is no std::exception", request.path);
  }
  write_answer(problem(500, "The handler of this path failed; the server's log says why."), response);
}

std::string sentence_for(int status, const httplib::Request& request) {
  switch (status) {
    case 400: return "The request could not be understood.";
    case 404: return "There is nothing at " + request.path + ".";
    case 414: return "The request's target is too long.";
    case 416: return "The range is not within the content.";
    default: return "The request was not answered.";
  }
}

void refuse_other_methods(httplib::Server& http, const std::string& pattern) {
  const auto refuse = [](const httplib::Request& request, httplib::Response& response) {
    Answer answer = problem(405, request.path + " takes GET and HEAD, not " + request.method + ".");
    answer.headers.emplace_back("Allow", "GET, HEAD");
    write_answer(std::move(answer), response);
  };
  http.Post(pattern, refuse).Put(pattern, refuse).Patch(pattern, refuse).Delete(pattern, refuse);
  http.Options(pattern, refuse);
}

}  // namespace

class Router::Http final : public httplib::Server {
 public:
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

  std::list<Endpoint> endpoints;  // where StreamRequest points
};

Router::Router(std::chrono::seconds keep_alive) : http_(std::make_unique<Http>()) {
  http_->set_keep_alive_timeout(keep_alive.count());
  http_->set_keep_alive_max_count(1000);
  http_->set_exception_handler([](const httplib::Request& request, httplib::Response& response,
                                  std::exception_ptr failure) { write_failure(request, response, failure); });
  http_->set_error_handler(httplib::Server::Handler([](const httplib::Request& request, httplib::Response& response) {
    if (!response.body.empty()) return;
    response.set_content(problem_body(response.status, sentence_for(response.status, request)),
                         std::string(kProblemType));
  }));
}

Router::~Router() = default;

httplib::Server& Router::http() { return *http_; }

void Router::get(const std::string& pattern, Handler handler) {
  http_->Get(pattern, [handler = std::move(handler)](const httplib::Request& request, httplib::Response& response) {
    write_answer(handler(to_request(request)), response);
  });
  refuse_other_methods(*http_, pattern);
}

void Router::stream(const std::string& pattern, Endpoint endpoint) {
  const Endpoint& kept = http_->endpoints.emplace_back(std::move(endpoint));
  http_->Get(pattern, [&kept](const httplib::Request& request, httplib::Response&) {
    current_exchange->stream.emplace(StreamRequest{&kept, to_request(request)});
  });
  refuse_other_methods(*http_, pattern);
}

void Router::answer(Exchange& exchange) {
  MemoryStream stream(exchange);
  current_exchange = &exchange;
  const bool is_whole = http_->answer(stream, exchange);
  current_exchange = nullptr;
  if (exchange.stream) {
    exchange.response.clear();
  } else if (!is_whole) {
    exchange.keep_alive = false;  // a response that was cut off or a request that it could not read to its end
  }
}

std::string problem_response(int status, std::string_view sentence) {
  const std::string body = problem_body(status, sentence);
  std::string response = "HTTP/1.1 " + std::to_string(status) + ' ';
  response.append(reason_phrase(status)).append("\r\nContent-Type: ").append(kProblemType);
  response.append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\nConnection: close\r\n\r\n");
  return response.append(body);
}

}  // namespace tidings
