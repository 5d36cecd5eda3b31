// Four times a second the newest price of each share. What comes in between waits in an inbox, where a newer price
// takes the place of the one before: a page that is hidden for an hour has eight prices to show then.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/client_wasm/base/decimal.h"
#include "tidings/client_wasm/base/timer.h"
#include "tidings/client_wasm/dom/dom.h"
#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/event_source/inbox.h"

using tidings::Decimal;
using tidings::dom::Element;

class Board {
 public:
  Board() {
    source_.on_message([this](const tidings::MessageView& message) {
      ++come_;
      inbox_.put(message.data.substr(0, message.data.find(' ')), message);
    });
    clock_.start(kPause);
  }

 private:
  static constexpr double kPause = 250;  // milliseconds
  static constexpr std::size_t kMostShares = 100;

  struct Row {
    std::string name;
    Element price;
    unsigned cents;
  };

  void draw() {
    inbox_.take([this](std::string_view name, const tidings::MessageView& message) {
      if (Row* const row = row_of(name)) show(*row, message.data.substr(name.size()));
    });
    come_element_.set_text(Decimal(come_));
    replaced_element_.set_text(Decimal(unsigned(inbox_.counts().coalesced)));
    clock_.start(kPause);
  }

  void show(Row& row, std::string_view text) {
    unsigned cents = 0;
    for (const char digit : text) cents = digit == ' ' ? cents : cents * 10 + unsigned(digit - '0');
    std::string price(Decimal(cents / 100));
    price += cents % 100 < 10 ? ".0" : ".";
    price += Decimal(cents % 100);
    row.price.set_text(price);
    row.price.set_data("move", cents < row.cents ? "down" : "up");
    row.cents = cents;
  }

  // Null where there are too many.
  Row* row_of(std::string_view name) {
    for (Row& row : rows_) {
      if (row.name == name) return &row;
    }
    if (rows_.size() == kMostShares) return nullptr;
    const Element line = Element::create("tr"), label = Element::create("th");
    Element price = Element::create("td");
    label.set_text(name);
    line.append(label);
    line.append(price);
    board_.append(line);
    rows_.push_back({std::string(name), std::move(price), 0});
    return &rows_.back();
  }

  unsigned come_ = 0;
  std::vector<Row> rows_;
  Element board_ = Element::by_id("board");
  Element come_element_ = Element::by_id("come"), replaced_element_ = Element::by_id("replaced");
  tidings::Inbox inbox_;
  tidings::Timer clock_{[](void* board) { static_cast<Board*>(board)->draw(); }, this};
  // An id that is no event's: then it begins with the oldest that there is, and the board is full at once.
  tidings::EventSource source_{"/channels/prices?last_event_id=oldest"};
};

int main() { new Board; }  // for as long as the page is open
