// What an EventSource object stands on: its listeners, its state, and a life that lasts until the last callback
// returns. Where events come from is the derived class's: Connection is the browser's own EventSource. Not for pages.
// The page has one thread.
#pragma once

#include <string>
#include <string_view>

#include "tidings/client_wasm/event_source/event_source.h"

namespace tidings {

class Feed {
 public:
  using State = EventSource::State;
  using Reason = EventSource::Reason;
  using Listener = EventSource::Listener;

  // An event type that is listened to, for as long as it is.
  struct Type {
    Type* next;
    unsigned listeners;
    std::string name;
  };

  Feed() = default;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  Listener add(std::string_view type, EventSource::OnMessage callback);
  Listener add(EventSource::OnState callback);
  void remove(Listener listener);

  State state() const { return state_; }
  Reason reason() const { return reason_; }

  // Nothing is called afterwards.
  void close();
  // The owner's end. The object goes when no callback runs any more.
  void disown();

 protected:
  virtual ~Feed();
  // Of the types: begin and end to get the events of one. Not called once closed.
  virtual void listen(const Type& type) = 0;
  virtual void unlisten(const Type& type) = 0;
  // Lets go of all that the outside could call back by. Called once, for whatever reason it closes.
  virtual void shut() = 0;

  // Listens to a type for the feed's own sake.
  void want(std::string_view type) { use(type); }
  const Type* types() const { return types_; }
  const Type* find(std::string_view type) const;

  void deliver(const Type& type, const MessageView& message);
  // Tells a state that is new; kClosed shuts.
  void become(State state, Reason reason = Reason::kNone);
  // For a state that holds before anybody can listen.
  void begin_as(State state, Reason reason) {
    state_ = state;
    reason_ = reason;
  }
  bool is_ended() const { return state_ == State::kClosed; }

  // Callbacks run within one of these: what they remove stays until the outermost ends, themselves and the feed too. A
  // function that does something after a callback has one of its own.
  class Call {
   public:
    explicit Call(Feed& feed) : feed_(feed) { ++feed_.calls_; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call();

   private:
    Feed& feed_;
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
  unsigned calls_ = 0;  // that run now, one within the other
  bool has_removed_ = false;
  bool is_silent_ = false;  // closed by its owner
  bool is_disowned_ = false;
  State state_ = State::kConnecting;
  Reason reason_ = Reason::kNone;
};

}  // namespace tidings
