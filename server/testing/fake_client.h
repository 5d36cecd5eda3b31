// A client of a generator in a test without a server: it takes each event as it comes, as one does that reads all the
// time, until it leaves.
//
//   ManualLoop manual;
//   FakeClient client(clock(manual.loop()));      // the generator has run to where it waits
//   manual.pass(1s);
//   EXPECT_EQ(client.data(), std::vector<std::string>{"1 s"});
//
// One thread, which is the loop's.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tidings/protocol/event.h"
#include "tidings/server/streams/event_stream.h"

namespace tidings {

class FakeClient final : private EventStream::Consumer {
 public:
  // Leaves by itself when it has had so many events.
  explicit FakeClient(EventStream generator, std::optional<std::size_t> leaves_after = {})
      : generator_(std::move(generator)), leaves_after_(leaves_after) {
    if (leaves_after_ == 0u) leave();
    if (has_left()) return;
    generator_.set_consumer(this);
    generator_.pull();
    take();
  }
  FakeClient(const FakeClient&) = delete;
  FakeClient& operator=(const FakeClient&) = delete;

  // The frame of the generator is destroyed, wherever it waits. Not from within the generator.
  void leave() { generator_ = EventStream(); }
  bool has_left() const { return !generator_; }
  // The generator has returned, or failed.
  bool has_ended() const { return generator_ && generator_.is_done(); }
  // The exception by which it has ended, a Refusal for example; null where there is none.
  std::exception_ptr exception() const { return generator_ ? generator_.failure() : nullptr; }
  // What that says; empty where there is none.
  std::string failure() const {
    try {
      if (const std::exception_ptr thrown = exception()) std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      return error.what();
    } catch (...) {
      return "an exception that is no std::exception";
    }
    return {};
  }

  const std::vector<Event>& events() const { return events_; }
  std::vector<std::string> data() const {
    std::vector<std::string> data;
    for (const Event& event : events_) data.emplace_back(event.data());
    return data;
  }

 private:
  void on_ready() override { take(); }
  void take() {
    while (generator_ && generator_.event()) {
      events_.push_back(*generator_.event());
      if (events_.size() == leaves_after_) {
        leave();
      } else {
        generator_.pull();
      }
    }
  }

  EventStream generator_;
  const std::optional<std::size_t> leaves_after_;
  std::vector<Event> events_;
};

}  // namespace tidings
