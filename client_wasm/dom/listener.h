// What the user does, for C++: clicks, input, keys and submissions, for as long as an object lives. The page has one
// thread.
#pragma once

#include <string_view>

#include "tidings/client_wasm/base/callback.h"
#include "tidings/client_wasm/dom/dom.h"

namespace tidings::dom {

// Whether it is dealt with; the view ends with the call.
using OnEvent = Callback<bool(std::string_view value)>;

// Calls back for each event of one kind on an element. Ending it, or the listener itself, within the callback is safe;
// it is not called afterwards.
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

  // What the callback deals with the browser does not act upon.
  Listener(const Element& element, Kind kind, OnEvent callback);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  const OnEvent& callback() const { return callback_; }  // for JavaScript

 private:
  OnEvent callback_;
};

}  // namespace tidings::dom
