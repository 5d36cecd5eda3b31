#include "tidings/client_wasm/event_source/event_source.h"

#include "tidings/client_wasm/event_source/message_source.h"

namespace tidings {

LastEventId::operator std::string_view() const { return late_ != nullptr ? late_->text() : text_; }

EventSource& EventSource::operator=(EventSource&& other) noexcept {
  MessageSource* const replaced = std::exchange(source_, std::exchange(other.source_, nullptr));
  if (replaced != nullptr && replaced != source_) replaced->disown();
  return *this;
}

EventSource::~EventSource() {
  if (source_ != nullptr) std::exchange(source_, nullptr)->disown();
}

EventSource::Listener EventSource::on_event(std::string_view type, OnMessage callback) {
  return source_ != nullptr ? source_->add(type, std::move(callback)) : Listener::kNone;
}
EventSource::Listener EventSource::on_state(OnState callback) {
  return source_ != nullptr ? source_->add(std::move(callback)) : Listener::kNone;
}
void EventSource::remove(Listener listener) {
  if (source_ != nullptr) source_->remove(listener);
}
EventSource::State EventSource::state() const { return source_ != nullptr ? source_->state() : State::kClosed; }
EventSource::Reason EventSource::reason() const { return source_ != nullptr ? source_->reason() : Reason::kClosedHere; }
double EventSource::next_attempt() const { return source_ != nullptr ? source_->next_attempt() : 0; }
void EventSource::close() {
  if (source_ != nullptr) source_->close();
}

}  // namespace tidings
