// The page's elements for C++: found by id or created, their text, attributes, classes and children. All of it is
// collected and written once a frame (frame.h). Text is only ever text: nothing here can make markup of it. Beside it:
// list.h (entries made from a <template>), listener.h (what the user does), plot.h (a line). The page has one thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace tidings::dom {

// A hold on an element. Letting go of it does nothing to what is on the page.
class Element {
 public:
  // The element of this id. Where there is none the console says so once and later calls do nothing.
  static Element by_id(std::string_view id);
  // The same for a literal, which takes fewer bytes where it is called.
  static Element by_id(const char* id);
  // A new element, such as "li", which is nowhere on the page yet.
  static Element create(std::string_view tag);

  Element(Element&& other) noexcept : number_(std::exchange(other.number_, 0)) {}
  Element& operator=(Element&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Element();

  // Replaces what the element holds by this text.
  void set_text(std::string_view text) const;
  // The name must be the program's own and not come from outside: in an attribute such as onclick, or href, a text is
  // more than text.
  void set_attribute(std::string_view name, std::string_view value) const;
  // Sets or takes away an attribute that is on by being there, such as hidden.
  void set_flag(std::string_view name, bool is_set) const;
  // Sets the attribute data-`name`, where style sheets find it.
  void set_data(std::string_view name, std::string_view value) const;
  void set_class(std::string_view name, bool is_set) const;

  // Puts `child` behind the last child. Of more than `newest` children the first ones are removed.
  void append(const Element& child, std::size_t newest = static_cast<std::size_t>(-1) / 2) const;
  // Takes the element off the page; it may be put there again.
  void remove() const;

  int number() const { return number_; }  // for the parts of dom; 0: there is none

 private:
  explicit Element(int number) : number_(number) {}
  int number_;
};

}  // namespace tidings::dom
