// The page with the browser's own EventSource and nothing added.
#include "tidings/bench/page/counter.h"

int main() { new tidings::bench::Counter(tidings::EventSource("/stream")); }
