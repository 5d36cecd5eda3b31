// cpp-httplib without its sockets: it parses and answers a request that is in memory already, and routes those that are
// not for a path of ours. It matches paths by regular expressions, which recurse for each character: ours never meet
// them, and a path that is too long for the stack of a worker never does. The only place where httplib.h is included is
// router.cc. Routes are added before the first answer(), from one thread; answer() then runs on any number of threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "tidings/server/http/admission.h"
#include "tidings/server/http/cors.h"
#include "tidings/server/http/handler.h"
#include "tidings/server/http/outcome.h"
#include "tidings/server/http/path_pattern.h"
#include "tidings/server/http/received_request.h"
#include "tidings/server/http/request.h"

namespace httplib {
class Server;
struct Request;
}  // namespace httplib

namespace tidings {

class Router {
 public:
  // Of a handler: whether it may take its time, or hands over what it was given and returns.
  enum class Pace { kAny, kQuick };

  // `keep_alive` is what responses tell clients of how long an idle connection stays open. The policy outlives it.
  Router(std::chrono::seconds keep_alive, const CorsPolicy& cors);
  ~Router();

  // `pattern` is a PathPattern's; throws as it does, and for a pattern that has a route for this method already or a
  // handler that is empty. GET is HEAD too. Of several that match, the first added answers.
  // Paths of ours are looked at after the application's pre-routing hook and before its mount points and routes; only
  // where none of those takes the method either is it a 405.
  void get(const std::string& pattern, AnyHandler handler);
  // Each request has to pass `admit`, if it is not empty, once, and before its body is read where that takes a while. A
  // verdict may come later only for a handler that is quick: then the loop calls it.
  void post(const std::string& pattern, AnyHandler handler, AnyAdmission admit = {}, Pace pace = Pace::kAny);
  // Of those alone of which `when` says so: the others are for the routes of this method and pattern that are added
  // later. It sees the request line, and does not throw.
  using Condition = std::function<bool(const Request&)>;
  void get(const std::string& pattern, Condition when, AnyHandler handler, AnyAdmission admit, Pace pace);
  void put(const std::string& pattern, AnyHandler handler);
  // DELETE.
  void remove(const std::string& pattern, AnyHandler handler, AnyAdmission admit = {}, Pace pace = Pace::kAny);
  // Who opens the streams there has a number, which means nothing to the router: the outcome of each request says it.
  void stream(const std::string& pattern, std::size_t opener, AnyAdmission admit = {});

  // After the last route and hook, before the first answer().
  void close();

  // Whether answer() will take the request without blocking or computing for long, so that a loop may call it: streams
  // and quick handlers, a head and a body of a few kilobytes, and no hook of the application's in between.
  bool is_quick(const ReceivedRequest& request) const;

  // Does not throw. Nothing where the answer comes later: then the request's `deliver` gets it. Of a head alone nothing
  // is asked that is the application's: once it was given http(), a head is only refused by a route of ours, and where
  // the application has a pre-routing hook, which comes before our routes, no head is refused.
  std::optional<Outcome> answer(ReceivedRequest request);

  // For the application.
  httplib::Server& http();

 private:
  class Http;
  struct Route {
    std::string_view method;  // GET, POST, PUT or DELETE
    PathPattern pattern;
    std::variant<Handler, LaterHandler, std::size_t> serve;  // or an opener's number
    AnyAdmission admit;
    Pace pace;
    Condition when = {};  // empty: always
  };
  struct Held;  // a request whose verdict comes later
  // What cpp-httplib has made of a request line: whose it is, and the request without fields and body.
  struct Routed {
    const Route& route;
    Request request;
  };
  struct LineHash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  void add(std::string_view method, const std::string& pattern, AnyHandler handler, AnyAdmission admit, Pace pace,
           Condition when = {});
  void add(Route route, const std::string& pattern);
  bool route(const httplib::Request& request) const;
  // The quick ones whose line has come before, for a while: the same line is the same request.
  std::shared_ptr<const Routed> known(std::string_view line) const;
  void remember(std::string_view line, Routed routed) const;
  static bool is_quick(const Route& route, const ReceivedRequest& request);
  void serve(const Route& route, Request request) const;
  bool admit(const Route& route, Request& request) const;
  static void hand_over(const Route& route, Request request);
  static void serve_later(const LaterHandler& handler, const Request& request);
  void judge_head(const httplib::Request& request) const;
  void answer_quickly(const ReceivedRequest& request) const;
  std::optional<Outcome> resume(Held& held, Verdict verdict) const;

  const CorsPolicy& cors_;
  std::vector<Route> routes_;
  std::unique_ptr<Http> http_;
  bool is_shared_ = false;  // with the application, which has been given http()
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, std::shared_ptr<const Routed>, LineHash, std::equal_to<>> known_;
};

// Of the cpp-httplib that it was built with. Any thread.
std::string_view httplib_version();

}  // namespace tidings
