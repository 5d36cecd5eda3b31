// What a page takes over the wire that hands texts of structs of three types to JavaScript: beside untyped_alone.cc,
// what the structs cost.
#include <cstddef>
#include <string_view>

#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/event_source/typed.h"
#include "tidings/tests/browser/structs.h"

extern "C" void follower_tell(const char* text, std::size_t length);  // tell.js

static void tell(std::string_view text) { follower_tell(text.data(), text.size()); }

int main() {
  static tidings::EventSource source("/channels/robot");
  source.on<Pose>([](const Pose& pose) { tell(pose.frame); });
  source.on<Battery>([](const Battery& battery) { tell(battery.serial); });
  source.on<Job>([](const Job& job) { tell(job.name); });
}
