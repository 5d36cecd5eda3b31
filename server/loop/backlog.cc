#include "tidings/server/loop/backlog.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tidings/server/loop/event_loop.h"

namespace tidings {
namespace {

constexpr std::chrono::microseconds kTimePerTurn{250};
constexpr std::size_t kWorksPerTurn = 64;

}  // namespace

void Backlog::add(Work work) {
  works_.push_back(std::move(work));
  post();
}

void Backlog::post() {
  if (works_.empty() || std::exchange(is_posted_, true)) return;
  loop_.post([this] { work_off(); });
}

void Backlog::work_off() {
  is_posted_ = false;
  const Clock::Time end = loop_.now() + kTimePerTurn;
  for (std::size_t count = std::min(works_.size(), kWorksPerTurn); count > 0; --count) {
    const Work work = std::move(works_.front());
    works_.pop_front();
    work();
    if (loop_.now() >= end) break;
  }
  post();
}

}  // namespace tidings
