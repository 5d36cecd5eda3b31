// What a handler or a generator learns of the request that it answers. A plain value: one thread at a time; the views
// that it gives live as long as it does. Its size is bounded by ServerOptions (max_head_bytes, max_body_bytes).
// Source: RFC 9110, sections "Methods" and "Fields"; RFC 3986, sections "Path" and "Query"; WHATWG HTML, "Server-sent
// events", section "The `Last-Event-ID` header".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

class Request {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  // By what the client has asked. Known where a trusted proxy says it.
  enum class Scheme : unsigned char { kUnknown, kHttp, kHttps };

  std::string method;
  std::string path;                   // percent-decoded
  std::vector<std::string> captures;  // of the route's pattern, in its order, percent-decoded
  std::shared_ptr<const std::vector<std::string>> capture_names;  // theirs, where there is a route
  Fields parameters;  // of the query, percent-decoded, in the order of their names
  // As the client wrote them, without those that are about the connection. Host is the one that the client asked for,
  // also where a trusted proxy says that in another field.
  Fields headers;
  std::string body;  // any bytes, with the chunked coding taken off
  // The client's, numeric, by what trusted proxies say (ServerOptions::trusted_proxies). Else that of whoever has
  // connected: an address, or `unix` by a Unix socket.
  std::string remote_address;
  Scheme scheme = Scheme::kUnknown;

  // What the route's pattern captures by this name: of /rooms/:room at /rooms/7 the `room` is 7. Empty where it has no
  // such capture.
  std::optional<std::string_view> capture(std::string_view name) const;
  // The first parameter of this name; empty where there is none.
  std::optional<std::string_view> parameter(std::string_view name) const;
  // The value of the first header field of this name, whatever its case; empty where there is none.
  std::optional<std::string_view> header(std::string_view name) const;
  // The value of the first cookie of this name; empty where there is none. Source: RFC 6265, section "The Cookie
  // Header".
  std::optional<std::string_view> cookie(std::string_view name) const;
  // The id of the last event that the client of an event stream had: the header field Last-Event-ID, else the parameter
  // `lastEventId`, else `last_event_id`. Of several such parameters the last one counts, since some clients append
  // another whenever they come back. Whatever of these is empty counts as none.
  std::optional<std::string_view> last_event_id() const;
};

// The value of the first field of this name, whatever its case; empty where there is none.
std::optional<std::string_view> first_field(const Request::Fields& fields, std::string_view name);

}  // namespace tidings
