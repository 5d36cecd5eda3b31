// The time of day of a moment, in UTC, as 06:40:12. The text lives as long as the object. Any thread.
#pragma once

#include <string_view>

namespace tidings {

class TimeOfDay {
 public:
  // Milliseconds since 1970, as tidings_now() has them; up to 2106.
  explicit TimeOfDay(double moment) {
    unsigned rest = static_cast<unsigned>(moment / 1000) % 86'400;
    for (char* pair = text_ + 6; pair >= text_; pair -= 3) {
      pair[0] = static_cast<char>('0' + rest % 60 / 10);
      pair[1] = static_cast<char>('0' + rest % 10);
      pair[2] = ':';
      rest /= 60;
    }
  }

  operator std::string_view() const { return {text_, 8}; }

 private:
  char text_[9];
};

}  // namespace tidings
