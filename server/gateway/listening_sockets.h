// The sockets by which clients come: bound here, or handed over by whoever has started the process. All of them listen,
// don't block, aren't inherited by programs that the application starts, and those of TCP hand down to accepted sockets
// what each of those would need a system call for. Source: the manual pages listen(2), tcp(7) and unix(7). One thread,
// at the start.
#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tidings/server/gateway/unix_socket.h"

namespace tidings {

struct ListeningSocket {
  asio::posix::stream_descriptor socket;
  std::optional<asio::ip::tcp::endpoint> endpoint = {};  // of TCP; none of a Unix socket
  std::string path = {};                                 // of a Unix socket; an abstract one's begins with @
  UnixSocketFile file = {};                              // at that path, where it was bound here
};
// They run on the context that they were made with.
using ListeningSockets = std::vector<ListeningSocket>;

// Binds every address of `host` (`localhost`: 127.0.0.1 and ::1; `::`: all of both families) to one port of TCP, a free
// one for 0. Throws std::runtime_error with a sentence when it can't.
ListeningSockets listen_on(asio::io_context& context, const std::string& host, std::uint16_t port,
                           std::chrono::milliseconds write_timeout);

// Binds a Unix socket at the path; `mode` is its file's. Throws std::runtime_error with a sentence when it can't.
ListeningSocket listen_on_unix(asio::io_context& context, const std::string& path, mode_t mode);

// Takes sockets that listen already, at least one: they are closed with the result. Throws std::runtime_error with a
// sentence where one of them is anything but a TCP or Unix stream socket that listens; those before it are closed then.
ListeningSockets take_listening(asio::io_context& context, const std::vector<int>& descriptors,
                                std::chrono::milliseconds write_timeout);

}  // namespace tidings
