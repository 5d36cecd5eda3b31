// A network between clients and a server on this machine: passes on what either side says, until it is told to cut
// their connections or to let nothing through. A thread of its own passes on; one other thread at a time tells it.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace tidings::bench {

class Relay {
 public:
  // To this port. Throws std::system_error.
  explicit Relay(std::uint16_t target);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  ~Relay();

  // Where it listens.
  std::uint16_t port() const { return port_; }

  // Resets all connections; what was on its way is gone. Whoever connects then gets through.
  void cut();
  // Lets nothing through, and leaves connections open: what is sent meanwhile stays on its way, until release() lets it
  // go on or cut() drops it.
  void hold();
  void release();
  // Cuts, and leads to another port from now on.
  void lead_to(std::uint16_t target);

 private:
  struct Way {
    int from = -1, to = -1;
    std::string bytes = {};  // that have come and did not get through yet
  };
  struct Connection {
    Way there, back;
  };

  void run();
  void accept_one();
  // Whether both ends are still there.
  static bool pass(Way& way);
  void drop_all();
  void wake();

  const int listener_, waker_;
  std::uint16_t port_ = 0;
  std::thread thread_;

  std::mutex mutex_;  // over what follows
  std::uint16_t target_;
  bool is_held_ = false, is_over_ = false;
  std::list<Connection> connections_;
};

}  // namespace tidings::bench
