#include "tidings/client_wasm/event_source/event_source.h"

#include "tidings/client_wasm/event_source/connection.h"

namespace tidings {

LastEventId::operator std::string_view() const { return connection_ != nullptr ? connection_->last_event_id() : text_; }

EventSource::EventSource(std::string_view url, Credentials credentials) {
  Connection* const connection = new Connection(url, credentials);
  source_ = connection;
  connection->begin();
}

EventSource& EventSource::operator=(EventSource&& other) noexcept {
  MessageSource* const replaced = std::exchange(source_, std::exchange(other.source_, nullptr));
  if (replaced != nullptr && replaced != source_) replaced->disown();
  return *this;
}

EventSource::~EventSource() {
  if (source_ != nullptr) std::exchange(source_, nullptr)->disown();
}

EventSource::Listener EventSource::on_event(std::string_view type, OnMessage callback) {
  return source_->add(type, std::move(callback));
}
EventSource::Listener EventSource::on_state(OnState callback) { return source_->add(std::move(callback)); }
void EventSource::remove(Listener listener) {
  if (source_ != nullptr) source_->remove(listener);
}
EventSource::State EventSource::state() const { return source_->state(); }
EventSource::Reason EventSource::reason() const { return source_->reason(); }
void EventSource::close() {
  if (source_ != nullptr) source_->close();
}

}  // namespace tidings
