// With one that is opened anew whatever happens, as the page of this repository has it.
#include <chrono>

#include "bench/page/counter.h"
#include "client_wasm/reopening.h"

int main() {
  constexpr tidings::Reopening kPersistent = {.after_refusal = true, .silent_after = std::chrono::seconds(40)};
  new tidings::bench::Counter(tidings::EventSource("/stream", kPersistent));
}
