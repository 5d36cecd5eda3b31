#include "tidings/server/clock/clock_stream.h"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>

#include "tidings/server/clock/iso8601.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/http/known_parameters.h"

namespace tidings {
namespace {

std::chrono::milliseconds interval_of(const Request& request) {
  require_known_stream_parameters(request, {{"interval_ms=MILLISECONDS"}});
  const auto text = request.parameter("interval_ms");
  if (!text) return std::chrono::seconds(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number < 10 || number > 3'600'000) {
    throw Refusal(400, "interval_ms must be a whole number from 10 to 3600000, such as ?interval_ms=1000.");
  }
  return std::chrono::milliseconds(number);
}

EventStream ticks(std::chrono::milliseconds interval, Loop& loop) {
  for (Ticker ticker = loop.every(interval);;) {
    const Tick tick = co_await ticker.next();
    co_yield Event(to_iso8601(tick.time)).with_id(tick.number);
  }
}

}  // namespace

// This is not the generator itself: that would keep the request, cookies and all, for as long as the client listens.
EventStream clock_stream(Request request, Loop& loop) { return ticks(interval_of(request), loop); }

}  // namespace tidings
