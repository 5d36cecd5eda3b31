// Threads that are all there before the first of them begins, so that a server that can't have them says so instead of
// running with some. One thread at a time.
#pragma once

#include <functional>
#include <future>
#include <thread>
#include <vector>

namespace tidings {

class ThreadTeam {
 public:
  ThreadTeam() = default;
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  ~ThreadTeam();  // as join()

  // Makes a thread for each, behind a join() of those that there are. Throws std::runtime_error with a sentence when it
  // can't, and none is left then.
  void make(std::vector<std::function<void()>> works);
  // Lets them begin.
  void begin();
  // Waits until all have ended. Those that were not let begin never do.
  void join();

 private:
  std::promise<bool> may_begin_;
  bool is_settled_ = true;  // whether they may begin
  std::vector<std::thread> threads_;
};

}  // namespace tidings
