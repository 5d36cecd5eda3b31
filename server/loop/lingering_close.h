// The end of a connection whose last bytes the client should still get. To close a socket in which unread bytes wait
// resets the connection, which may destroy what is on its way to the client. So this sends a FIN, reads and drops what
// comes until the client's FIN, and closes then; it takes no longer than a few seconds and reads a bounded number of
// bytes. Source: RFC 9112, section "Tear-down". Loop thread only.
#pragma once

#include "tidings/server/loop/event_loop.h"
#include "tidings/server/loop/socket_set.h"

namespace tidings {

void close_lingering(EventLoop& loop, WatchedSocket socket);

}  // namespace tidings
