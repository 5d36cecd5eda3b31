// With an EventSource that is the browser's and no more.
#include "tidings/bench/page/counter.h"

int main() { new tidings::bench::Counter(tidings::EventSource("/stream")); }
