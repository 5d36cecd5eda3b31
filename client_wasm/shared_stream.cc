#include "client_wasm/shared_stream.h"

#include <algorithm>
#include <utility>

#include "client_wasm/text_buffer.h"

extern "C" {
// share.js
bool tidings_share_open(tidings::SharedStream* stream, const char* url, std::size_t url_length, bool with_credentials);
void tidings_share_post(tidings::SharedStream* stream, const char* begin, std::size_t length);
void tidings_share_request(tidings::SharedStream* stream);
void tidings_share_close(tidings::SharedStream* stream);
}

namespace tidings {

using Kind = ShareMessage::Kind;

namespace {

// What the last leader has said may still be on its way when another one gets the lock, milliseconds.
constexpr double kSettling = 50;
constexpr double kAskAgain = 1000;

// For a JSON string. An id holds no control characters that anybody means.
void append_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
}

}  // namespace

EventSource SharedStream::make(std::string_view url, const Reopening& options) {
  SharedStream* const stream = new SharedStream(url, options);
  stream->join();
  return EventSource(stream);
}

EventSource EventSource::shared(std::string_view url, const Reopening& options) {
  return SharedStream::make(url, options);
}

SharedStream::SharedStream(std::string_view url, const Reopening& options)
    : url_(url),
      options_(options),
      self_(1 + std::uint32_t(tidings_random() * 4294967294.0)),
      last_id_(options.last_event_id),
      place_id_(options.last_event_id) {}

SharedStream::~SharedStream() { delete own_; }

void SharedStream::join() {
  if (!tidings_share_open(this, url_.data(), url_.size(), options_.credentials == EventSource::Credentials::kInclude)) {
    role_ = Role::kAlone;
    connect();
    return;
  }
  role_ = Role::kFollower;
  for (const Type* type = types(); type != nullptr; type = type->next) listen(*type);
  ask();
  tidings_share_request(this);
}

void SharedStream::leave() {
  timer_.stop();
  is_asking_ = false;
  delete std::exchange(own_, nullptr);
  if (role_ != Role::kAlone && role_ != Role::kAsleep) tidings_share_close(this);
  role_ = Role::kAsleep;
}

// A frozen tab would hold the lock, or its place before it, for as long as nobody looks at it.
void SharedStream::sleep() {
  if (role_ == Role::kAlone || role_ == Role::kAsleep || is_ended()) return;
  leave();
  if (state() == State::kOpen) become(State::kReconnecting);
}

void SharedStream::wake() {
  if (role_ == Role::kAsleep && !is_ended()) join();
}

ShareMessage SharedStream::make(ShareMessage::Kind kind, std::uint32_t to) const {
  ShareMessage message;
  message.kind = kind;
  message.from = self_;
  message.to = to;
  message.state = state();
  message.reason = reason();
  message.position = position_;
  message.id = place_id_;
  message.origin = origin_;
  return message;
}

void SharedStream::post(const ShareMessage& message) {
  const std::string bytes = message.encode();
  tidings_share_post(this, bytes.data(), bytes.size());
}

// Every tab knows every type that any has listened to, so that whoever comes to lead listens to them.
void SharedStream::listen(const Type& type) {
  if (type.listeners == 0) want(type.name);  // for good
  if (role_ == Role::kAsleep) return;
  if (own_ != nullptr) own_->on_event(type.name, [this](const MessageView& message) { take_own(message); });
  if (role_ == Role::kAlone) return;
  ShareMessage message = make(Kind::kWant);
  message.type = type.name;
  post(message);
}

// Leading.

void SharedStream::take_lead() {
  const Call call(*this);
  if (role_ != Role::kFollower) {  // the lock was ours, and is stolen: to the end of the queue
    sleep();
    wake();
    return;
  }
  role_ = Role::kCandidate;
  if (position_.term == 0) {
    begin_term();
  } else {
    timer_.start(kSettling);
  }
}

void SharedStream::begin_term() {
  timer_.stop();
  is_asking_ = false;
  began_after_ = position_;
  term_id_ = place_id_;
  top_term_ = std::max(top_term_ + 1, std::uint64_t(tidings_now()));
  position_ = {top_term_, 0};
  if (began_after_.term == 0) log_.begin_at(position_, place_id_);
  has_held_gap_ = false;
  const bool is_first = role_ != Role::kLeader;
  role_ = Role::kLeader;
  if (is_first && state() != State::kConnecting) become(State::kReconnecting);
  if (role_ != Role::kLeader) return;
  ShareMessage message = make(Kind::kLead);
  message.before = began_after_;
  post(message);
  if (is_first) connect();
}

