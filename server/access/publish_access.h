// Who may publish over HTTP: whoever has the token, to every channel; anybody who reaches the server, to the open
// channels, but only so often. And who may list channels and drop what they keep: whoever has the admin's token. Where
// a request comes from decides nothing: one that a reverse proxy passes on may look like one of this machine, head and
// address alike. Source: RFC 6750 (bearer tokens); WHATWG Fetch, section "`Origin` header". Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/access/grant.h"
#include "tidings/server/access/rate_limit.h"
#include "tidings/server/http/cors.h"
#include "tidings/server/http/request.h"
#include "tidings/server/loop/clock.h"

namespace tidings {

struct PublishAccess {
  // What a publisher sends as its bearer token; is_publish_token() says what can be one. Without a token here, nobody
  // publishes to other channels than the open ones.
  std::optional<std::string> token = {};
  // Channels that need no token, for trying things out. A page that publishes there without it has to come from the
  // server's own origin or from one that the CorsPolicy allows.
  std::vector<std::string> open_channels = {};
  // How often anybody publishes there without the token. Of IPv6 addresses those that begin with the same 48 bits are
  // one client.
  RateLimit::Options open_rate = {};
  // How often whoever may publish does, to whatever channels: each bearer of a grant that names one (Grant::bearer),
  // and else each address, with the token too. Unless set, as often as it likes.
  std::optional<RateLimit::Rate> rate = {};
  // What the admin sends as its bearer token, another than that of publishers. Without a token here, and without
  // ChannelAuthorizers::admin, nobody is admin.
  std::optional<std::string> admin_token = {};
};

class PublishDoor {
 public:
  // Policy and clock outlive it. Throws std::invalid_argument with a sentence for a token, a channel's name or a rate
  // that is none, and for two tokens that are the same.
  PublishDoor(PublishAccess access, const CorsPolicy& cors, const Clock& clock);

  // Throws a Refusal (401, 403 or 429) unless the request may publish to the channel. Looks at the request's head
  // alone, and counts it as published where the rate matters.
  void admit(const Request& request, std::string_view channel);
  // Its parts, for who asks an authorizer in between. Whether the request has the token; whether the channel is open
  // and takes the request, which throws a Refusal (403 or 429) where it is open and does not; and of one that is let in
  // by either, or by a grant, that it comes too soon (429).
  bool admits_token(const Request& request) const;
  bool admit_to_open(const Request& request, std::string_view channel);
  void count(const Request& request, const Grant* grant);

  // Whether the request has the admin's token, and whether there is one.
  bool admits_admin(const Request& request) const;
  bool has_admin() const { return access_.admin_token.has_value(); }

 private:
  bool is_open(std::string_view channel) const;

  const PublishAccess access_;
  const CorsPolicy& cors_;
  const Clock& clock_;
  RateLimit open_rate_;
  std::optional<RateLimit> rate_;
};

// Whether a header field can carry it: one or more characters of visible ASCII, without spaces.
bool is_publish_token(std::string_view text);

}  // namespace tidings
