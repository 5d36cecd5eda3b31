// What the admin asks of channels over HTTP. The requests and their answers are those of README.md, section "What the
// server answers"; who is admin: docs/ACCESS.md. Any thread.
#pragma once

#include "tidings/server/access/authorizer.h"
#include "tidings/server/access/publish_access.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/http/admission.h"
#include "tidings/server/http/known_parameters.h"
#include "tidings/server/http/reply.h"
#include "tidings/server/http/request.h"

namespace tidings {

// Whether a GET of /channels asks for the list of all, rather than for a stream of those that it names.
bool is_for_list(const Request& request);

// GET /channels, without a `name`: answers with a page of the list, ?after=NAME&limit=N, or with 503 where the history
// can't say. The request is one that was admitted.
void list(Hub& hub, const Request& request, Reply reply);
// The admin. Whoever comes without an Authorization field and is none has forgotten the names, and is told so (400); of
// the others who is none gets a 401 or a 403. What it is given outlives it.
AnyAdmission admission_to_list(const PublishDoor& door, const ChannelAuthorizers& authorizers);

// DELETE /channels/NAME: drops what the channel keeps (Hub::clear()), and answers with 204, or 404 where that is
// nothing, or 503 where the history can't do it. The request is one that was admitted.
void clear(Hub& hub, const Request& request, Reply reply);
// The admin; others get a 401 or a 403. What it is given outlives it.
AnyAdmission admission_to_clear(const PublishDoor& door, const ChannelAuthorizers& authorizers);

}  // namespace tidings
