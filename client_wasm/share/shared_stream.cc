#include "tidings/client_wasm/share/shared_stream.h"

#include <algorithm>
#include <utility>

#include "tidings/client_wasm/base/text.h"
#include "tidings/client_wasm/event_source/connection.h"

extern "C" {
// share.js
bool tidings_share_open(tidings::SharedStream* stream, const char* url, std::size_t url_length, bool with_credentials);
void tidings_share_post(tidings::SharedStream* stream, const tidings::ShareMessage* begin, std::size_t length);
void tidings_share_close(tidings::SharedStream* stream);
}

namespace tidings {

using Kind = ShareMessage::Kind;

namespace {

// How long to wait for what the last leader has said, which may be on its way when another one gets the lock;
// milliseconds.
constexpr double kSettling = 50;
constexpr double kAskAgain = 1000;
// The server's own events, whose ids are the place to go on from: before the first event, and after what is gone.
constexpr std::string_view kBeginType = "begin";
constexpr std::string_view kGapType = "gap";

// Appends what may stand in a JSON string; control characters, which no id has on purpose, are left out.
void append_escaped(std::string_view text, std::string& out) {
  for (const char& c : text) {
    if (c == '"' || c == '\\') out.append("\\", 1);
    if (static_cast<unsigned char>(c) >= 0x20) out.append(&c, 1);
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
      place_id_(options.last_event_id) {
  want(kBeginType);
  want(kGapType);
}

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
}

void SharedStream::leave() {
  timer_.stop();
  is_asking_ = false;
  delete std::exchange(own_, nullptr);
  if (role_ != Role::kAlone && role_ != Role::kAsleep) tidings_share_close(this);
  role_ = Role::kAsleep;
}

// A frozen tab would keep the lock, or its turn to get it, for as long as nobody looks at it.
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
  return message;
}

void SharedStream::post(const ShareMessage& message) {
  const ShareMessage* const copy = message.copy();
  tidings_share_post(this, copy, copy->size());
  delete copy;
}

// Every tab knows every type that any has listened to, so that whoever comes to lead listens to them.
void SharedStream::listen(const Type& type) {
  if (type.listeners == 0) want(type.name);  // for good
  if (role_ == Role::kAsleep) return;
  if (own_ != nullptr) hear(type);
  if (role_ != Role::kAlone) post_want(type, 0);
}

void SharedStream::post_want(const Type& type, std::uint32_t to) {
  if (type.name == kBeginType || type.name == kGapType) return;  // every tab does
  ShareMessage message = make(Kind::kWant, to);
  message.type = type.name;
  post(message);
}

// Leading.

void SharedStream::take_lead() {
  const Call call(*this);
  if (role_ != Role::kFollower) {  // the lock was ours, and is stolen
    queue_again();
    return;
  }
  role_ = Role::kCandidate;
  if (position_ == 0) {
    begin_term();
  } else {
    timer_.start(kSettling);
  }
}

// Goes on as a new tab would, which has had what this one has had: at the end of the queue for the lock.
void SharedStream::queue_again() {
  sleep();
  wake();
}

void SharedStream::begin_term() {
  timer_.stop();
  is_asking_ = false;
  ShareMessage message = make(Kind::kLead);
  message.before = position_;
  top_term_ = std::max(top_term_ + 1, std::uint64_t(tidings_now()));
  message.position = position_ = top_term_ << kShareNumberBits;
  if (message.before == 0) log_.begin_at(position_, place_id_);
  const bool is_first = role_ != Role::kLeader;
  role_ = Role::kLeader;
  if (is_first && state() != State::kConnecting) become(State::kReconnecting);
  if (role_ != Role::kLeader) return;
  message.state = state();
  post(message);
  if (is_first) connect();
}

void SharedStream::connect() {
  options_.last_event_id = place_id_;
  delete own_;
  own_ = new EventSource(url_, options_);
  own_->on_state([this](State state) { take_own(state); });
  for (const Type* type = types(); type != nullptr; type = type->next) hear(*type);
  if (own_->state() == State::kClosed) take_own(State::kClosed);
}

void SharedStream::hear(const Type& type) {
  own_->on_event(type.name, [this](const MessageView& message) { take_own(message); });
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
  // An event before this one was not passed on, and this one would get its number: no other tab could know. Whoever
  // leads next asks the server for both.
  if (role_ == Role::kLeader && static_cast<const Connection*>(own_->source_)->is_torn()) {
    queue_again();
    return;
  }
  ShareMessage copy = make(Kind::kEvent);
  ++copy.position;
  copy.type = message.type;
  copy.data = message.data;
  copy.id = message.last_event_id;
  copy.origin = message.origin;
  if (role_ == Role::kLeader) post(copy);
  pass_on(copy);
}

// Only the newest leader's answer counts. So where the asking tab knows of a later term than ours, we begin one that is
// later still.
void SharedStream::answer(const ShareMessage& question) {
  if (position_ < question.position) begin_term();
  for (const Type* type = types(); type != nullptr; type = type->next) post_want(*type, question.from);
  SharePosition asked = question.position;
  if (asked == 0 && !question.id.empty()) {  // the tab is new and is to begin after this event
    ShareMessage message = make(Kind::kLead, question.from);
    message.position = asked = log_.find(question.id);
    message.id = question.id;
    if (asked != 0) post(message);
  }
  if (asked != 0) {
    const ShareMessage* base = log_.base();
    ShareMessage* next = ShareLog::after(base);
    const bool is_gone = asked < base->position;
    for (; next != nullptr && next->position <= asked; next = ShareLog::after(next)) base = next;
    SharePosition before = asked;
    // What follows is of a later term than the tab's position. If `base` is not where the tab is, it has seen events
    // that this leader had to get again in its own term; if nothing follows, the term alone is new. So it is told that
    // a term began after `base`.
    const SharePosition term = next != nullptr ? next->position - 1 : position_;
    const bool is_anew = share_term(term) != share_term(before) && (base->position != before || next == nullptr);
    if (is_gone || is_anew) {
      ShareMessage message = make(is_gone ? Kind::kGap : Kind::kLead, question.from);
      message.position = is_gone ? base->position : term;
      message.before = base->position;
      message.id = base->id;
      if (next != nullptr) message.data = next->id;
      before = message.position;
      post(message);
    }
    for (; next != nullptr; next = ShareLog::after(next)) {
      next->kind = Kind::kEvent;
      next->from = self_;
      next->to = question.from;
      next->before = std::exchange(before, next->position);
      tidings_share_post(this, next, next->size());
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
  ShareMessage message;
  if (!message.decode(bytes) || message.from == self_ || (message.to != 0 && message.to != self_)) return;
  const Call call(*this);
  if (message.kind == Kind::kWant) {
    want(message.type);
    return;
  }
  top_term_ = std::max(top_term_, share_term(message.position));
  if (message.kind == Kind::kAsk) {
    if (role_ == Role::kLeader) answer(message);
    return;
  }
  if (role_ != Role::kFollower && role_ != Role::kCandidate) return;
  switch (message.kind) {
    case Kind::kEvent: take_event(message); break;
    case Kind::kLead: follow_term(message); break;
    case Kind::kGap: take_gap(message); break;
    case Kind::kHere: take_here(message); break;
    default: mirror(message);
  }
}

// Takes on the leader's state, once this tab has all that it has asked for: to be open promises every event that comes
// from then on.
void SharedStream::mirror(const ShareMessage& message) {
  if (role_ != Role::kFollower || is_asking_ || share_term(message.position) != share_term(position_)) return;
  const bool is_back = message.state == State::kConnecting && state() != State::kConnecting;
  become(is_back ? State::kReconnecting : message.state, message.reason);
}

void SharedStream::follow_term(const ShareMessage& message) {
  const SharePosition before = message.before;
  const bool is_new = share_term(message.position) > share_term(position_);
  if (!is_new || (position_ != 0 && position_ < before)) {
    // A leader that does not know of this term yet, or one that has seen more.
    if (role_ == Role::kFollower && (is_new || share_term(message.position) < share_term(position_))) ask();
    return;
  }
  if (position_ == 0) {
    if (message.to == 0 && !last_id_.empty() && last_id_ != message.id) return;  // it asks for its own beginning
    last_id_ = message.id;
    log_.begin_at(message.position, message.id);
  } else if (before < position_) {
    // The new leader will get again what this tab has seen already, if both know from where.
    bool is_known = last_id_.empty() && place_id_.empty();  // without ids the server can't bring it again
    if (message.id.empty()) {
      log_.expect_none();
    } else {
      is_known =
          share_term(before) == share_term(position_) ? log_.expect_after(before) : log_.expect_after(message.id);
    }
    if (!is_known) {
      give_gap(message.id, message.id);
      log_.begin_at(message.position, message.id);
    }
  }
  if (is_ended()) return;
  position_ = message.position;
  place_id_ = message.id;
  take_answer();
  mirror(message);
}

void SharedStream::take_event(const ShareMessage& message) {
  if (position_ == 0 || message.position <= position_) return;
  if (message.position == position_ + 1 || (message.to != 0 && message.before == position_)) {
    pass_on(message);
  } else if (message.to == 0 && role_ == Role::kFollower && !is_asking_) {
    ask();
  }
}

void SharedStream::pass_on(ShareMessage message) {
  message.has_own_id = message.id != place_id_;
  position_ = message.position;
  place_id_ = message.id;
  if (message.has_own_id && log_.expects()) {
    // A gap is known again too: its id is that of the last event that is gone, which this tab may have had.
    if (log_.take_again(message)) return;
    log_.expect_none();
  }
  log_.append(message);
  if (!log_.expects()) last_id_ = message.id;  // else it has no id by which to know it again
  hand(message);
}

// Gives the event to whoever listens in this tab.
void SharedStream::hand(const ShareMessage& message) {
  const Type* const type = find(message.type);
  if (type != nullptr) deliver(*type, {message.type, message.data, message.id, message.origin});
}

void SharedStream::take_gap(const ShareMessage& message) {
  if (!is_asking_ || position_ == 0 || message.position <= position_) return;
  give_gap(message.data, message.id);
  if (is_ended()) return;
  log_.begin_at(message.position, message.id);
  position_ = message.position;
  place_id_ = message.id;
}

// Gives this tab alone a `gap` of the server's form. `id` is that of the last event that is gone; the caller lets the
// log begin anew there.
void SharedStream::give_gap(std::string_view first, std::string_view id) {
  std::string data(R"({"channel":"","asked":")");
  append_escaped(last_id_, data);
  data.append(R"(","first":")");
  append_escaped(first, data);
  data.append("\"}");
  ShareMessage message;
  message.type = kGapType;
  message.data = data;
  message.id = last_id_ = id;
  hand(message);
}

void SharedStream::take_answer() {
  if (role_ == Role::kFollower) timer_.stop();  // a candidate's is for its term
  is_asking_ = false;
}

void SharedStream::take_here(const ShareMessage& message) {
  take_answer();
  if (position_ == 0) {
    position_ = message.position;
    place_id_ = message.id;
    if (!last_id_.empty() && last_id_ != message.id) give_gap({}, message.id);
    if (is_ended()) return;
    last_id_ = message.id;
    log_.begin_at(position_, message.id);
  } else if (position_ < message.position && role_ == Role::kFollower) {
    is_asking_ = true;  // there is more than has come
    timer_.start(kAskAgain);
    return;
  }
  mirror(message);
}

}  // namespace tidings

extern "C" TIDINGS_CALLED_BY_JS void tidings_share_take(tidings::SharedStream* stream, char* bytes,
                                                        std::size_t length) {
  stream->take(tidings::Text(bytes, length));
}

extern "C" TIDINGS_CALLED_BY_JS void tidings_share_lead(tidings::SharedStream* stream) { stream->take_lead(); }
