// A history engine as verbs, and those that follow channels by it. What is to come is waited for, some seconds at most.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/history/history.h"

namespace tidings {

inline constexpr std::chrono::seconds kLongEnough{20};

// What a follower was told, in order, by whatever thread.
class Follower final : public History::Sink {
 public:
  using Lines = std::vector<std::string>;

  void kept(std::span<const Record> records) override {
    const std::lock_guard lock(mutex_);
    for (const Record& record : records) {
      EXPECT_EQ(record.at, (Position{extent_.epoch, extent_.next})) << "kept() goes on where the last one ended";
      ++extent_.next;
      lines_.emplace_back(record.block);
    }
    told_.notify_all();
  }
  void dropped(std::uint64_t first) override {
    const std::lock_guard lock(mutex_);
    EXPECT_GT(first, extent_.first);
    EXPECT_LE(first, extent_.next);
    extent_.first = first;
    told_.notify_all();
  }
  void cleared(std::uint64_t next) override {
    const std::lock_guard lock(mutex_);
    EXPECT_GT(next, extent_.next);
    extent_.first = extent_.next = next;
    lines_.push_back("gap");
    told_.notify_all();
  }
  void began(const Extent& extent) override {
    const std::lock_guard lock(mutex_);
    EXPECT_GT(extent.epoch, extent_.epoch);
    EXPECT_LE(extent.first, extent.next);
    extent_ = extent;
    lines_.push_back("gap");
    told_.notify_all();
  }

  void open(const Extent& extent) {
    const std::lock_guard lock(mutex_);
    extent_ = extent;
  }
  Extent extent() const {
    const std::lock_guard lock(mutex_);
    return extent_;
  }
  // The blocks, and `gap` where followers are told one.
  Lines lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  bool wait(const std::function<bool(const Lines&, const Extent&)>& is_so) {
    std::unique_lock lock(mutex_);
    return told_.wait_for(lock, kLongEnough, [&] { return is_so(lines_, extent_); });
  }
  // What it was told once that are so many lines.
  Lines wait_for(std::size_t lines) {
    wait([&](const Lines& told, const Extent&) { return told.size() >= lines; });
    return this->lines();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable told_;
  Extent extent_;
  Lines lines_;
};

class Keeper {
 public:
  virtual ~Keeper() = default;

  std::future<History::Receipt> hand_in(std::string name, std::string text, std::optional<std::string> key = {}) {
    const auto promise = std::make_shared<std::promise<History::Receipt>>();
    // The sentence is no longer there once the receipt is looked at.
    history().append(std::move(name), std::move(text), std::move(key),
                     [promise, this](const History::Receipt& receipt) {
                       {
                         const std::lock_guard lock(mutex_);
                         why_ = receipt.why;
                       }
                       promise->set_value({receipt.outcome, receipt.at, {}});
                     });
    return promise->get_future();
  }
  History::Receipt try_to_publish(std::string name, std::string text, std::optional<std::string> key = {}) {
    std::future<History::Receipt> receipt = hand_in(std::move(name), std::move(text), std::move(key));
    if (receipt.wait_for(kLongEnough) == std::future_status::ready) return receipt.get();
    ADD_FAILURE() << "no receipt";
    return {};
  }
  // The position of an event that is kept.
  Position publish(std::string name, std::string text, std::optional<std::string> key = {}) {
    const History::Receipt receipt = try_to_publish(std::move(name), text, std::move(key));
    EXPECT_EQ(receipt.outcome, History::Outcome::kKept) << text << ": " << why();
    return receipt.at;
  }
  // Until Redis takes it.
  Position publish_in_time(const std::string& name, const std::string& text) {
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
      const History::Receipt receipt = try_to_publish(name, text, "key of " + text);
      if (receipt.outcome == History::Outcome::kKept) return receipt.at;
      if (std::chrono::steady_clock::now() - begin > kLongEnough) break;
      std::this_thread::yield();
    }
    ADD_FAILURE() << "not kept: " << why();
    return {};
  }
  // What the last receipt said.
  std::string why() const {
    const std::lock_guard lock(mutex_);
    return why_;
  }
  // Null when it is not opened.
  std::shared_ptr<Follower> try_to_follow(std::string name) {
    const auto sink = std::make_shared<Follower>();
    const auto opened = std::make_shared<std::promise<bool>>();
    history().open(std::move(name), sink, [sink, opened](std::optional<Extent> extent) {
      if (extent) sink->open(*extent);
      opened->set_value(extent.has_value());
    });
    std::future<bool> future = opened->get_future();
    if (future.wait_for(kLongEnough) == std::future_status::ready) return future.get() ? sink : nullptr;
    ADD_FAILURE() << "not opened";
    return nullptr;
  }
  std::shared_ptr<Follower> follow(std::string name) {
    auto sink = try_to_follow(std::move(name));
    EXPECT_NE(sink, nullptr);
    return sink ? sink : std::make_shared<Follower>();
  }
  Extent extent(std::string name) { return follow(std::move(name))->extent(); }
  std::shared_ptr<const History::Run> read(std::string name, std::uint64_t from, std::size_t max_bytes = 1 << 20) {
    const auto promise = std::make_shared<std::promise<std::shared_ptr<const History::Run>>>();
    history().read(std::move(name), from, max_bytes, [promise](auto run) { promise->set_value(std::move(run)); });
    std::future<std::shared_ptr<const History::Run>> future = promise->get_future();
    if (future.wait_for(kLongEnough) == std::future_status::ready) return future.get();
    ADD_FAILURE() << "not read";
    return nullptr;
  }
  // What is kept from there on, as long as one is behind the other.
  std::vector<std::string> blocks(std::string name, std::uint64_t from = 1) {
    std::vector<std::string> blocks;
    if (const auto run = read(std::move(name), from)) {
      for (const Record& record : run->records) blocks.emplace_back(record.block);
    }
    return blocks;
  }
  History::Cleared clear(std::string name) {
    const auto promise = std::make_shared<std::promise<History::Cleared>>();
    history().clear(std::move(name),
                    [promise](History::Cleared cleared, std::string_view) { promise->set_value(cleared); });
    return promise->get_future().get();
  }
  std::optional<std::vector<History::Listed>> list(std::string after = {}, std::size_t most = 100) {
    const auto promise = std::make_shared<std::promise<std::optional<std::vector<History::Listed>>>>();
    history().list(std::move(after), most, [promise](auto listed) { promise->set_value(std::move(listed)); });
    return promise->get_future().get();
  }
  // Until it is as said whether there is trouble.
  bool wait_for_trouble(bool is_trouble) {
    const auto begin = std::chrono::steady_clock::now();
    while (history().trouble().has_value() != is_trouble) {
      if (std::chrono::steady_clock::now() - begin > kLongEnough) return false;
      std::this_thread::yield();
    }
    return true;
  }

  // The engine, which goes before this does, and answers what still waits.
  virtual History& history() = 0;
  // What engines have beside their contract: it keeps what was handed in, and takes nothing more.
  virtual void close() = 0;

 private:
  mutable std::mutex mutex_;
  std::string why_;
};

}  // namespace tidings
