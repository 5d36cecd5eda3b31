#include "tidings/server/http/router.h"

#include <httplib.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <stdexcept>
#include <utility>

#include "tidings/server/http/text.h"
#include "tidings/server/loop/failure.h"

namespace tidings {
namespace {

// The longest response that is collected in memory; a handler that streams more is cut off and its connection closed.
constexpr std::size_t kMostResponseBytes = 64 * 1024 * 1024;

// Of a path that meets the regular expressions of the application's routes: each character costs 580 bytes of stack for
// simple ones and 4,660 for alternatives nested eight deep, of 2 MiB that a thread has at least. cpp-httplib has chosen
// the same since.
constexpr std::size_t kLongestMatchedPath = 256;
// Of what a loop may answer itself: what it takes grows with the fields and the parameters.
constexpr std::size_t kLongestQuickRequest = 4096;
// Of those whose request line is kept with what cpp-httplib has made of it.
constexpr std::size_t kMostKnown = 1024, kLongestKnown = 256;
// Of a Content-Disposition in a multipart body, which cpp-httplib matches by a regular expression too.
constexpr std::size_t kLongestDisposition = 512;

// The request that a worker is answering.
struct Answering {
  ReceivedRequest& request;
  Outcome& outcome;
  Request::Fields fields = {};        // until with_fields() takes them
  std::string allow = {};             // the methods of our routes at this path, where the request has another
  std::optional<Answer> answer = {};  // what is said by a route of ours, or in place of one: not response bytes yet
  bool is_later = false;              // a route of ours has the request, and will answer it
  Admitted admitted = {};             // by the route
};

// This worker's. It is how a route tells that it wants a stream, since cpp-httplib passes nothing of ours through to a
// handler.
thread_local Answering* current = nullptr;

// cpp-httplib's socket, over bytes. No `override`: releases differ in which of these are virtual.
class MemoryStream final : public httplib::Stream {
 public:
  // The head is valid for as long as this is. The body is the request's, until a route of ours has taken it: some
  // releases, 0.41 among them, read on behind such a route.
  MemoryStream(std::string_view head, Answering& answering)
      : head_(head), request_(answering.request), response_(answering.outcome.response) {}

  bool is_readable() const { return true; }
  bool wait_readable() const { return true; }
  bool is_writable() const { return true; }
  bool wait_writable() const { return true; }

  ssize_t read(char* bytes, std::size_t size) {
    const bool is_head = taken_ < head_.size();
    std::string_view rest = is_head ? head_ : request_.body;
    rest.remove_prefix(std::min(is_head ? taken_ : taken_ - head_.size(), rest.size()));
    const std::size_t count = std::min(size, rest.size());
    if (count == 1) {  // a head is read byte by byte
      *bytes = rest.front();
    } else {
      std::memcpy(bytes, rest.data(), count);
    }
    taken_ += count;
    return static_cast<ssize_t>(count);
  }

