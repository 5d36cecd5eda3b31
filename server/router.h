// cpp-httplib without its sockets: it parses, routes and answers a request that is in memory already.
// The only place where httplib.h is included is router.cc. Routes are added before the first answer(), from one thread;
// answer() then runs on any number of workers.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/answer.h"
#include "server/cors.h"
#include "server/exchange.h"

namespace httplib {
class Server;
}

namespace tidings {

using Handler = std::function<Answer(const Request&)>;

class Router {
 public:
  // `keep_alive` is what responses tell clients of how long an idle connection stays open. The policy outlives it.
  Router(std::chrono::seconds keep_alive, const CorsPolicy& cors);
  ~Router();

  // `pattern` is an ECMAScript regular expression over the whole path. GET is HEAD too.
  void get(const std::string& pattern, Handler handler);
  void post(const std::string& pattern, Handler handler);
  void stream(const std::string& pattern, OpenStream open);

  // After the last route and before the first answer(): what a path has no route for among its methods becomes a 405.
  void refuse_other_methods();

  // Fills the exchange's outcome. Does not throw.
  void answer(Exchange& exchange);

  httplib::Server& http();

 private:
  class Http;
  const CorsPolicy& cors_;
  std::unique_ptr<Http> http_;
};

}  // namespace tidings
