#include "tidings/server/loop/bells.h"

#include <algorithm>

namespace tidings {

Bells::Hung& Bells::come(Loop& loop) {
  const std::lock_guard lock(mutex_);
  auto hung = std::find_if(hung_.begin(), hung_.end(), [&](const Hung& each) { return &each.bell->loop() == &loop; });
  if (hung == hung_.end()) {
    hung = hung_.emplace(hung);
    hung->bell = std::make_shared<Bell>(loop, gather_time_);
  }
  ++hung->users;
  return *hung;
}

void Bells::go(Hung& hung) {
  const std::lock_guard lock(mutex_);
  if (--hung.users > 0) return;
  hung_.erase(std::find_if(hung_.begin(), hung_.end(), [&](const Hung& each) { return &each == &hung; }));
}

// Within the lock, so that no loop goes meanwhile: those who have come on it would have to go first.
void Bells::ring() {
  const std::lock_guard lock(mutex_);
  for (const Hung& each : hung_) {
    if (each.waiting > 0) each.bell->ring();
  }
}

}  // namespace tidings
