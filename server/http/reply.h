// A handler's answer, given when the handler has it: within its call, or later by any thread. Whoever holds the Reply
// answers the request with it, once. A client that has left meanwhile, and a server that is gone, make that harmless. A
// Reply that is dropped unanswered is a 500. Move-only.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "tidings/server/http/answer.h"

namespace tidings {

// Between the worker that calls a handler and whoever answers. For the router.
class ReplySlot {
 public:
  // `deliver` takes an answer that comes after the handler has returned. Any thread calls it, once or never.
  explicit ReplySlot(std::function<void(Answer)> deliver) : deliver_(std::move(deliver)) {}

  void answer(Answer answer);
  // The handler has returned. Its answer, if it has come; from now on answers are delivered.
  std::optional<Answer> returned();
  // The handler has thrown, and that is the answer: another is dropped.
  void close();

 private:
  std::mutex mutex_;
  bool has_returned_ = false, is_closed_ = false;
  std::optional<Answer> early_;
  std::function<void(Answer)> deliver_;
};

class Reply {
 public:
  explicit Reply(std::shared_ptr<ReplySlot> slot) : slot_(std::move(slot)) {}
  Reply(Reply&&) = default;
  Reply& operator=(Reply&&) = delete;
  ~Reply();

  void operator()(Answer answer) && { std::exchange(slot_, nullptr)->answer(std::move(answer)); }

 private:
  std::shared_ptr<ReplySlot> slot_;
};

}  // namespace tidings
