// What the user does, for C++: clicks, input, keys and submissions, for as long as an object lives. Source: WHATWG
// HTML, section "Form submission", and W3C UI Events, for what the browser does with them. The page has one thread.
#pragma once

#include <string_view>

#include "tidings/client_wasm/base/callback.h"
#include "tidings/client_wasm/dom/dom.h"

namespace tidings::dom {

// Is told of an event. Returns true where it has dealt with it, and then the browser does nothing more. The view is
// valid during the call.
using OnEvent = Callback<bool(std::string_view value)>;

// Calls back for each event of one kind on an element. The callback may destroy the listener; it is not called
// afterwards.
class Listener {
 public:
  enum class Kind {
    kClick,  // also by the keyboard; no value
    kInput,  // a control's value has changed: the value
    kKey,    // a key goes down: its name, as "Enter"
    // A form is submitted: its first control's value. It is not sent anywhere. The control gets the focus, and is
    // emptied at once where the value is dealt with: what is typed next is not lost.
    kSubmit,
  };

  Listener(const Element& element, Kind kind, OnEvent callback);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  const OnEvent& callback() const { return callback_; }  // for JavaScript

 private:
  OnEvent callback_;
};

}  // namespace tidings::dom
