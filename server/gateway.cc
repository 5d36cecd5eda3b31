#include "server/gateway.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>

#include <asio/ip/v6_only.hpp>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace tidings {
namespace {

using asio::ip::tcp;

constexpr int kBacklog = 4096;
constexpr int kFreePortTries = 16;
constexpr std::chrono::milliseconds kPause{100};

std::vector<asio::ip::address> addresses_of(asio::io_context& context, const std::string& host) {
  // Not every machine's resolver gives both, and where one is off the other does.
  if (host == "localhost") return {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  // Both families: an IPv6 socket that takes IPv4 too would show its clients' addresses in another form.
  std::error_code error;
  const asio::ip::address numeric = asio::ip::make_address(host, error);
  if (!error && numeric.is_v6() && numeric.is_unspecified()) {
    return {asio::ip::address_v4::any(), asio::ip::address_v6::any()};
  }
  const auto results = tcp::resolver(context).resolve(host, "0", tcp::resolver::passive, error);
  if (error) throw std::runtime_error("The host " + host + " has no address (" + error.message() + "): check --host.");
  std::vector<asio::ip::address> addresses;
  for (const auto& result : results) addresses.push_back(result.endpoint().address());
  return addresses;
}

// What the application starts gets no socket of ours, or clients would wait for its end and the port stay taken.
void keep_from_programs(int descriptor) { fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

// An acceptor that listens, or the error.
tcp::acceptor listen(asio::io_context& context, const tcp::endpoint& endpoint, std::error_code& error) {
  tcp::acceptor acceptor(context);
  acceptor.open(endpoint.protocol(), error);
  if (!error) keep_from_programs(acceptor.native_handle());
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  return acceptor;
}

std::string reason(const std::error_code& error, const std::string& host, std::uint16_t port) {
  const std::string place = "port " + std::to_string(port) + " of " + host;
  if (error == asio::error::address_in_use) {
    return "Something listens on " + place + " already: stop it, or choose another port with --port (0: a free one).";
  }
  if (error == asio::error::access_denied) {
    return "This user may not listen on " + place + ": choose a port above 1023 with --port.";
  }
  return "Can't listen on " + place + " (" + error.message() + "): check --host and --port.";
}

}  // namespace

Gateway::Gateway(std::vector<std::unique_ptr<Loop>>& loops, ConnectionContext& context, const std::string& host,
                 std::uint16_t port)
    : loops_(loops), context_(context) {
  asio::io_context& first = loops.front()->context();
  const std::vector<asio::ip::address> addresses = addresses_of(first, host);
  std::error_code error;
  for (int tries = port == 0 ? kFreePortTries : 1; tries > 0 && listeners_.empty(); --tries) {
    port_ = port;
    for (const asio::ip::address& address : addresses) {
      std::error_code failure;
      tcp::acceptor acceptor = listen(first, {address, port_}, failure);
      if (failure == asio::error::address_in_use) {  // all of the addresses or none
        error = failure;
        listeners_.clear();
        break;
      }
      if (failure) {  // an address family that this machine has turned off
        error = failure;
        continue;
      }
      port_ = acceptor.local_endpoint().port();
      listeners_.push_back({std::move(acceptor), asio::steady_timer(first)});
    }
  }
  if (listeners_.empty()) throw std::runtime_error(reason(error, host, port));
}

void Gateway::start() {
  for (Listener& listener : listeners_) accept(listener);
}

void Gateway::stop() {
  for (Listener& listener : listeners_) {
    std::error_code ignored;
    listener.acceptor.close(ignored);
    listener.retry.cancel();
  }
}

Loop& Gateway::next_loop() {
  next_ = (next_ + 1) % loops_.size();
  return *loops_[next_];
}

void Gateway::accept(Listener& listener) {
  Loop& loop = next_loop();
  listener.acceptor.async_accept(loop.context(),
                                 [this, &listener, &loop](const std::error_code& error, tcp::socket socket) {
                                   accepted(listener, error, loop, std::move(socket));
                                 });
}

void Gateway::accepted(Listener& listener, const std::error_code& error, Loop& loop, tcp::socket socket) {
  if (!listener.acceptor.is_open()) return;
  if (!error) {
    is_short_ = false;
    keep_from_programs(socket.native_handle());
    // A session is made on its loop: nothing of a loop is touched by another thread.
    loop.post([this, &loop, socket = std::move(socket)]() mutable {
      std::make_shared<Connection>(loop, context_, std::move(socket))->start();
    });
    return accept(listener);
  }
  if (error == asio::error::connection_aborted) return accept(listener);  // that client left before it was accepted
  if (!std::exchange(is_short_, true)) {
    spdlog::warn("can't accept connections: {}; trying every {} ms", error.message(), kPause.count());
  }
  listener.retry.expires_after(kPause);
  listener.retry.async_wait([this, &listener](const std::error_code& cancelled) {
    if (!cancelled) accept(listener);
  });
}

}  // namespace tidings
