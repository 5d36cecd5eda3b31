// A handler's answer, given when the handler has it: within its call, or later by any thread. Whoever holds the Reply
// answers the request with it, once. A client that has left meanwhile, and a server that is gone, make that harmless. A
// Reply that is dropped unanswered is a 500. Move-only.
#pragma once

#include <memory>
#include <utility>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/once.h"

namespace tidings {

class Reply {
 public:
  explicit Reply(std::shared_ptr<Once<Answer>> slot) : slot_(std::move(slot)) {}
  Reply(Reply&&) = default;
  Reply& operator=(Reply&&) = delete;
  ~Reply();

  void operator()(Answer answer) && { std::exchange(slot_, nullptr)->give(std::move(answer)); }

 private:
  std::shared_ptr<Once<Answer>> slot_;
};

}  // namespace tidings
