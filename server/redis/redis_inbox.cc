#include "tidings/server/redis/redis_inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace tidings {

RedisInbox::RedisInbox(const Limits& limits) : limits_(limits), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

RedisInbox::~RedisInbox() { ::close(event_); }

RedisInbox::Pushed RedisInbox::count(const Append& append) {
  const std::size_t bytes = append.bytes();
  if (is_closed_) return Pushed::kClosed;
  if (is_away_) return Pushed::kAway;
  const bool is_room =
      append_bytes_ == 0 || (append_bytes_ < limits_.append_bytes && bytes <= limits_.append_bytes - append_bytes_);
  if (!is_room) return Pushed::kTooMuch;
  append_bytes_ += bytes;
  return Pushed::kTaken;
}

RedisInbox::Pushed RedisInbox::push(Append& append) {
  std::unique_lock lock(mutex_);
  const Pushed pushed = count(append);
  if (pushed == Pushed::kTaken) put(std::move(append), lock);
  return pushed;
}

bool RedisInbox::pass(const Append& append) {
  const std::lock_guard lock(mutex_);
  return items_.empty() && count(append) == Pushed::kTaken;
}

RedisInbox::Pushed RedisInbox::push(Opening& opening) {
  std::unique_lock lock(mutex_);
  if (is_closed_) return Pushed::kClosed;
  if (openings_ >= limits_.openings || is_foreign(opening.name)) return Pushed::kTooMuch;
  ++openings_;
  put(std::move(opening), lock);
  return Pushed::kTaken;
}

RedisInbox::Pushed RedisInbox::push(Reading& reading) { return push(reading, readings_, limits_.readings); }

RedisInbox::Pushed RedisInbox::push(Clearing& clearing) { return push(clearing, clearings_, kMostClearings); }

RedisInbox::Pushed RedisInbox::push(Listing& listing) { return push(listing, listings_, kMostListings); }

template <class Kind>
RedisInbox::Pushed RedisInbox::push(Kind& item, std::size_t& count, std::size_t most) {
  std::unique_lock lock(mutex_);
  if (is_closed_) return Pushed::kClosed;
  if (is_away_) return Pushed::kAway;
  if (count >= most) return Pushed::kTooMuch;
  ++count;
  put(std::move(item), lock);
  return Pushed::kTaken;
}

// The thread is woken where it waits, once, and not into a lock that is still held.
void RedisInbox::put(Item&& item, std::unique_lock<std::mutex>& lock) {
  items_.push_back(std::move(item));
  const bool is_waited_for = std::exchange(is_waited_for_, false);
  lock.unlock();
  if (is_waited_for) wake();
}

void RedisInbox::wake() { eventfd_write(event_, 1); }

bool RedisInbox::wait() {
  const std::lock_guard lock(mutex_);
  is_waited_for_ = items_.empty();
  return is_waited_for_;
}

std::vector<RedisInbox::Item> RedisInbox::take() {
  std::vector<Item> items;
  const std::lock_guard lock(mutex_);
  is_waited_for_ = false;
  items.swap(items_);
  return items;
}

void RedisInbox::hush() {
  eventfd_t count = 0;
  eventfd_read(event_, &count);
}

void RedisInbox::done(const Done& done) {
  const std::lock_guard lock(mutex_);
  append_bytes_ -= done.append_bytes;
  openings_ -= done.openings;
  readings_ -= done.readings;
  clearings_ -= done.clearings;
  listings_ -= done.listings;
}

void RedisInbox::set_trouble(std::optional<std::string> trouble, bool is_away) {
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(trouble);
  is_away_ = is_away;
}

std::optional<std::string> RedisInbox::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

bool RedisInbox::is_foreign(const std::string& name) const {
  return foreign_.contains(name) || older_foreign_.contains(name);
}

void RedisInbox::add_foreign(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (foreign_.size() < kMostForeign) foreign_.insert(name);
}

void RedisInbox::forget_foreign() {
  const std::lock_guard lock(mutex_);
  older_foreign_ = std::exchange(foreign_, {});
}

void RedisInbox::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  wake();
}

bool RedisInbox::is_closed() const {
  const std::lock_guard lock(mutex_);
  return is_closed_;
}

}  // namespace tidings
