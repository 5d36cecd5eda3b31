#include "server/battery.h"

#include "protocol/event.h"
#include "server/timers.h"

namespace standalone {

tidings::EventStream battery(tidings::Request, tidings::Loop& loop) {
  tidings::Ticker ticker = loop.every(kBetweenReadings);
  for (int percent = 100;; percent = percent > 0 ? percent - 1 : 100) {
    co_yield tidings::Event(to_data(percent));
    co_await ticker.next();
  }
}

}  // namespace standalone