  using httplib::Stream::write;
  ssize_t write(const char* bytes, std::size_t size) {
    if (size > kMostResponseBytes - response_.size()) return -1;
    response_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const {
    ip = request_.remote_address;
    port = request_.remote_port;
  }
  void get_local_ip_and_port(std::string&, int&) const {}
  socket_t socket() const { return INVALID_SOCKET; }
  time_t duration() const { return 0; }

 private:
  const std::string_view head_;
  const ReceivedRequest& request_;
  std::string& response_;
  std::size_t taken_ = 0;  // of head and body
};

std::string_view line_of(std::string_view head) { return head.substr(0, head.find("\r\n")); }

// As far as the request line goes.
Request to_request(const httplib::Request& from, std::vector<std::string> captures = {},
                   std::shared_ptr<const std::vector<std::string>> capture_names = {}) {
  Request request;
  request.method = from.method;
  request.path = from.path;
  request.captures = std::move(captures);
  request.capture_names = std::move(capture_names);
  request.parameters.assign(from.params.begin(), from.params.end());
  return request;
}

// With the rest of its head. Once.
Request with_fields(Request request) {
  request.headers = std::exchange(current->fields, {});
  request.remote_address = current->request.remote_address;
  request.scheme = current->request.scheme;
  return request;
}

Answer answer_for(std::string_view path, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Refusal& refusal) {
    return problem(refusal);
  } catch (...) {
    current->outcome.has_failed = true;
    spdlog::error("{}: the handler failed: {}", printable(path), describe(failure));
  }
  return problem(500, "The handler of this path failed; the server's log says why.");
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

// Why the application's routes are not to see a request that is for none of ours: cpp-httplib would cut the name of a
// file short at a NUL.
std::optional<Answer> kept_from_http(const httplib::Request& request) {
  if (request.path.size() > kLongestMatchedPath) {
    return problem(414, "The request's path is longer than any that there is.");
  }
  if (has_control_character(request.path)) return problem(400, "The request's path holds a control character.");
  return std::nullopt;
}

Answer wrong_method(const httplib::Request& request, const std::string& allow) {
  return problem(Refusal(405, request.path + " takes " + allow + ", not " + request.method + ".", {{"Allow", allow}}));
}

bool has_long_disposition(const Request::Fields& fields, std::string_view body) {
  constexpr std::string_view kMultipart = "multipart/", kDisposition = "content-disposition:";
  const std::string_view type = first_field(fields, "Content-Type").value_or("");
  if (!equal_but_for_case(type.substr(0, kMultipart.size()), kMultipart)) return false;
  while (!body.empty()) {
    const std::string_view line = body.substr(0, body.find("\r\n"));
    if (line.size() > kLongestDisposition && equal_but_for_case(line.substr(0, kDisposition.size()), kDisposition)) {
      return true;
    }
    body.remove_prefix(std::min(body.size(), line.size() + 2));
  }
  return false;
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

// To a response that cpp-httplib has written, where the application has given it none.
void add_date(std::string& response, const std::string& date) {
  const std::size_t fields = response.find("\r\n") + 2;
  std::string_view rest = response;
  for (rest.remove_prefix(fields); !rest.starts_with("\r\n"); rest.remove_prefix(rest.find("\r\n") + 2)) {
    if (equal_but_for_case(rest.substr(0, 5), "date:")) return;
  }
  response.insert(fields, "Date: " + date + "\r\n");
}

}  // namespace

class Router::Http final : public httplib::Server {
 public:
  // A server without a socket counts as one that shuts down, and what content providers give is then left out. This one
  // never has a socket: the number only has to be another than INVALID_SOCKET.
  Http() { svr_sock_ = 0; }

