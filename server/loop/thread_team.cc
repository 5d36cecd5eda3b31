#include "tidings/server/loop/thread_team.h"

#include <pthread.h>

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

namespace tidings {
namespace {

constexpr std::size_t kLongestName = 15;

void take_name(const std::string& name) { pthread_setname_np(pthread_self(), name.substr(0, kLongestName).c_str()); }

}  // namespace

ThreadTeam::~ThreadTeam() { join(); }

void ThreadTeam::make(const std::string& name, std::vector<std::function<void()>> works, std::size_t first) {
  join();
  may_begin_ = std::promise<bool>();
  is_settled_ = false;
  const std::shared_future<bool> may_begin = may_begin_.get_future().share();
  try {
    threads_.reserve(works.size());
    for (std::function<void()>& work : works) {
      threads_.emplace_back([may_begin, work = std::move(work), name = name + std::to_string(first + threads_.size())] {
        take_name(name);
        if (may_begin.get()) work();
      });
    }
  } catch (const std::exception& error) {  // no thread, or no memory for one
    const std::size_t made = threads_.size();
    join();
    throw std::runtime_error("Only " + std::to_string(made) + " of " + std::to_string(works.size()) +
                             " threads can be had (" + error.what() +
                             "): ask for fewer with --threads and --workers, or raise the limits of this user.");
  }
}

void ThreadTeam::begin() {
  is_settled_ = true;
  may_begin_.set_value(true);
}

void ThreadTeam::join() {
  if (!std::exchange(is_settled_, true)) may_begin_.set_value(false);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace tidings