void SharedStream::connect() {
  options_.last_event_id = place_id_;
  delete own_;
  own_ = new EventSource(url_, options_);
  own_->on_state([this](State state) { take_own(state); });
  for (const Type* type = types(); type != nullptr; type = type->next) {
    own_->on_event(type->name, [this](const MessageView& message) { take_own(message); });
  }
  if (own_->state() == State::kClosed) take_own(State::kClosed);
}

void SharedStream::take_own(State state) {
  const Call call(*this);
  const Reason reason = own_->reason();
  if (state == State::kConnecting && this->state() != State::kConnecting) state = State::kReconnecting;
  if (role_ == Role::kLeader) {
    ShareMessage message = make(Kind::kState);
    message.state = state;
    message.reason = reason;
    post(message);
  }
  become(state, reason);
}

void SharedStream::take_own(const MessageView& message) {
  const Call call(*this);
  ShareMessage copy = make(Kind::kEvent);
  ++copy.position.number;
  copy.type = message.type;
  copy.data = message.data;
  copy.id = message.last_event_id;
  copy.origin = message.origin;
  if (role_ == Role::kLeader) post(copy);
  pass_on(copy);
}

// Only the newest leader's answer counts, so whoever knows of a later term makes this one later still.
void SharedStream::answer(const ShareMessage& question) {
  if (position_ < question.position) {
    top_term_ = std::max(top_term_, question.position.term);
    begin_term();
  }
  ShareMessage message = make(Kind::kWant, question.from);
  for (const Type* type = types(); type != nullptr; type = type->next) {
    message.type = type->name;
    post(message);
  }
  if (question.position.term != 0) {
    ShareLog::Found found = log_.after(question.position);
    SharePosition before = question.position;
    const SharePosition base = found.base != nullptr ? found.base->position : log_.before();
    const std::uint64_t term = found.first != nullptr ? found.first->position.term : position_.term;
    if (!found.is_whole) {
      message = make(Kind::kGap, question.from);
      const ShareLog::Entry* const hollow = log_.newest_hollow();
      found.first = hollow != nullptr ? ShareLog::passed_on(hollow->next) : log_.first();
      message.position = before = hollow != nullptr ? hollow->position : log_.before();
      message.id = hollow != nullptr ? std::string_view(hollow->id) : log_.before_id();
      if (found.first != nullptr) message.data = found.first->id;
      post(message);
    } else if (term != question.position.term && (!(base == question.position) || found.first == nullptr)) {
      // It has seen what this tab had to get again: to it a term began there.
      message = make(Kind::kLead, question.from);
      message.position = before = {term, 0};
      message.before = base;
      message.id = found.base != nullptr ? std::string_view(found.base->id) : log_.before_id();
      post(message);
    }
    message = make(Kind::kEvent, question.from);
    for (const ShareLog::Entry* next = found.first; next != nullptr; next = ShareLog::passed_on(next->next)) {
      message.before = std::exchange(before, next->position);
      message.position = next->position;
      message.type = next->type;
      message.data = next->data;
      message.id = next->id;
      post(message);
    }
  }
  post(make(Kind::kHere, question.from));
}

// Following.

void SharedStream::ask() {
  is_asking_ = true;
  timer_.start(kAskAgain);
  post(make(Kind::kAsk));
}

void SharedStream::take_due(void* owner) {
  SharedStream& self = *static_cast<SharedStream*>(owner);
  const Call call(self);
  if (self.role_ == Role::kCandidate) {
    self.begin_term();
  } else if (self.role_ == Role::kFollower) {
    self.ask();
  }
}

void SharedStream::take(std::string_view bytes) {
  const auto decoded = ShareMessage::decode(bytes);
  if (!decoded || decoded->from == self_ || (decoded->to != 0 && decoded->to != self_)) return;
  const ShareMessage& message = *decoded;
  const Call call(*this);
  if (message.kind == Kind::kWant) {
    if (find(message.type) == nullptr) want(message.type);
    return;
  }
  if (message.kind == Kind::kAsk) {
    if (role_ == Role::kLeader) answer(message);
    return;
  }
  if (role_ != Role::kFollower && role_ != Role::kCandidate) return;
  top_term_ = std::max(top_term_, message.position.term);
  switch (message.kind) {
    case Kind::kEvent: take_event(message); break;
    case Kind::kLead: follow_term(message); break;
    case Kind::kGap: take_gap(message); break;
    case Kind::kHere: take_here(message); break;
    default: mirror(message);
  }
}

void SharedStream::mirror(const ShareMessage& message) {
  if (role_ != Role::kFollower || message.position.term < position_.term) return;
  const bool is_back = message.state == State::kConnecting && state() != State::kConnecting;
  become(is_back ? State::kReconnecting : message.state, message.reason);
}

