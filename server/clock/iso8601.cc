#include "tidings/server/clock/iso8601.h"

namespace tidings {
namespace {

void write_digits(char* last, unsigned number, int count) {
  for (; count > 0; --count, number /= 10) *last-- = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string to_iso8601(std::chrono::sys_time<std::chrono::milliseconds> time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto of_day = static_cast<unsigned>((time - day).count());
  std::string text = "0000-00-00T00:00:00.000Z";
  write_digits(&text[3], static_cast<unsigned>(static_cast<int>(date.year())), 4);
  write_digits(&text[6], static_cast<unsigned>(date.month()), 2);
  write_digits(&text[9], static_cast<unsigned>(date.day()), 2);
  write_digits(&text[12], of_day / 3'600'000, 2);
  write_digits(&text[15], of_day / 60'000 % 60, 2);
  write_digits(&text[18], of_day / 1000 % 60, 2);
  write_digits(&text[22], of_day % 1000, 3);
  return text;
}

}  // namespace tidings
