// The codec's speed: parsing every shape of stream, as a ratio to memchr over the same bytes in the same run, and
// encoding. `bazel run //bench:codec_benchmark`; codec_wasm_benchmark.cc is the same under wasm.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
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

double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

// One pass over the bytes for a byte that is not there: the least that a parser could do.
double scan_once(std::string_view bytes) {
  const auto begin = Clock::now();
  benchmark::DoNotOptimize(std::memchr(bytes.data(), 0xFF, bytes.size()));
  return seconds(Clock::now() - begin);
}

void parse(benchmark::State& state, const StreamShape& shape) {
  double parsing = 0, scanning = 0;
  std::size_t events = 0;
  for (auto _ : state) {
    scanning += scan_once(shape.bytes);
    Parser parser({.max_line_bytes = 2 << 20, .max_data_bytes = 4 << 20});
    const auto begin = Clock::now();
    for (std::string_view rest = shape.bytes; !rest.empty();
         rest.remove_prefix(std::min(rest.size(), shape.chunk_bytes))) {
      parser.feed(rest.substr(0, shape.chunk_bytes), [&](const ParsedEvent& event) {
        ++events;
        benchmark::DoNotOptimize(event.data.data());
      });
    }
    const double time = seconds(Clock::now() - begin);
    state.SetIterationTime(time);
    parsing += time;
  }
  const auto iterations = static_cast<double>(state.iterations());
  state.SetBytesProcessed(static_cast<std::int64_t>(iterations * static_cast<double>(shape.bytes.size())));
  state.counters["of_memchr"] = scanning / parsing;
  state.counters["ns_per_byte"] = parsing / iterations / static_cast<double>(shape.bytes.size()) * 1e9;
  state.counters["events"] = static_cast<double>(events) / iterations;
}

void encode_event(benchmark::State& state) {
  const Event event = Event(std::string(static_cast<std::size_t>(state.range(0)), 'x')).with_id(1795573408);
  std::string out;
  for (auto _ : state) {
    out.clear();
    encode(event, out);
    benchmark::DoNotOptimize(out.data());
  }
}

}  // namespace
}  // namespace tidings::bench

int main(int argc, char** argv) {
  using namespace tidings::bench;
  for (const StreamShape& shape : stream_shapes()) {
    benchmark::RegisterBenchmark(("parse: " + shape.name).c_str(), [shape](benchmark::State& state) {
      parse(state, shape);
    })->UseManualTime();
  }
  benchmark::RegisterBenchmark("encode: bytes of data", encode_event)->Arg(24)->Arg(100)->Arg(1024);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
