// The browser's fetch for the logic of FetchStream, beside a FakeBrowser, which has the clock: requests are answered,
// fed and ended when told. It takes the place of client_wasm/fetch/fetch_stream.js. One thread.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "tidings/client_wasm/fetch/fetch_connection.h"

namespace tidings {

struct FakeRequest {
  std::string url, method;
  std::map<std::string, std::string> fields;
  std::string body;
  bool with_credentials = false;
};

// A request on its way, or its answer.
struct FakeStream {
  FetchConnection* connection;
  FakeRequest request;
  bool is_read = false;  // bytes have been asked for
};

class FakeStreams {
 public:
  FakeStreams();
  ~FakeStreams();

  std::list<FakeStream> all;  // that are not closed, the oldest first
  std::map<FetchConnection*, FakeRequest> requests;
  int opened = 0;  // in all
  bool can_open = true;

  FakeStream& last() { return all.back(); }
  // The field of the latest request; empty: it has none.
  std::string field(const std::string& name) { return last().request.fields[name]; }
  void answer();
  void refuse(int status, double retry_after = 0, std::string_view problem = {});
  // Only where they have been asked for: false where they would have to wait.
  bool feed(std::string_view bytes);
  void end(bool is_whole = true);
};

}  // namespace tidings
