// A network namespace for the servers, joined to the load's by a pair of virtual Ethernet devices, with a thread of the
// kernel's that receives for the clients. Over loopback, and over such a pair as it comes, what a server sends is
// received within its own call, and counts as its CPU. Nothing is left of it once this program and its servers have
// ended, in whatever way. Sources: network_namespaces(7), veth(4), the kernel's document "NAPI", and how veth of
// Linux 6.18 behaves; the addresses are those that RFC 2544 sets aside for benchmarks. One thread at a time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace tidings::bench {

class Veth {
 public:
  // Makes namespace and devices, and directs the load's connections there. Before any other thread has been started.
  // Throws std::runtime_error with what it needs, where it can't; the calling thread may be in the namespace then.
  Veth();
  Veth(const Veth&) = delete;
  Veth& operator=(const Veth&) = delete;
  ~Veth();

  // A path to the namespace, for as long as this object lives.
  const std::string& path() const { return path_; }
  // CPU time of the thread that receives for the clients.
  std::chrono::nanoseconds cpu() const;

 private:
  int namespace_ = -1;
  std::string path_;
  pid_t thread_ = -1;
};

}  // namespace tidings::bench
