#include "tidings/client_wasm/event_source/message_source.h"

#include <utility>

namespace tidings {

struct MessageSource::Node {
  Node* next = nullptr;
  unsigned id = 0;  // 0: removed, and goes when no call runs
  Type* type = nullptr;
  EventSource::OnMessage on_message;
  EventSource::OnState on_state;

  // Whether it was added no later than the listener `last`, and is still there.
  bool is_among(unsigned last) const { return id != 0 && id <= last; }
};

MessageSource::Call::~Call() {
  if (--source_.calls_ != 0) return;
  if (source_.is_disowned_) {
    delete &source_;
  } else if (source_.has_removed_) {
    source_.sweep();
  }
}

MessageSource::~MessageSource() {
  while (nodes_ != nullptr) delete std::exchange(nodes_, nodes_->next);
  while (types_ != nullptr) delete std::exchange(types_, types_->next);
}

EventSource::Listener MessageSource::add(std::string_view type, EventSource::OnMessage callback) {
  Node* node = new Node;
  node->type = use(type);
  node->on_message = std::move(callback);
  return append(node);
}

EventSource::Listener MessageSource::add(EventSource::OnState callback) {
  Node* node = new Node;
  node->on_state = std::move(callback);
  return append(node);
}

EventSource::Listener MessageSource::append(Node* node) {
  node->id = ++last_listener_;
  Node** end = &nodes_;
  while (*end != nullptr) end = &(*end)->next;
  *end = node;
  return Listener(node->id);
}

void MessageSource::remove(Listener listener) {
  if (listener == Listener::kNone) return;
  for (Node* node = nodes_; node != nullptr; node = node->next) {
    if (node->id != unsigned(listener)) continue;
    node->id = 0;
    has_removed_ = true;
    if (calls_ == 0) sweep();
    return;
  }
}

// What a callback owns may remove other listeners when it is destroyed, or end this object: so all that are removed
// leave the lists before the first is deleted.
void MessageSource::sweep() {
  has_removed_ = false;
  Node* removed = nullptr;
  for (Node** at = &nodes_; *at != nullptr;) {
    Node* const node = *at;
    if (node->id != 0) {
      at = &node->next;
      continue;
    }
    *at = node->next;
    node->next = removed;
    removed = node;
    if (node->type != nullptr && --node->type->listeners == 0) drop(node->type);
  }
  while (removed != nullptr) delete std::exchange(removed, removed->next);
}

void MessageSource::drop(Type* type) {
  Type** at = &types_;
  while (*at != type) at = &(*at)->next;
  *at = type->next;
  if (!is_ended()) unlisten(*type);
  delete type;
}

const MessageSource::Type* MessageSource::find(std::string_view type) const {
  const Type* found = types_;
  while (found != nullptr && std::string_view(found->name) != type) found = found->next;
  return found;
}

MessageSource::Type* MessageSource::use(std::string_view name) {
  Type* type = const_cast<Type*>(find(name));
  if (type == nullptr) {
    type = types_ = new Type{types_, 0, Text(name)};
    if (!is_ended()) listen(*type);
  }
  ++type->listeners;
  return type;
}

void MessageSource::deliver(const Type& type, const MessageView& message) {
  const Call call(*this);
  const unsigned last = last_listener_;
  for (Node* node = nodes_; node != nullptr && !is_ended(); node = node->next) {
    if (node->type == &type && node->is_among(last) && node->on_message) node->on_message(message);
  }
}

void MessageSource::become(State state, Reason reason) {
  if (is_ended() || (state == state_ && reason == reason_)) return;
  const bool is_new = state != state_;
  state_ = state;
  reason_ = reason;
  if (is_ended()) shut();
  if (!is_new) return;
  const Call call(*this);
  const unsigned last = last_listener_;
  for (Node* node = nodes_; node != nullptr && state_ == state && !is_silent_; node = node->next) {
    if (node->type == nullptr && node->is_among(last) && node->on_state) node->on_state(state);
  }
}

void MessageSource::close() {
  is_silent_ = true;
  if (is_ended()) return;
  state_ = State::kClosed;
  reason_ = Reason::kClosedHere;
  shut();
}

void MessageSource::disown() {
  close();
  is_disowned_ = true;
  if (calls_ == 0) delete this;
}

}  // namespace tidings
