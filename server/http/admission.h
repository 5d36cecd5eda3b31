// Whether a request is let in, and until when: what a route asks once about each, before the body is read where that
// takes a while. What is let in is up to those who make admissions: access/ does for channels. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/once.h"
#include "tidings/server/http/request.h"
#include "tidings/server/loop/clock.h"

namespace tidings {

// When a stream that was let in ends; without it, it goes on for as long as it lasts.
using Until = std::optional<Clock::WallTime>;

// What a request gets that is let in.
struct Admitted {
  Until until = {};
  Answer::Fields stream_fields = {};  // of its stream's response, checked (stream_field.h)
};
using Verdict = std::variant<Admitted, Answer>;  // let in, or refused with an answer

// The verdict on one request, given when there is one: within the call that asks, or later by any thread, once. A
// client that has left meanwhile, and a server that is gone, make that harmless. A Pass that is dropped is a 500.
// Move-only.
class Pass {
 public:
  explicit Pass(std::shared_ptr<Once<Verdict>> slot) : slot_(std::move(slot)) {}
  Pass(Pass&&) = default;
  Pass& operator=(Pass&&) = delete;
  ~Pass();

  void operator()(Verdict verdict) && { std::exchange(slot_, nullptr)->give(std::move(verdict)); }

 private:
  std::shared_ptr<Once<Verdict>> slot_;
};

// Both throw a Refusal to refuse the request with it; any other exception is a 500.
using Admission = std::function<Admitted(const Request&)>;  // where the route answers: on the loop if that is quick
// On a worker, which it may block; it may return before it has a verdict. The request is valid during the call. A
// client whose request has no verdict within ServerOptions::answer_timeout gets a 503.
using LaterAdmission = std::function<void(const Request&, Pass)>;
using AnyAdmission = std::variant<Admission, LaterAdmission>;

}  // namespace tidings
