// The page's elements for C++: text, data attributes and list entries, written once a frame; and a form's submissions.
// Writes are collected and cross to the browser in one call before it next paints; of several to the same place the
// latest wins. Text is only ever text: nothing here can make markup of it. The page has one thread.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string_view>

#include "client_wasm/callback.h"

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
  friend class List;
  friend class SubmitListener;
  explicit Element(int handle) : handle_(handle) {}
  int handle_;  // 0: there is none
};

// A list of entries, the newest first, that holds the newest `most` alone. The browser paints no hidden tab, so this
// bounds what waits for a frame as well.
class List {
 public:
  List(Element element, std::size_t most) : element_(element), most_(most) {}

  // An entry is a copy of the first element in the <template> `form`; each text becomes that of one of its children.
  void add(Element form, std::initializer_list<std::string_view> texts) const;

 private:
  Element element_;
  std::size_t most_;
};

// Listens to a form for as long as it lives: the form is not sent, its first control's value is told instead, and that
// control gets the focus. It is emptied where the callback takes the value, at once: what is typed next is not lost.
class SubmitListener {
 public:
  using OnSubmit = Callback<bool(std::string_view value)>;  // whether it is taken; the view ends with the call

  SubmitListener(Element form, OnSubmit callback);
  SubmitListener(const SubmitListener&) = delete;
  SubmitListener& operator=(const SubmitListener&) = delete;
  // Safe within the callback. It is not called afterwards.
  ~SubmitListener();

  const OnSubmit& callback() const { return callback_; }

 private:
  OnSubmit callback_;
};

}  // namespace tidings::dom
