// Accepts from the listening sockets, and deals the connections out to the loops in turn.
// Everything runs on the first loop, except the constructor, endpoint() and paths().
#pragma once

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tidings/server/gateway/connection.h"
#include "tidings/server/gateway/listening_sockets.h"
#include "tidings/server/gateway/peer.h"
#include "tidings/server/loop/event_loop.h"
#include "tidings/server/loop/socket.h"

namespace tidings {

class Gateway {
 public:
  // At least one socket.
  Gateway(std::vector<std::unique_ptr<EventLoop>>& loops, ConnectionContext& context, ListeningSockets sockets);

  // Of the first socket of TCP; empty where there is none.
  const std::optional<asio::ip::tcp::endpoint>& endpoint() const { return endpoint_; }
  // Of the Unix sockets.
  const std::vector<std::string>& paths() const { return paths_; }
  // Descriptors that the process had open once it listened, at least.
  int descriptors_in_use() const { return spare_.descriptor(); }

  void start();
  void stop();

 private:
  struct Listener {
    ListeningSocket listening;
    asio::steady_timer retry;
  };

  struct Accepted {
    Socket socket;
    Peer peer;
  };

  void accept(Listener& listener);
  void accept_waiting(Listener& listener);
  bool take(Listener& listener, Accepted accepted);
  bool admit(Listener& listener, Accepted accepted);
  bool make_do(Listener& listener, int error);
  EventLoop* longest_idle() const;
  void refuse(Socket socket);
  bool refuse_next(Listener& listener);
  EventLoop& next_loop();

  std::vector<std::unique_ptr<EventLoop>>& loops_;
  ConnectionContext& context_;
  std::optional<asio::ip::tcp::endpoint> endpoint_;
  std::vector<std::string> paths_;
  std::list<Listener> listeners_;
  std::size_t next_ = 0;
  bool is_short_ = false;  // of descriptors or memory, when it last tried: that is logged once
  Socket spare_;           // a descriptor to give up for a moment, to tell a client that there is none for it
};

}  // namespace tidings
