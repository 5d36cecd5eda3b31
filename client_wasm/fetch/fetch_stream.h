// An event stream by the browser's fetch, for what its EventSource can't do: fields such as Authorization, a POST with
// a body, the status and the problem of a refusal, Retry-After, pauses.
//   FetchStream stream("/channels/news", {.fields = {{"Authorization", "Bearer " + token}}}, {.after_refusal = true});
// It is an EventSource otherwise, with the same callbacks and states, and comes back when the stream is lost as
// Reopening says (reopening.h): after the server's reconnection time or its Retry-After, with Last-Event-ID. The parser
// is that of protocol/. Events of all types are seen, and comments too: whatever comes is a sign of life, so
// silent_after needs no heartbeat events. Over HTTP/1.1 it takes one of the browser's six connections to a server, as
// an EventSource does. Source: WHATWG Fetch; RFC 9457, problem details; RFC 9110, `Retry-After`. The page has one
// thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/event_source/reopening.h"
#include "tidings/client_wasm/fetch/fields.h"
#include "tidings/protocol/parser.h"

namespace tidings {

class FetchConnection;

// The texts need to live during the construction alone.
struct FetchRequest {
  std::string_view method = "GET";
  Fields fields = {};
  std::string_view body = {};  // empty: none
  // Whether it may be sent again. Not set: a GET may. One that may not is closed when its stream is lost or ends.
  std::optional<bool> may_repeat = {};
  Parser::Limits limits = {};  // of one event; kTooLong closes it for good
};

class FetchStream : public EventSource {
 public:
  // What the server said instead of a stream.
  struct Refusal {
    int status = 0;                            // HTTP's; 0: there was none
    std::string_view problem;                  // its sentence, as far as its first 64 KiB; valid until the next attempt
    std::chrono::milliseconds retry_after{0};  // 0: it did not say
  };

  explicit FetchStream(std::string_view url, const FetchRequest& request = {}, const Reopening& reopening = {});

  // Of the latest attempt. 204 is a refusal for good, whatever Reopening says: the server wants no more of this client.
  Refusal refusal() const;

  // A field of the attempts that follow, such as a token in place of one that has expired.
  void set_field(std::string_view name, std::string_view value);

  // While it is paused no event is given out and nothing is read: what the browser and the network between hold for it
  // fills up, and then the server waits, or leaves it. Firefox reads on all the same. It is not watched for silence.
  // Safe within a callback; resume() may call some before it returns.
  void pause();
  void resume();

 private:
  FetchConnection* connection() const;
};

}  // namespace tidings