  bool answer(MemoryStream& stream, const ReceivedRequest& request) {
    bool is_closing = !request.keep_alive || request.is_quick;  // what it says itself to a quick one is dropped
    const auto no_setup = [](httplib::Request&) {};
    const auto process = [&](auto& self) {
      if constexpr (requires { self.process_request(stream, is_closing, is_closing, no_setup); }) {
        return self.process_request(stream, is_closing, is_closing, no_setup);
      } else {  // releases since 0.15 take the addresses here
        return self.process_request(stream, request.remote_address, request.remote_port, "", 0, is_closing, is_closing,
                                    no_setup);
      }
    };
    return process(*this);
  }
};

// cpp-httplib can't be asked for the hooks that an application has set, and ours must come behind those, not instead of
// them. Access is not checked in an explicit instantiation, so that one can name its members as they are.
namespace {

using Hook = httplib::Server::HandlerWithResponse httplib::Server::*;
using PlainHook = httplib::Server::Handler httplib::Server::*;
using LogHook = httplib::Logger httplib::Server::*;

struct PreRouting {
  friend Hook member(PreRouting);
};
struct ErrorHandler {
  friend Hook member(ErrorHandler);
};
struct PostRouting {
  friend PlainHook member(PostRouting);
};
struct Log {
  friend LogHook member(Log);
};
template <class Tag, class Member, Member named>
struct Named {
  friend Member member(Tag) { return named; }
};
template struct Named<PreRouting, Hook, &httplib::Server::pre_routing_handler_>;
template struct Named<ErrorHandler, Hook, &httplib::Server::error_handler_>;
template struct Named<PostRouting, PlainHook, &httplib::Server::post_routing_handler_>;
template struct Named<Log, LogHook, &httplib::Server::logger_>;

// What an application has set sees whole requests alone.
template <class Function>
void keep_from_heads(Function& function) {
  if (!function) return;
  function = [theirs = std::move(function)](const httplib::Request& request, auto& response) {
    if (!current->request.is_head_alone) theirs(request, response);
  };
}

bool met_a_route(const auto& request) {
  if constexpr (requires { request.path_params; }) {  // of releases since 0.15
    if (!request.path_params.empty()) return true;
  }
  return !request.matches.empty();
}

}  // namespace

Router::Router(std::chrono::seconds keep_alive, const CorsPolicy& cors) : cors_(cors), http_(std::make_unique<Http>()) {
  http_->set_keep_alive_timeout(keep_alive.count());
  http_->set_exception_handler([](const httplib::Request& request, httplib::Response&, std::exception_ptr failure) {
    current->answer = answer_for(request.path, failure);
  });
  http_->set_error_handler(httplib::Server::Handler([](const httplib::Request& request, httplib::Response& response) {
    const bool has_answer = current->answer || current->is_later || !response.body.empty();
    if (!has_answer) current->answer = problem(response.status, sentence_for(response.status, request));
  }));
}

Router::~Router() = default;

httplib::Server& Router::http() {
  is_shared_ = true;
  return *http_;
}

namespace {

// Whether the request that is being answered is let in.
bool take(Verdict verdict) {
  if (auto* const refused = std::get_if<Answer>(&verdict)) {
    current->answer = std::move(*refused);
    return false;
  }
  current->admitted = std::get<Admitted>(std::move(verdict));
  return true;
}

// Has the request answered by `work`, which may throw, and makes of it what a connection has to know.
template <class Work>
std::optional<Outcome> outcome_of(Answering& answering, const CorsPolicy& cors, std::optional<std::string_view> origin,
                                  Work work) {
  const ReceivedRequest& request = answering.request;
  Outcome& outcome = answering.outcome;
  const auto write_answer = [&] {
    cors.mark(*answering.answer, origin);
    outcome.response = response_bytes(
        *answering.answer, {.keep_alive = outcome.keep_alive, .is_head = request.is_head, .date = request.date});
  };
  current = &answering;
  try {
    work();
    if (answering.answer) {
      write_answer();
    } else if (request.is_head_alone) {
      outcome.response.clear();
    } else if (!outcome.stream && !outcome.response.empty()) {
      add_date(outcome.response, request.date);
    }
  } catch (...) {
    spdlog::error("a request could not be answered: {}", describe(std::current_exception()));
    outcome.has_failed = true;
    outcome.keep_alive = false;
    outcome.stream.reset();
    answering.answer = problem(500, "The request could not be answered; the server's log says why.");
    write_answer();
  }
  current = nullptr;
  // The answer is the handler's then, whatever a hook has thrown behind that.
  return answering.is_later ? std::nullopt : std::optional(std::move(outcome));
}

}  // namespace

struct Router::Held {
  const Route& route;
  Request request;
  ReceivedRequest received;
};

void Router::get(const std::string& pattern, AnyHandler handler) {
  add("GET", pattern, std::move(handler), {}, Pace::kAny);
}

void Router::post(const std::string& pattern, AnyHandler handler, AnyAdmission admit, Pace pace) {
  add("POST", pattern, std::move(handler), std::move(admit), pace);
}

void Router::get(const std::string& pattern, Condition when, AnyHandler handler, AnyAdmission admit, Pace pace) {
  add("GET", pattern, std::move(handler), std::move(admit), pace, std::move(when));
}

void Router::put(const std::string& pattern, AnyHandler handler) {
  add("PUT", pattern, std::move(handler), {}, Pace::kAny);
}

void Router::remove(const std::string& pattern, AnyHandler handler, AnyAdmission admit, Pace pace) {
  add("DELETE", pattern, std::move(handler), std::move(admit), pace);
}

void Router::add(std::string_view method, const std::string& pattern, AnyHandler handler, AnyAdmission admit, Pace pace,
                 Condition when) {
  std::visit(
      [&](auto& serve) {
        if (!serve) throw std::invalid_argument("The handler of " + pattern + " is empty: give it a function.");
        add({method, PathPattern(pattern), std::move(serve), std::move(admit), pace, std::move(when)}, pattern);
      },
      handler);
}

void Router::stream(const std::string& pattern, std::size_t opener, AnyAdmission admit) {
  add({"GET", PathPattern(pattern), opener, std::move(admit), Pace::kQuick, {}}, pattern);
}

void Router::add(Route route, const std::string& pattern) {
  for (const Route& each : routes_) {
    if (each.method == route.method && each.pattern == route.pattern && !each.when) {
      throw std::invalid_argument("There is a route for " + std::string(route.method) + ' ' + pattern +
                                  " already, which would answer in the place of this one: leave one of them out, or "
                                  "give it another pattern.");
    }
  }
  routes_.push_back(std::move(route));
}

bool Router::is_quick(const Route& route, const ReceivedRequest& request) {
  return route.pace == Pace::kQuick && (request.is_admitted || !std::holds_alternative<LaterAdmission>(route.admit));
}

bool Router::is_quick(const ReceivedRequest& request) const {
  if (is_shared_ || request.head.size() + request.body.size() > kLongestQuickRequest) return false;
  const std::string_view line = line_of(request.head);
  if (const auto routed = known(line)) return is_quick(routed->route, request);
  const std::string_view method = line.substr(0, line.find(' '));
  std::string_view path = line.substr(std::min(line.size(), method.size() + 1));
  path = path.substr(0, path.find_first_of(" ?"));
  if (path.find_first_of("%#") != path.npos) return false;  // cpp-httplib may see another path
  for (const Route& each : routes_) {
    if (each.method != (method == "HEAD" ? "GET" : method) || !each.pattern.match(path)) continue;
    if (!is_quick(each, request)) return false;
    if (!each.when) return true;  // else it may be for the next that matches
  }
  return false;
}

void Router::close() {
  using Response = httplib::Server::HandlerResponse;
  auto& before = (*http_).*member(PreRouting());
  before = [this, theirs = std::move(before)](const httplib::Request& request, httplib::Response& response) {
    if (current->request.is_head_alone) {
      if (!theirs) judge_head(request);
      return Response::Handled;
    }
    if (theirs && theirs(request, response) == Response::Handled) return Response::Handled;
    return route(request) ? Response::Handled : Response::Unhandled;
  };
  keep_from_heads((*http_).*member(PostRouting()));
  keep_from_heads((*http_).*member(Log()));
  auto& failed = (*http_).*member(ErrorHandler());
  failed = [theirs = std::move(failed)](const httplib::Request& request, httplib::Response& response) {
    if (current->request.is_head_alone) return Response::Unhandled;
    if (current->allow.empty() || met_a_route(request)) {
      return theirs ? theirs(request, response) : Response::Unhandled;
    }
    current->answer = wrong_method(request, current->allow);
    return Response::Handled;
  };
}

void Router::judge_head(const httplib::Request& request) const {
  if (!route(request) && !is_shared_) {
    const std::string& allow = current->allow;
    current->answer = allow.empty() ? problem(404, sentence_for(404, request)) : wrong_method(request, allow);
  }
}

void Router::serve(const Route& route, Request request) const {
  if (current->request.is_head_alone && route.method != "POST") {
    throw Refusal(400, "A " + request.method + " of " + request.path + " takes no body: leave it out.");
  }
  if (current->request.is_admitted || admit(route, request)) hand_over(route, std::move(request));
}

// Whether it is admitted by now. Otherwise the verdict comes later, to resume(), and there is nothing left of the
// request here.
bool Router::admit(const Route& route, Request& request) const {
  if (const auto* const now = std::get_if<Admission>(&route.admit)) {
    if (*now) current->admitted = (*now)(request);
    return true;
  }
  const auto held = std::make_shared<Held>(Held{route, std::move(request), std::move(current->request)});
  const auto slot = std::make_shared<Once<Verdict>>([this, held](Verdict verdict) {
    held->received.deliver(Continuation([this, held, verdict = std::move(verdict)] { return resume(*held, verdict); }));
  });
  try {
    std::get<LaterAdmission>(route.admit)(held->request, Pass(slot));
  } catch (...) {
    slot->close();
    current->request = std::move(held->received);
    throw;
  }
  std::optional<Verdict> verdict = slot->returned();
  current->is_later = !verdict;
  if (!verdict) return false;
  current->request = std::move(held->received);
  request = std::move(held->request);
  return take(std::move(*verdict));
}

// Of a request that is admitted.
void Router::hand_over(const Route& route, Request request) {
  current->outcome.is_admitted = true;
  if (current->request.is_head_alone) return;
  if (const auto* const opener = std::get_if<std::size_t>(&route.serve)) {
    current->outcome.stream.emplace(StreamRequest{*opener, std::move(request), std::move(current->admitted)});
  } else {
    request.body = std::move(current->request.body);
    if (const auto* const handler = std::get_if<Handler>(&route.serve)) {
      current->answer = (*handler)(request);
    } else {
      serve_later(std::get<LaterHandler>(route.serve), request);
    }
  }
}

void Router::serve_later(const LaterHandler& handler, const Request& request) {
  const std::optional<std::string> origin(request.header("Origin"));
  const auto slot = std::make_shared<Once<Answer>>(
      [deliver = current->request.deliver, keep_alive = current->request.keep_alive, origin](Answer answer) {
        deliver(LateAnswer{std::move(answer), keep_alive, origin});
      });
  try {
    handler(request, Reply(slot));
  } catch (...) {
    slot->close();
    throw;
  }
  current->answer = slot->returned();
  current->is_later = !current->answer;
}

// Whether it is answered; otherwise it is for the application's routes, which learn what methods ours would take.
bool Router::route(const httplib::Request& request) const {
  std::optional<Answer>& answer = current->answer;
  std::string& allow = current->allow;
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  std::set<std::string_view> methods;
  allow.clear();
  try {
    for (const Route& each : routes_) {
      std::optional<std::vector<std::string>> captures = each.pattern.match(request.path);
      if (!captures) continue;
      if (each.method == method) {
        Request routed = to_request(request, std::move(*captures), each.pattern.names());
        if (each.when && !each.when(routed)) continue;
        if (current->request.is_quick) remember(line_of(current->request.head), {each, routed});
        serve(each, with_fields(std::move(routed)));
        return true;
      }
      methods.insert(each.method);
      if (each.method == "GET") methods.insert("HEAD");
    }
    for (const std::string_view each : methods) allow.append(allow.empty() ? "" : ", ").append(each);
    if (!methods.empty() && method == "OPTIONS") answer = cors_.preflight(with_fields(to_request(request)), allow);
    if (answer || !is_shared_) return answer.has_value();
    answer = kept_from_http(request);
    if (answer && !methods.empty()) answer = wrong_method(request, allow);
  } catch (...) {
    answer = answer_for(request.path, std::current_exception());
  }
  return answer.has_value();
}

std::shared_ptr<const Router::Routed> Router::known(std::string_view line) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(line);
  return found == known_.end() ? nullptr : found->second;
}

void Router::remember(std::string_view line, Routed routed) const {
  if (line.size() > kLongestKnown) return;
  auto value = std::make_shared<const Routed>(std::move(routed));
  const std::lock_guard lock(mutex_);
  if (known_.size() == kMostKnown) known_.clear();
  known_.insert_or_assign(std::string(line), std::move(value));
}

// Whoever answers it has the fields and the body from here, so that cpp-httplib need not take them apart again.
void Router::answer_quickly(const ReceivedRequest& request) const {
  const std::string_view line = line_of(request.head);
  if (const auto routed = known(line)) {
    try {
      serve(routed->route, with_fields(routed->request));
    } catch (...) {
      current->answer = answer_for(routed->request.path, std::current_exception());
    }
    return;
  }
  const std::string head = std::string(line) + "\r\n\r\n";
  MemoryStream stream(head, *current);
  http_->answer(stream, request);
}

std::optional<Outcome> Router::answer(ReceivedRequest request) {
  Outcome outcome{.keep_alive = request.keep_alive, .is_admitted = request.is_admitted};
  Answering answering{.request = request, .outcome = outcome, .fields = request.fields()};
  const std::optional<std::string> origin(first_field(answering.fields, "Origin"));
  return outcome_of(answering, cors_, origin, [&] {
    if (!is_known_method(request.head)) {
      answering.answer = problem(501, "The server knows the methods GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS.");
    } else if (request.is_quick) {
      answer_quickly(request);
    } else if (!request.body.empty() && has_long_disposition(answering.fields, request.body)) {
      answering.answer = problem(400, "A Content-Disposition of the multipart body is longer than 512 bytes.");
    } else if (MemoryStream stream(request.head, answering); !http_->answer(stream, request)) {
      outcome.keep_alive = false;  // a response that was cut off or a request that it could not read to its end
    }
  });
}

std::optional<Outcome> Router::resume(Held& held, Verdict verdict) const {
  Outcome outcome{.keep_alive = held.received.keep_alive};
  Answering answering{.request = held.received, .outcome = outcome};
  const std::optional<std::string> origin(held.request.header("Origin"));
  return outcome_of(answering, cors_, origin, [&] {
    const std::string path = held.request.path;
    try {
      if (take(std::move(verdict))) hand_over(held.route, std::move(held.request));
    } catch (...) {
      answering.answer = answer_for(path, std::current_exception());
    }
  });
}

std::string_view httplib_version() { return CPPHTTPLIB_VERSION; }

}  // namespace tidings
