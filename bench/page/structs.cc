// The page with events that are structs.
#include "tidings/bench/page/pose.h"
#include "tidings/client_wasm/base/decimal.h"
#include "tidings/client_wasm/dom/dom.h"
#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/event_source/typed.h"

namespace tidings::bench {

class Poses {
 public:
  Poses() {
    source_.on<Pose>([this](const Pose& pose) {
      farthest_ = pose.x > farthest_ ? pose.x : farthest_;
      count_.set_text(Decimal(++events_));
      last_.set_text(pose.frame);
    });
  }

 private:
  dom::Element count_ = dom::Element::by_id("count");
  dom::Element last_ = dom::Element::by_id("last");
  unsigned events_ = 0;
  double farthest_ = 0;
  EventSource source_{"/poses"};
};

}  // namespace tidings::bench

int main() { new tidings::bench::Poses; }
