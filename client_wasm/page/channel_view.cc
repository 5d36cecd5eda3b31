#include "tidings/client_wasm/page/channel_view.h"

#include <algorithm>
#include <cstddef>

#include "tidings/client_wasm/base/timer.h"
#include "tidings/client_wasm/page/connection_state.h"
#include "tidings/client_wasm/page/number.h"
#include "tidings/client_wasm/page/time_of_day.h"

extern "C" {
// channel_view.js
bool tidings_page_give_back(const char* text, std::size_t text_length);
void tidings_page_ask_for_token();
void tidings_page_keep_token(const char* token, std::size_t token_length);
void tidings_page_restore_token();
}

namespace tidings {
namespace {

// Whether a text gets a line below it that shows all of it. It is then more than the lines that show without.
bool is_long(std::string_view text) { return text.size() > 600 || std::count(text.begin(), text.end(), '\n') > 6; }

}  // namespace

ChannelView::ChannelView()
    : source_(EventSource::shared("/channels/demo", kPersistent)),
      publisher_("demo", [this](const Publisher::Outcome& outcome) { show(outcome); }),
      submissions_(dom::Element::by_id("publish"), dom::Listener::Kind::kSubmit,
                   [this](std::string_view text) {
                     notice_.set_text({});
                     return publisher_.publish(text);
                   }),
      tokens_(dom::Element::by_id("token"), dom::Listener::Kind::kInput, [this](std::string_view token) {
        publisher_.set_token(token);
        tidings_page_keep_token(token.data(), token.size());
        return false;
      }) {
  tidings_page_restore_token();
  show_state(source_, view_, state_);
  source_.on_state([this](EventSource::State) { show_state(source_, view_, state_); });
  const EventSource::OnMessage show_message = [this](const EventSource::Message& message) { show(message); };
  for (const char* type : {"message", "gap", "*"}) source_.on_event(type, show_message);
}

// A gap's row has the gap's own id, from which the stream goes on.
void ChannelView::show(const EventSource::Message& message) {
  std::string_view text = message.data;
  if (message.type == "gap") {
    text = "Some events are gone: the server no longer has all that came after the last one.";
    notice_.set_text(text);
  }
  add(text, message.type == "message" ? std::string_view() : message.type, message.last_event_id);
}

// What is published comes back as an event. What is not, goes back to where it was typed, or into the list where
// something else has been typed since: nothing is lost. A token that it lacked is asked for.
void ChannelView::show(const Publisher::Outcome& outcome) {
  if (outcome.is_published()) return;
  notice_.set_text(outcome.answer);
  if (!tidings_page_give_back(outcome.text.data(), outcome.text.size())) add(outcome.text, "not published", {});
  if (outcome.status == 401) tidings_page_ask_for_token();
}

void ChannelView::add(std::string_view text, std::string_view type, std::string_view id) {
  log_.add(is_long(text) ? long_ : event_, {text, type, TimeOfDay(tidings_now()), id});
  ++added_;
  show_number(shown_, added_ < kMostShown ? added_ : kMostShown);
  show_number(count_, added_);
}

}  // namespace tidings
