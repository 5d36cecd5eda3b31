// Whether the page that a request comes from is one of this server's own origin, or of one that may use it: what has to
// be asked where a browser sends along by itself what lets a client in, or where nothing is needed.
// Source: WHATWG Fetch, section "`Origin` header"; W3C Fetch Metadata, section "The Sec-Fetch-Site HTTP Request
// Header". Any thread.
#pragma once

#include "tidings/server/http/cors.h"
#include "tidings/server/http/request.h"

namespace tidings {

// False where the request names a page that is another's. True where it names none: what is no browser need not.
bool is_of_own_page(const Request& request, const CorsPolicy& cors);

}  // namespace tidings
