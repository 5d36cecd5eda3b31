// The sockets by which clients come: bound here, or handed over by whoever has started the process. All of them listen,
// don't block, aren't inherited by programs that the application starts, and hand down to accepted sockets what each of
// those would need a system call for. Source: the manual pages listen(2) and tcp(7). One thread, at the start.
#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tidings {

// They run on `context`, and have one port.
using ListeningSockets = std::vector<asio::ip::tcp::acceptor>;

// Binds every address of `host` (`localhost`: 127.0.0.1 and ::1; `::`: all of both families) to one port, a free one
// for 0. Throws std::runtime_error with a sentence when it can't.
ListeningSockets listen_on(asio::io_context& context, const std::string& host, std::uint16_t port,
                           std::chrono::milliseconds write_timeout);

// Takes sockets that listen already, at least one: they are closed with the result. Throws std::runtime_error with a
// sentence where one of them is anything but a TCP socket that listens; those before it are closed then.
ListeningSockets take_listening(asio::io_context& context, const std::vector<int>& descriptors,
                                std::chrono::milliseconds write_timeout);

}  // namespace tidings
