#include "tidings/client_wasm/event_source/event_source.h"

#include "tidings/client_wasm/event_source/connection.h"

namespace tidings {

LastEventId::operator std::string_view() const { return connection_ != nullptr ? connection_->last_event_id() : text_; }

EventSource::EventSource(std::string_view url, Credentials credentials) {
  Connection* const connection = new Connection(url, credentials);
  feed_ = connection;
  connection->begin();
}

EventSource& EventSource::operator=(EventSource&& other) noexcept {
  Feed* const replaced = std::exchange(feed_, std::exchange(other.feed_, nullptr));
  if (replaced != nullptr && replaced != feed_) replaced->disown();
  return *this;
}

EventSource::~EventSource() {
  if (feed_ != nullptr) std::exchange(feed_, nullptr)->disown();
}

EventSource::Listener EventSource::on_event(std::string_view type, OnMessage callback) {
  return feed_->add(type, std::move(callback));
}
EventSource::Listener EventSource::on_state(OnState callback) { return feed_->add(std::move(callback)); }
void EventSource::remove(Listener listener) {
  if (feed_ != nullptr) feed_->remove(listener);
}
EventSource::State EventSource::state() const { return feed_->state(); }
EventSource::Reason EventSource::reason() const { return feed_->reason(); }
void EventSource::close() {
  if (feed_ != nullptr) feed_->close();
}

}  // namespace tidings
