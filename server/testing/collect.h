// The first events of a generator, in a test without a server and without waiting: the time passes at which it wants to
// go on.
//
//   ManualLoop manual;
//   const std::vector<Event> events = collect(clock(manual.loop()), 3, manual);
//
// One thread, which is the loop's.
#pragma once

#include <cstddef>
#include <exception>
#include <utility>
#include <vector>

#include "tidings/protocol/event.h"
#include "tidings/server/streams/event_stream.h"
#include "tidings/server/testing/fake_client.h"
#include "tidings/server/testing/manual_loop.h"

namespace tidings {

// So many events of a generator that is on this loop, then its client leaves. Fewer where it ends before, or waits for
// what neither time nor the loop brings. Throws what the generator throws before that.
inline std::vector<Event> collect(EventStream generator, std::size_t count, ManualLoop& manual) {
  FakeClient client(std::move(generator), count);
  manual.run_until([&] { return client.has_left() || client.has_ended(); });
  if (const std::exception_ptr thrown = client.exception()) std::rethrow_exception(thrown);
  return client.events();
}

}  // namespace tidings
