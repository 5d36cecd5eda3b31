// A whole number as its decimal digits, without an allocation. The digits live as long as the object. Any thread.
#pragma once

#include <string_view>

namespace tidings {

class Decimal {
 public:
  explicit Decimal(unsigned number) : begin_(digits_ + sizeof digits_) {
    do *--begin_ = static_cast<char>('0' + number % 10);
    while (number /= 10);
  }
  Decimal(const Decimal&) = delete;
  Decimal& operator=(const Decimal&) = delete;

  operator std::string_view() const {
    return {begin_, static_cast<std::string_view::size_type>(digits_ + sizeof digits_ - begin_)};
  }

 private:
  char digits_[10];
  char* begin_;
};

}  // namespace tidings
