// The page's elements for C++: text and data attributes, written once a frame.
// Writes are collected and cross to the browser in one call before it next paints; of several to the same place the
// latest wins. Text is only ever text: nothing here can make markup of it. The page has one thread.
#pragma once

#include <string_view>

namespace tidings::dom {

class Element {
 public:
  // The element of this id. Where there is none the console says so once and later calls do nothing.
  static Element by_id(std::string_view id);

  // Replaces what the element holds by this text.
  void set_text(std::string_view text) const;
  // Sets the attribute data-`name`, where style sheets find it.
  void set_data(std::string_view name, std::string_view value) const;

 private:
  explicit Element(int handle) : handle_(handle) {}
  int handle_;  // 0: there is none
};

}  // namespace tidings::dom
