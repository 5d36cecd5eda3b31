// The end of a connection whose last bytes the client should still get: closing a socket while unread bytes wait in it
// resets the connection and may destroy what is on its way. So: send FIN, read and drop until the client's FIN, bounded
// in time and bytes. Source: RFC 9112, section "Tear-down". Loop thread only.
#pragma once

#include "tidings/server/loop/event_loop.h"
#include "tidings/server/loop/socket_set.h"

namespace tidings {

void close_lingering(EventLoop& loop, WatchedSocket socket);

}  // namespace tidings
