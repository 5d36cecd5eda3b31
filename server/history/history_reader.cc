#include "tidings/server/history/history_reader.h"

#include <stdexcept>
#include <utility>

namespace tidings {

HistoryReader::HistoryReader(std::string path, std::string vfs, std::size_t max_waiting)
    : path_(std::move(path)), vfs_(std::move(vfs)), max_waiting_(max_waiting) {}

HistoryReader::~HistoryReader() { close(); }

// What the work gives; nothing where the file can't be read.
template <class Work>
auto HistoryReader::with_view(Work work) -> decltype(work(std::declval<HistoryView&>())) {
  const std::lock_guard lock(view_mutex_);
  try {
    if (!view_) view_ = std::make_unique<HistoryView>(path_, vfs_);
    return work(*view_);
  } catch (const std::runtime_error&) {
    view_.reset();
    return {};
  }
}

void HistoryReader::read(std::string name, std::uint64_t from, std::size_t max_bytes, History::OnRun on_run) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_closed_ && count_ < max_waiting_) {
      Key key(std::move(name), from, max_bytes);
      std::vector<History::OnRun>& who = waiting_[key];
      if (who.empty()) order_.push_back(std::move(key));
      who.push_back(std::move(on_run));
      ++count_;
      ready_.notify_one();
      return;
    }
  }
  on_run(nullptr);
}

void HistoryReader::list(std::string after, std::size_t most, History::OnListed on_listed) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_closed_ && listings_.size() < kMostListings) {
      listings_.push_back({std::move(after), most, std::move(on_listed)});
      ready_.notify_one();
      return;
    }
  }
  on_listed(std::nullopt);
}

bool HistoryReader::step_listing() {
  Listing listing;
  {
    const std::lock_guard lock(mutex_);
    if (listings_.empty()) return false;
    listing = std::move(listings_.front());
    listings_.pop_front();
  }
  listing.on_listed(
      with_view([&](HistoryView& view) { return std::optional(view.list(listing.after, listing.most)); }));
  return true;
}

bool HistoryReader::step() {
  if (step_listing()) return true;
  Key key;
  {
    const std::lock_guard lock(mutex_);
    if (order_.empty()) return false;
    key = order_.front();
  }
  const std::shared_ptr<const History::Run> run = read_now(key);
  std::vector<History::OnRun> who;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = waiting_.find(key); found != waiting_.end()) {  // else it was closed meanwhile
      who = std::move(found->second);
      waiting_.erase(found);
      order_.pop_front();
      count_ -= who.size();
    }
  }
  for (const History::OnRun& on_run : who) on_run(run);
  return true;
}

bool HistoryReader::wait() {
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [this] { return is_closed_ || !order_.empty() || !listings_.empty(); });
  return !is_closed_;
}

void HistoryReader::close() {
  std::map<Key, std::vector<History::OnRun>> left;
  std::deque<Listing> left_listings;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    left.swap(waiting_);
    left_listings.swap(listings_);
    order_.clear();
    count_ = 0;
    ready_.notify_all();
  }
  for (const auto& [key, who] : left) {
    for (const History::OnRun& on_run : who) on_run(nullptr);
  }
  for (const Listing& each : left_listings) each.on_listed(std::nullopt);
}

void HistoryReader::disconnect() { view_.reset(); }

std::shared_ptr<const History::Run> HistoryReader::read_now(const Key& key) {
  const auto& [name, from, max_bytes] = key;
  return with_view([&, &name = name, &from = from, &max_bytes = max_bytes](HistoryView& view) {
    return view.read(name, from, max_bytes);
  });
}

}  // namespace tidings
