// The page with an EventSource that is opened anew whatever happens, as the page of this repository has it.
#include <chrono>

#include "tidings/bench/page/counter.h"
#include "tidings/client_wasm/event_source/reopening.h"

int main() {
  constexpr tidings::Reopening kPersistent = {.after_refusal = true, .silent_after = std::chrono::seconds(40)};
  new tidings::bench::Counter(tidings::EventSource("/stream", kPersistent));
}
