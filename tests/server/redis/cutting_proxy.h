// Between a node and its Redis: takes each connection to Redis's Unix socket, hands what Redis says on in small pieces,
// and cuts the connection after so many bytes of it, drawn from a seed. It listens on a Unix socket of its own, and has
// one thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace tidings {

class CuttingProxy {
 public:
  // Each connection lives for 1 to `most_bytes` bytes from Redis, once it is to cut.
  CuttingProxy(std::string redis_socket, std::string socket, std::size_t most_bytes, std::uint64_t seed);
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;
  ~CuttingProxy();

  std::string url() const { return "unix:" + socket_; }
  // From now on it cuts nothing, or cuts.
  void set_cutting(bool is_cutting) { is_cutting_ = is_cutting; }

 private:
  struct Way {
    int client, redis;
    std::size_t left;  // bytes until it is cut
  };

  void live();
  bool pass(int from, int to, std::size_t* left);

  const std::string redis_socket_, socket_;
  const std::size_t most_bytes_;
  std::mt19937_64 random_;
  int listener_, wake_;
  std::atomic<bool> is_cutting_ = false;
  std::vector<Way> ways_;
  std::thread thread_;
};

}  // namespace tidings
