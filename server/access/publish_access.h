// Who may publish over HTTP: whoever has the token, to every channel; whoever reaches the server, to the open channels,
// so often. Where a request comes from decides nothing: one that a reverse proxy passes on may look like one of this
// machine, head and address alike.
// Source: RFC 6750 (bearer tokens); WHATWG Fetch, section "`Origin` header". Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/access/rate_limit.h"
#include "tidings/server/http/cors.h"
#include "tidings/server/http/request.h"
#include "tidings/server/loop/clock.h"

namespace tidings {

struct PublishAccess {
  // As is_publish_token() says. Without one nobody publishes to other channels than the open ones.
  std::optional<std::string> token = {};
  // For trying things out: no token is needed there, but a page's own origin has to be the server's or an allowed one.
  std::vector<std::string> open_channels = {};
  RateLimit::Options open_rate = {};  // of what is published there without the token
};

class PublishDoor {
 public:
  // Policy and clock outlive it. Throws std::invalid_argument with a sentence for a token or a name that is none.
  PublishDoor(PublishAccess access, const CorsPolicy& cors, const Clock& clock);

  // Throws a Refusal (401, 403 or 429) unless the request may publish to the channel. Looks at the head alone.
  void admit(const Request& request, std::string_view channel);

 private:
  bool is_open(std::string_view channel) const;
  bool is_own_page(const Request& request, std::string_view origin) const;
  void admit_to_open(const Request& request);

  const PublishAccess access_;
  const CorsPolicy& cors_;
  const Clock& clock_;
  RateLimit open_rate_;
};

// Whether a header field can carry it: visible ASCII without spaces, one character at least.
bool is_publish_token(std::string_view text);

}  // namespace tidings
