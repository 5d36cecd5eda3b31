// Threads for what would hold a loop up, and a bounded queue of what waits for one of them. A thread is made when there
// is work for it, so a program that has none pays for none. What a generator awaits is on_worker.h. Any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tidings/server/loop/processors.h"

namespace tidings {

class Workers {
 public:
  struct Options {
    unsigned threads = 4;             // at least 1
    std::size_t max_waiting = 1'024;  // pieces of work that no thread has begun yet
    // Where the threads run; unless set, where the one does that makes them, which is one that adds work.
    std::optional<Processors> processors = {};
  };

  // A piece of work: run once by one of the threads, or dropped.
  class Work {
   public:
    virtual ~Work() = default;
    virtual void run() noexcept = 0;

   private:
    friend class Workers;
    std::optional<std::list<std::shared_ptr<Work>>::iterator> place_;  // in the queue, while it waits there
  };

  explicit Workers(Options options) : options_(options) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() { stop(); }

  // False, and nothing is done, where as much waits as may, or after stop(). Throws std::system_error where not even
  // one thread can be had.
  bool add(const std::shared_ptr<Work>& work);
  // Takes it out of the queue, where it waits there: then it will not run.
  void remove(Work& work);
  // Drops what waits, and returns when what runs has ended. Not by a thread of its own.
  void stop();

  std::size_t max_waiting() const { return options_.max_waiting; }

 private:
  void work();
  void make_thread();

  const Options options_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::list<std::shared_ptr<Work>> waiting_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;  // threads that wait for work
  bool is_stopped_ = false;
};

}  // namespace tidings
