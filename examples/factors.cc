// What takes long, done by a worker while the loop serves others, and given up where it takes too long.
//
//   bazel run //examples:factors        then: curl -N http://localhost:9009/factors/1234567890
#include <charconv>
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "tidings/server/awaiting/any_of.h"
#include "tidings/server/awaiting/on_worker.h"
#include "tidings/server/awaiting/task.h"
#include "tidings/server/program.h"

using namespace std::chrono_literals;

std::string factors_of(const std::stop_token& stop, std::uint64_t number) {
  std::string factors;
  for (std::uint64_t factor = 2; factor <= number / factor && !stop.stop_requested();) {
    if (number % factor == 0) {
      factors += std::to_string(factor) + " * ";
      number /= factor;
    } else {
      ++factor;
    }
  }
  return factors + std::to_string(number);
}

tidings::Task<std::string> equation_of(std::uint64_t number, tidings::Loop& loop) {
  const std::string factors = co_await tidings::on_worker(loop, factors_of, number);
  co_return std::to_string(number) + " = " + factors;
}

tidings::EventStream factors(std::string digits, tidings::Loop& loop) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (number < 2) throw tidings::Refusal(400, "Say which number: /factors/1234567890, for example.");
  const auto equation = co_await tidings::with_timeout(equation_of(number, loop), 2s, loop);
  co_yield tidings::Event(equation.value_or("That takes too long."));
}

int main(int argc, char** argv) {
  return tidings::run_program(argc, argv, [](tidings::Server& server) {
    server.stream("/factors/:number", [](const tidings::Request& request, tidings::Loop& loop) {
      return factors(request.captures.at(0), loop);
    });
  });
}
