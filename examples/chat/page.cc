// What is said, the newest last, and a form to say something. Text is only ever text, whoever has said it.
#include <string>
#include <string_view>

#include "tidings/client_wasm/dom/dom.h"
#include "tidings/client_wasm/dom/list.h"
#include "tidings/client_wasm/dom/listener.h"
#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/fetch/publisher.h"

using tidings::dom::Element;
using tidings::dom::Listener;

class Chat {
 public:
  Chat() {
    source_.on_message([this](const tidings::MessageView& message) { show(message.data); });
  }

 private:
  // The first line is who has said it.
  void show(std::string_view message) {
    const std::size_t end = message.find('\n');
    const bool has_name = end != std::string_view::npos;
    said_.add(entry_, {has_name ? message.substr(0, end) : "Somebody", has_name ? message.substr(end + 1) : message});
  }

  // What is said comes back as an event, to its author too.
  bool say(std::string_view text) {
    notice_.set_text({});
    return publisher_.publish(name_ + '\n' + std::string(text));
  }

  void tell(const tidings::Publisher::Outcome& outcome) {
    if (outcome.is_published()) return;
    notice_.set_text(outcome.answer.empty() ? "The server can't be reached: nobody has read that." : outcome.answer);
  }

  std::string name_ = "Somebody";
  Element entry_ = Element::by_id("entry"), notice_ = Element::by_id("notice");
  tidings::dom::List said_{Element::by_id("said"), 200};
  // An id that is no event's: then it begins with the oldest that there is.
  tidings::EventSource source_{"/channels/chat?last_event_id=oldest"};
  tidings::Publisher publisher_{"chat", [this](const tidings::Publisher::Outcome& outcome) { tell(outcome); }};
  Listener say_{Element::by_id("say"), Listener::Kind::kSubmit, [this](std::string_view text) { return say(text); }};
  Listener named_{Element::by_id("name"), Listener::Kind::kInput, [this](std::string_view name) {
                    name_ = name;
                    return false;
                  }};
};

int main() { new Chat; }  // for as long as the page is open
