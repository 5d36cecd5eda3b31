// What a handler or a generator learns of the request that it answers. A plain value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

class Request {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  std::string method;
  std::string path;                   // percent-decoded
  std::vector<std::string> captures;  // of the route's pattern, in its order, percent-decoded
  Fields parameters;                  // of the query, percent-decoded, in the order of their names
  Fields headers;
  std::string body;
  std::string remote_address;  // numeric

  // The first parameter of this name.
  std::optional<std::string_view> parameter(std::string_view name) const;
  // The first header of this name, whatever its case.
  std::optional<std::string_view> header(std::string_view name) const;
  // Behind which event the client of an event stream goes on: its Last-Event-ID, else `?lastEventId=`, which some
  // clients append when they come back, to whatever is there, so the last one counts; else `?last_event_id=`. An empty
  // one is none.
  std::optional<std::string_view> last_event_id() const;
};

// The value of the first field of this name, whatever its case.
std::optional<std::string_view> first_field(const Request::Fields& fields, std::string_view name);

}  // namespace tidings
