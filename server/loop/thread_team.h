// Threads that have all been made before the first of them begins its work, so that a server that can't have as many
// as it wants says so instead of running with fewer. For one thread at a time to call.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace tidings {

class ThreadTeam {
 public:
  ThreadTeam() = default;
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  ~ThreadTeam();  // as join()

  // Does what join() does, then makes a thread for each work; none begins before begin(). Tools that show threads show
  // `name` and a number, from `first` on, of which the system keeps 15 bytes. Where one can't be made, those that were
  // are ended, and it throws std::runtime_error with a sentence.
  void make(const std::string& name, std::vector<std::function<void()>> works, std::size_t first = 1);
  // Lets the threads begin their work; once after each make().
  void begin();
  // Waits until all threads have ended. Without a begin() before, they end without having done any work.
  void join();

 private:
  std::promise<bool> may_begin_;
  bool is_settled_ = true;  // may_begin_ has its value, or nobody waits for one
  std::vector<std::thread> threads_;
};

}  // namespace tidings
