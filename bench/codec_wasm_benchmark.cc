// The codec's speed under WebAssembly: the shapes of codec_benchmark.cc, timed by hand since Google Benchmark is not
// built for wasm. `bazel build //bench:codec_wasm_benchmark`, then node with the codec_wasm_benchmark.js that it makes.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "tidings/bench/stream_shapes.h"
#include "tidings/protocol/encode.h"
#include "tidings/protocol/event.h"
#include "tidings/protocol/parser.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kLeastSeconds = 0.3;

std::size_t seen = 0;  // of the results, so that nothing is optimised away

// Seconds a call, over as many as fill kLeastSeconds.
template <class Work>
double seconds_per_call(Work work) {
  work();
  std::size_t calls = 0;
  double passed = 0;
  for (const auto begin = Clock::now(); passed < kLeastSeconds;
       passed = std::chrono::duration<double>(Clock::now() - begin).count()) {
    work();
    ++calls;
  }
  return passed / static_cast<double>(calls);
}

void parse(const StreamShape& shape) {
  Parser parser({.max_line_bytes = 2 << 20, .max_data_bytes = 4 << 20});
  for (std::string_view rest = shape.bytes; !rest.empty();
       rest.remove_prefix(std::min(rest.size(), shape.chunk_bytes))) {
    parser.feed(rest.substr(0, shape.chunk_bytes), [](const ParsedEvent& event) { seen += event.data.size(); });
  }
}

void run() {
  std::printf("%-36s %12s %12s %12s\n", "parse", "MB/s", "ns a byte", "of memchr");
  for (const StreamShape& shape : stream_shapes()) {
    const double parsing = seconds_per_call([&] { parse(shape); });
    const double scanning =
        seconds_per_call([&] { seen += std::memchr(shape.bytes.data(), 0xFF, shape.bytes.size()) != nullptr; });
    const auto bytes = static_cast<double>(shape.bytes.size());
    std::printf("%-36s %12.1f %12.3f %12.4f\n", shape.name.c_str(), bytes / parsing / 1e6, parsing / bytes * 1e9,
                scanning / parsing);
  }
  std::printf("%-36s %12s\n", "encode", "ns an event");
  for (const std::size_t size : {24, 100, 1024}) {
    const Event event = Event(std::string(size, 'x')).with_id(1795573408);
    constexpr int kEvents = 1000;  // a call: the clock is coarse
    const double encoding = seconds_per_call([&] {
      std::string out;
      for (int i = 0; i < kEvents; ++i) {
        out.clear();
        encode(event, out);
        seen += out.size();
      }
    });
    std::printf("%4zu bytes of data %30.1f\n", size, encoding / kEvents * 1e9);
  }
}

}  // namespace
}  // namespace tidings::bench

int main() {
  tidings::bench::run();
  return tidings::bench::seen == 0;
}
