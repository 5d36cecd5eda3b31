// What an EventSource object stands on: its listeners, its state, and a life that lasts until the last callback has
// returned. Derived classes say where messages come from: a Connection from the browser's own EventSource, or from what
// stands in its place. Not for pages. The page has one thread.
#pragma once

#include <string_view>

#include "tidings/client_wasm/base/text.h"
#include "tidings/client_wasm/event_source/event_source.h"

namespace tidings {

// The id of an event that is being delivered, still the browser's until somebody looks.
class LateId {
 public:
  virtual std::string_view text() = 0;  // valid while the event is being delivered

 protected:
  ~LateId() = default;
};

class MessageSource {
 public:
  using State = EventSource::State;
  using Reason = EventSource::Reason;
  using Listener = EventSource::Listener;

  // An event type that somebody listens to. It is there for as long as anybody does.
  struct Type {
    Type* next;
    unsigned listeners;
    Text name;
  };

  MessageSource() = default;
  MessageSource(const MessageSource&) = delete;
  MessageSource& operator=(const MessageSource&) = delete;

  // As EventSource's on_event(), on_state() and remove().
  Listener add(std::string_view type, EventSource::OnMessage callback);
  Listener add(EventSource::OnState callback);
  void remove(Listener listener);

  State state() const { return state_; }
  Reason reason() const { return reason_; }
  double next_attempt() const { return next_attempt_; }
  bool is_calling() const { return calls_ != 0; }  // a callback runs

  // Takes the state on and tells the listeners if it is new. kClosed calls shut().
  void become(State state, Reason reason = Reason::kNone);
  // kWaiting, until then.
  void wait_until(double next_attempt, Reason reason) {
    next_attempt_ = next_attempt;
    become(State::kWaiting, reason);
  }
  // For a state that holds before anybody can listen.
  void begin_as(State state, Reason reason) {
    state_ = state;
    reason_ = reason;
  }

  // Nothing is called afterwards.
  void close();
  // The owner is gone: closes it, and destroys it once no callback runs any more.
  void disown();

 protected:
  virtual ~MessageSource();
  // Begins and ends to get the events of a type. Not called once it is closed.
  virtual void listen(const Type& type) = 0;
  virtual void unlisten(const Type& type) = 0;
  // Lets go of everything by which the browser could call back. Called once, for whatever reason it closes.
  virtual void shut() = 0;

  // Gets the events of a type from now on, also when nobody listens to it.
  void want(std::string_view type) { use(type); }
  const Type* types() const { return types_; }
  const Type* find(std::string_view type) const;

  // Calls the listeners of the type, those that have been there before, until one closes it.
  void deliver(const Type& type, const MessageView& message);
  bool is_ended() const { return state_ == State::kClosed; }

  // Lives while callbacks run. Whatever they remove, be it themselves or this object, stays until the outermost Call
  // ends. A function that does something after a callback has a Call of its own.
  class Call {
   public:
    explicit Call(MessageSource& source) : source_(source) { ++source_.calls_; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call();

   private:
    MessageSource& source_;
  };

 private:
  struct Node;

  Type* use(std::string_view type);
  Listener append(Node* node);
  void sweep();
  void drop(Type* type);

  Type* types_ = nullptr;
  Node* nodes_ = nullptr;  // in the order of their adding
  unsigned last_listener_ = 0;
  unsigned calls_ = 0;        // that run now, one within the other
  bool has_removed_ = false;  // and not swept yet
  bool is_silent_ = false;    // closed by its owner, so no listener is told
  bool is_disowned_ = false;
  State state_ = State::kConnecting;
  Reason reason_ = Reason::kNone;
  double next_attempt_ = 0;
};

}  // namespace tidings
