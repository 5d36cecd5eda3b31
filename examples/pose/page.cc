// Shows where the robot is.
#include <string_view>

#include "tidings/client_wasm/base/decimal.h"
#include "tidings/client_wasm/dom/dom.h"
#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/event_source/typed.h"
#include "tidings/examples/pose/pose.h"

using tidings::dom::Element;

class Display {
 public:
  Display() {
    source_.on<Pose>([this](const Pose& pose) {
      east_.set_text(tidings::Decimal(unsigned(100 * pose.east)));
      north_.set_text(tidings::Decimal(unsigned(100 * pose.north)));
      heading_.set_text(tidings::Decimal(unsigned(pose.heading)));
      task_.set_text(pose.task);
    });
  }

 private:
  Element east_ = Element::by_id("east"), north_ = Element::by_id("north");
  Element heading_ = Element::by_id("heading"), task_ = Element::by_id("task");
  tidings::EventSource source_{"/channels/robot"};
};

int main() { new Display; }  // for as long as the page is open
