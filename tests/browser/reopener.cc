// A page's logic for reopen_cycles_test.mjs: follows /stream, which is refused again and again, through some cycles,
// and tells after each what the page holds. At last it lets go of the stream and tells once more.
#include <chrono>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>

#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/event_source/reopening.h"

// reopener_tell.js
extern "C" void reopener_tell(unsigned cycles, unsigned allocations);

namespace {

unsigned allocations = 0;  // that live

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept {
  if (memory != nullptr) --allocations;
  std::free(memory);
}

namespace {

using namespace std::chrono_literals;
using tidings::EventSource;

constexpr unsigned kCycles = 1'100;

unsigned cycles = 0;
EventSource::Listener listener = EventSource::Listener::kNone;
std::optional<EventSource> source;

void tell() { reopener_tell(cycles, allocations); }

// Each cycle has a listener of its own, which owns something.
void turn() {
  ++cycles;
  source->remove(listener);
  listener = source->on_event("type " + std::to_string(1'000'000 + cycles),
                              [captured = std::string(100, 'c')](const tidings::MessageView&) {});
  if (cycles == kCycles) source.reset();
  tell();
}

}  // namespace

int main() {
  source.emplace("/stream", tidings::Reopening{.after_refusal = true, .first_wait = 1ms, .longest_wait = 1ms});
  source->on_message([](const tidings::MessageView&) {});
  source->on_state([](EventSource::State state) {
    if (state == EventSource::State::kWaiting) turn();
  });
}
