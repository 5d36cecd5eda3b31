// A history that keeps, refuses and answers when the test says so, in memory. One thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tidings/server/history/history.h"

namespace tidings {

class FakeHistory final : public History {
 public:
  struct Kept {
    std::string block;
    std::optional<std::string> key;
  };
  struct Stored {
    std::uint64_t first = 1;
    std::deque<Kept> events;          // from `first` on
    std::set<std::uint64_t> missing;  // of these, as in a damaged file
    std::weak_ptr<Sink> sink;
    std::uint64_t next() const { return first + events.size(); }
  };

  void open(std::string name, std::weak_ptr<Sink> sink, OnOpened on_opened) override {
    if (opens_nothing) return on_opened(std::nullopt);
    work_.push_back([this, name = std::move(name), sink = std::move(sink), on_opened = std::move(on_opened)] {
      stored_[name].sink = sink;
      on_opened(extent(name));
    });
  }
  void append(std::string name, std::string block, std::optional<std::string> key, OnReceipt on_receipt) override {
    if (is_full) return on_receipt({Outcome::kBusy, {}, "It is full."});
    work_.push_back([this, name = std::move(name), block = std::move(block), key = std::move(key),
                     on_receipt = std::move(on_receipt)] { keep(name, block, key, on_receipt); });
  }
  void read(std::string name, std::uint64_t from, std::size_t max_bytes, OnRun on_run) override {
    ++reads;
    reads_.push_back([this, name = std::move(name), from, max_bytes, on_run = std::move(on_run)] {
      if (auto held = std::exchange(next_run_, nullptr)) return on_run(held);
      on_run(is_unreadable ? nullptr : run(name, from, max_bytes));
    });
  }
  void clear(std::string name, OnCleared on_cleared) override {
    if (is_full) return on_cleared(Cleared::kBusy, "It is full.");
    work_.push_back([this, name = std::move(name), on_cleared = std::move(on_cleared)] {
      Stored& stored = stored_[name];
      if (fails) return on_cleared(Cleared::kFailed, "The disk is full.");
      if (stored.events.empty()) return on_cleared(Cleared::kNothing, {});
      stored.first = stored.next() + 1;
      stored.events.clear();
      if (const auto sink = stored.sink.lock()) sink->cleared(stored.first);
      on_cleared(Cleared::kCleared, {});
    });
  }
  void list(std::string after, std::size_t most, OnListed on_listed) override {
    reads_.push_back([this, after = std::move(after), most, on_listed = std::move(on_listed)] {
      if (is_unreadable) return on_listed(std::nullopt);
      std::vector<Listed> listed;
      for (auto each = stored_.upper_bound(after); each != stored_.end() && listed.size() < most; ++each) {
        const Stored& stored = each->second;
        if (stored.next() == 1) continue;  // nothing was ever published to it
        std::size_t bytes = 0;
        for (const Kept& event : stored.events) bytes += event.block.size();
        listed.push_back({.name = each->first, .extent = extent(each->first), .bytes = bytes, .oldest = {}});
      }
      on_listed(std::move(listed));
    });
  }
  std::optional<std::string> trouble() const override { return std::nullopt; }
  bool is_shared() const override { return has_others; }

  // Does what comes next of what it was given; false when that was nothing.
  bool step() { return step(work_); }
  bool step_reader() { return step(reads_); }

  // Forgets the events before `first`.
  void drop(const std::string& name, std::uint64_t first) {
    Stored& stored = stored_[name];
    while (stored.first < first && !stored.events.empty()) {
      stored.events.pop_front();
      ++stored.first;
    }
    if (const auto sink = stored.sink.lock()) sink->dropped(stored.first);
  }
  // Another epoch, without the last `lost` events; how many there were to lose.
  std::size_t begin_epoch(const std::string& name, std::size_t lost) {
    ++epoch;
    Stored& stored = stored_[name];
    lost = std::min(lost, stored.events.size());
    stored.events.resize(stored.events.size() - lost);
    if (const auto sink = stored.sink.lock()) sink->began(extent(name));
    return lost;
  }
  bool is_opened(const std::string& name) { return !stored_[name].sink.expired(); }

  // A run as it is now, and the answer to the next that is read.
  std::shared_ptr<const Run> read_now(const std::string& name, std::uint64_t from) { return run(name, from, 1000); }
  void answer_next_read_with(std::shared_ptr<const Run> run) { next_run_ = std::move(run); }

  Stored& stored(const std::string& name) { return stored_[name]; }

  std::uint64_t epoch = 7;
  bool is_full = false, fails = false, is_unreadable = false, opens_nothing = false;
  bool has_others = false;  // before a channel is made
  int reads = 0;

 private:
  using Work = std::deque<std::function<void()>>;

  static bool step(Work& work) {
    if (work.empty()) return false;
    const std::function<void()> next = std::move(work.front());
    work.pop_front();
    next();
    return true;
  }
  Extent extent(const std::string& name) { return {epoch, stored_[name].first, stored_[name].next()}; }

  void keep(const std::string& name, const std::string& block, const std::optional<std::string>& key,
            const OnReceipt& on_receipt) {
    if (fails) return on_receipt({Outcome::kFailed, {}, "The disk is full."});
    Stored& stored = stored_[name];
    for (std::size_t i = 0; key && i < stored.events.size(); ++i) {
      if (stored.events[i].key != key) continue;
      if (stored.events[i].block != block) return on_receipt({Outcome::kKeyTaken, {}, kWhyKeyTaken});
      return on_receipt({Outcome::kKept, {epoch, stored.first + i}, {}});
    }
    const Position at{epoch, stored.next()};
    stored.events.push_back({block, key});
    const Record record{at, block, {}};
    if (const auto sink = stored.sink.lock()) sink->kept({&record, 1});
    on_receipt({Outcome::kKept, at, {}});
  }

  std::shared_ptr<const Run> run(const std::string& name, std::uint64_t from, std::size_t max_bytes) {
    const auto run = std::make_shared<Run>();
    const Stored& stored = stored_[name];
    from = std::max(from, stored.first);
    while (from < stored.next() && stored.missing.contains(from)) ++from;
    run->begin = {epoch, from};
    std::size_t bytes = 0;
    std::vector<std::pair<std::size_t, std::size_t>> blocks;
    for (std::uint64_t at = from; at < stored.next() && (blocks.empty() || bytes < max_bytes); ++at) {
      if (stored.missing.contains(at)) break;
      const std::string& block = stored.events[at - stored.first].block;
      blocks.emplace_back(run->bytes.size(), block.size());
      run->bytes += block;
      bytes += block.size();
    }
    for (const auto& [begin, size] : blocks) {
      run->records.push_back({{epoch, from++}, std::string_view(run->bytes).substr(begin, size), {}});
    }
    return run;
  }

  std::map<std::string, Stored> stored_;
  Work work_, reads_;
  std::shared_ptr<const Run> next_run_;
};

}  // namespace tidings