void SharedStream::follow_term(const ShareMessage& message) {
  if (message.position.term <= position_.term) {
    // A leader that does not know of this term yet.
    if (message.position.term < position_.term && role_ == Role::kFollower) ask();
    return;
  }
  const SharePosition before = message.before;
  if (position_.term == 0) {
    last_id_ = message.id;
    log_.begin_at(message.position, message.id);
  } else if (position_ < before) {
    if (role_ == Role::kFollower) ask();
    return;
  } else if (before < position_) {
    // The new leader will get again what this tab has seen already, if both know from where.
    bool is_known = last_id_.empty();  // without ids the server can't bring it again
    if (message.id.empty()) {
      log_.expect_none();
    } else {
      is_known = before.term == position_.term ? log_.expect_after(before) : log_.expect_after(message.id);
    }
    if (!is_known) {
      log_.append({message.position.term - 1, UINT64_MAX}, "gap", gap_before(message.id), last_id_);
      deliver_gap(message.id);
    }
  }
  if (is_ended()) return;
  position_ = {message.position.term, 0};
  place_id_ = message.id;
  term_id_ = message.id;
  has_held_gap_ = false;
  if (role_ == Role::kFollower) timer_.stop();
  is_asking_ = false;
  mirror(message);
}

void SharedStream::take_event(const ShareMessage& message) {
  if (position_.term == 0 || !(position_ < message.position)) return;
  const bool is_next = message.position == SharePosition{position_.term, position_.number + 1};
  if (is_next || (message.to != 0 && message.before == position_)) {
    pass_on(message);
  } else if (message.to == 0 && role_ == Role::kFollower && !is_asking_) {
    ask();
  }
}

void SharedStream::pass_on(const ShareMessage& message) {
  position_ = message.position;
  if (!message.id.empty()) place_id_ = message.id;
  if (origin_ != message.origin) origin_ = message.origin;
  const bool is_identified = !message.id.empty() && message.id != term_id_;
  if (log_.expects()) {
    if (is_identified && log_.take_again(message.id, position_)) {
      has_held_gap_ = false;
      return;
    }
    if (!is_identified && message.type == "gap") {
      held_gap_ = message.data;
      held_position_ = position_;
      has_held_gap_ = true;
      return;
    }
    if (is_identified) log_.expect_none();
  }
  MessageView view;
  if (has_held_gap_) {
    has_held_gap_ = false;
    view.type = "gap";
    view.data = held_gap_;
    view.last_event_id = last_id_;
    log_.append(held_position_, view.type, view.data, view.last_event_id);
    if (const Type* type = find(view.type)) deliver(*type, view);
    if (is_ended()) return;
  }
  if (!message.id.empty()) last_id_ = message.id;
  log_.append(position_, message.type, message.data, message.id);
  view.type = message.type;
  view.data = message.data;
  view.last_event_id = message.id;
  view.origin = origin_;
  if (const Type* type = find(message.type)) deliver(*type, view);
}

void SharedStream::take_gap(const ShareMessage& message) {
  if (!is_asking_ || position_.term == 0 || !(position_ < message.position)) return;
  deliver_gap(message.data);
  if (is_ended()) return;
  log_.begin_at(message.position, message.id);
  position_ = message.position;
  place_id_ = message.id;
}

std::string SharedStream::gap_before(std::string_view first) const {
  std::string data = R"({"channel":"","asked":")";
  append_escaped(last_id_, data);
  data += R"(","first":")";
  append_escaped(first, data);
  data += "\"}";
  return data;
}

void SharedStream::deliver_gap(std::string_view first) {
  const std::string data = gap_before(first);
  MessageView view;
  view.type = "gap";
  view.data = data;
  view.last_event_id = last_id_;
  view.origin = origin_;
  if (const Type* type = find(view.type)) deliver(*type, view);
}

void SharedStream::take_here(const ShareMessage& message) {
  if (role_ == Role::kFollower) timer_.stop();  // else it is of what is to come
  is_asking_ = false;
  if (position_.term == 0) {
    position_ = message.position;
    last_id_ = place_id_ = message.id;
    log_.begin_at(position_, message.id);
  } else if (position_ < message.position && role_ == Role::kFollower) {
    is_asking_ = true;  // there is more than has come
    timer_.start(kAskAgain);
    return;
  }
  mirror(message);
}

}  // namespace tidings

extern "C" TIDINGS_CALLED_BY_JS void tidings_share_take(tidings::SharedStream* stream, std::size_t length) {
  tidings::TextBuffer text;
  stream->take(text.take(length));
}

extern "C" TIDINGS_CALLED_BY_JS void tidings_share_lead(tidings::SharedStream* stream) { stream->take_lead(); }
