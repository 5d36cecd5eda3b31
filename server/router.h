// cpp-httplib without its sockets: it parses, routes and answers a request that is in memory already.
// The only place where httplib.h is included is router.cc. Routes are added before the first answer(), from one thread;
// answer() then runs on any number of workers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/answer.h"
#include "server/exchange.h"

namespace httplib {
class Server;
}

namespace tidings {

using Handler = std::function<Answer(const Request&)>;

class Router {
 public:
  // `keep_alive` is what responses tell clients of how long an idle connection stays open.
  explicit Router(std::chrono::seconds keep_alive);
  ~Router();

  // GET and HEAD on paths that match `pattern` (an ECMAScript regular expression over the whole path). Every other
  // method there is a 405.
  void get(const std::string& pattern, Handler handler);
  void stream(const std::string& pattern, Endpoint endpoint);

  // Fills the exchange's outcome.
  void answer(Exchange& exchange);

  httplib::Server& http();

 private:
  class Http;
  std::unique_ptr<Http> http_;
};

// A response that the gateway gives without a worker: a problem, and the connection closes.
std::string problem_response(int status, std::string_view sentence);

}  // namespace tidings
