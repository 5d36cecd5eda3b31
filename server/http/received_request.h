// A request as it was received, with what the router needs to know to answer it: what a connection hands to a worker.
// What handlers get of it is a Request.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/outcome.h"
#include "tidings/server/http/request.h"

namespace tidings {

// An answer that comes later than the router's call, with whether the connection stays open and with the Origin that
// the request named.
struct LateAnswer {
  Answer answer;
  bool keep_alive;
  std::optional<std::string> origin;
};
// What the router has still to do with a request whose verdict comes later, on the connection's loop: what answer()
// does, with the same result. Once.
using Continuation = std::function<std::optional<Outcome>()>;

struct ReceivedRequest {
  std::string head;  // as RequestReader passes it on
  std::string body = {};
  std::string remote_address = {};
  std::uint16_t remote_port = 0;  // 0 where a proxy has named the client, and not its port
  Request::Scheme scheme = Request::Scheme::kUnknown;
  std::string date = {};   // of the response, as HTTP writes it
  bool keep_alive = true;  // the client and the server both want the connection to stay open
  bool is_head = false;    // its method is HEAD
  // The body has not come yet. The router is only asked whether the head is enough to refuse the request.
  bool is_head_alone = false;
  // Router::is_quick() has said so: nothing but a route of ours, or that there is none, can be its answer.
  bool is_quick = false;
  // The route has admitted the head when it was alone, and need not be asked again.
  bool is_admitted = false;

  // Takes what comes later than the router's call. Any thread, once for each call of the router; harmless when the
  // connection or the server is gone.
  std::function<void(std::variant<LateAnswer, Continuation>)> deliver = {};

  // The head's fields as they were sent: cpp-httplib decodes percents in them and adds some of its own.
  Request::Fields fields() const;
};

}  // namespace tidings
