// The fields of a request, such as Authorization, as one text for JavaScript: each name and each value with a NUL
// behind it. Of several with the same name the last one holds. Source: WHATWG Fetch, section "Headers class", which
// says what names and values may be. The page has one thread.
#pragma once

#include <initializer_list>
#include <string_view>

#include "tidings/client_wasm/base/text.h"

namespace tidings {

class Fields {
 public:
  struct Field {
    std::string_view name, value;
  };

  Fields() = default;
  Fields(std::initializer_list<Field> fields) {
    for (const auto& [name, value] : fields) set(name, value);
  }
  // From what text() gives.
  static Fields from_text(std::string_view text) {
    Fields fields;
    fields.text_ = Text(text);
    return fields;
  }

  // Both end where they have a NUL, which no field may hold.
  void set(std::string_view name, std::string_view value) {
    for (const std::string_view part : {name, value}) {
      text_.append(part.substr(0, part.find('\0')));
      text_.append({"", 1});
    }
  }

  std::string_view text() const { return text_; }

 private:
  Text text_;
};

}  // namespace tidings
