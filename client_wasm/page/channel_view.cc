#include "tidings/client_wasm/page/channel_view.h"

#include <string>
#include <string_view>

#include "tidings/client_wasm/page/connection_state.h"

namespace tidings {

ChannelView::ChannelView()
    : source_(EventSource::shared("/channels/demo", kPersistent)),
      publisher_("demo", [this](const Publisher::Outcome& outcome) { show(outcome); }),
      submissions_(dom::Element::by_id("publish"), dom::Listener::Kind::kSubmit,
                   [this](std::string_view text) { return publisher_.publish(text); }) {
  show_state(source_, view_, state_);
  source_.on_state([this](EventSource::State) { show_state(source_, view_, state_); });
  source_.on_message([this](const EventSource::Message& message) {
    log_.add(event_, {message.data, message.last_event_id});
  });
  source_.on_event("gap", [this](const EventSource::Message& gap) { show_gap(gap); });
}

// Says so beside the gap's own id, from which the stream goes on.
void ChannelView::show_gap(const EventSource::Message& gap) {
  log_.add(notice_,
           {"Some events are gone: the server no longer has all that came after the last one.", gap.last_event_id});
}

// What is published comes back as an event; what is not, is shown so that nothing that was typed is lost.
void ChannelView::show(const Publisher::Outcome& outcome) {
  constexpr std::string_view kNotPublished = "Not published: ";
  if (outcome.is_published()) return;
  std::string words(kNotPublished);
  words.append(outcome.text);
  log_.add(notice_, {words, outcome.answer});
}

}  // namespace tidings
