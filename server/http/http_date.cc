#include "tidings/server/http/http_date.h"

#include <string_view>

namespace tidings {
namespace {

// The name at this index in a row of names of three letters.
std::string_view name_of(std::string_view names, unsigned index) { return names.substr(3 * index, 3); }

void append_digits(unsigned number, unsigned unit, std::string& text) {
  for (; unit > 0; unit /= 10) text += static_cast<char>('0' + number / unit % 10);
}

std::string written(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto of_day = static_cast<unsigned>((time - day).count());
  std::string text(name_of("SunMonTueWedThuFriSat", std::chrono::weekday(day).c_encoding()));
  text += ", ";
  append_digits(static_cast<unsigned>(date.day()), 10, text);
  text += ' ';
  text += name_of("JanFebMarAprMayJunJulAugSepOctNovDec", static_cast<unsigned>(date.month()) - 1);
  text += ' ';
  append_digits(static_cast<unsigned>(static_cast<int>(date.year())), 1000, text);
  text += ' ';
  append_digits(of_day / 3600, 10, text);
  text += ':';
  append_digits(of_day / 60 % 60, 10, text);
  text += ':';
  append_digits(of_day % 60, 10, text);
  return text += " GMT";
}

}  // namespace

std::string http_date(std::chrono::sys_seconds time) {
  // Every response has one, thousands of them the same.
  thread_local std::chrono::sys_seconds last_time{};
  thread_local std::string last = written(last_time);
  if (time != last_time) {
    last = written(time);
    last_time = time;
  }
  return last;
}

}  // namespace tidings
