// What a service manager, such as systemd, and the service that it has started say to each other: the sockets that it
// has opened for the service, and how far the service is. Both go by the environment and the kernel alone, so nothing
// of systemd is linked. Source: the manual pages sd_listen_fds(3) and sd_notify(3), sections "Notes".
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace tidings {

// The sockets that the service manager has opened for this process (LISTEN_PID, LISTEN_FDS), for
// ServerOptions::listening_sockets; none where it has opened none. Once, at the start, while there is one thread: it
// takes both out of the environment, so that programs that this one starts do not take them for theirs. Throws
// std::runtime_error with a sentence where they say what can't be.
std::vector<int> passed_sockets();

// How soon the service manager ends this process after it was last told "WATCHDOG=1" (WATCHDOG_USEC, WATCHDOG_PID);
// empty where it doesn't. Once, as passed_sockets(), and throws as that does. Source: sd_watchdog_enabled(3).
std::optional<std::chrono::microseconds> watchdog_patience();

// Tells the service manager (NOTIFY_SOCKET) a state, such as "READY=1" or "STOPPING=1"; does nothing where none wants
// to hear it. Waits for it a second at most. False where it could not be told. Any thread.
bool tell_service_manager(std::string_view state);

}  // namespace tidings
