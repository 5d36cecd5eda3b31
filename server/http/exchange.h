// One request on its way through a worker, and what came of it: response bytes, or the stream that it asked for.
// The loop fills the request, one worker fills the outcome, the loop takes it: never two threads at a time,
// but for is_abandoned.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/request.h"

namespace tidings {

// A request for an event stream, which is opened on the client's loop and not by the worker that has routed it.
struct StreamRequest {
  std::size_t opener;  // the number that Router::stream() was given for the path
  Request request;
};

struct Exchange {
  std::string head;  // as RequestReader passes it on
  std::string body;
  std::string remote_address;
  std::uint16_t remote_port = 0;
  std::string date;  // of the response, as HTTP writes it
  bool keep_alive = true;
  bool is_head = false;
  // The body has not come: the outcome is the refusal that the head is enough for, or no response.
  bool is_head_alone = false;
  bool is_admitted = false;  // by the route that answers it, on such a question; it need not be asked again
  std::atomic<bool> is_abandoned = false;  // set by the loop, at any time: nobody waits for the outcome any more

  // The head's fields as they were sent: cpp-httplib decodes percents in them and adds some of its own.
  Request::Fields fields() const;

  std::string allow;             // the methods of our routes at this path, where the request has another
  std::optional<Answer> answer;  // what a route of ours says, before it is response bytes
  std::string response;          // the whole of it, unless `stream` is set; empty: close without a word
  std::optional<StreamRequest> stream;
  bool has_failed = false;  // what the application gave to answer it, by an exception
};

}  // namespace tidings
