// Who may read and publish, decided by a function of the application: it gets the request, with its path, parameters
// and fields (cookies among them), and grants channels until a time, or refuses. It is asked once for each stream and
// for each publication, for that before the body is read where this takes a while.
//
// from examples/guests.cc:
//   tidings::Grant what_guests_may(const Guests& guests, const tidings::Request& request) {
//     const auto name = guests.name_of(request.cookie("guest").value_or(""));
//     if (!name) throw tidings::Refusal(401, "Sign in first: POST a name to /sign_in.");
//     const auto until = std::chrono::system_clock::now() + 15min;
//     return {.read = {"news", "rooms.*"}, .publish = {"rooms." + *name}, .until = until};
//   }
//
// Any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tidings/server/access/grant.h"
#include "tidings/server/http/admission.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/http/request.h"

namespace tidings {

// What is granted to one request, or refused: given within the call that asks, or later by any thread, once. A client
// that has left meanwhile, and a server that is gone, make that harmless. One that is dropped is a 500, and so is a
// grant with a field that a stream's response can't have, for which it throws std::invalid_argument. Move-only.
class GrantReply {
 public:
  using Judge = std::function<Verdict(const std::variant<Grant, Answer>&)>;
  GrantReply(Judge judge, Pass pass) : judge_(std::move(judge)), pass_(std::move(pass)) {}

  void operator()(const Grant& grant) && { std::move(pass_)(judge_(grant)); }
  // The client gets this status and sentence; a 401 asks for a bearer token unless it has a WWW-Authenticate field.
  void operator()(const Refusal& refusal) && { std::move(pass_)(judge_(problem(refusal))); }

 private:
  Judge judge_;
  Pass pass_;
};

// On a worker thread, which it may block. A Refusal that it throws is the client's answer, any other exception a 500.
using Authorizer = std::function<Grant(const Request&)>;
// The same for one that answers later: it returns at once, and whoever knows gives it to the GrantReply. The request is
// valid during the call. A client that has not heard within ServerOptions::answer_timeout gets a 503.
using LaterAuthorizer = std::function<void(const Request&, GrantReply)>;
// The same for what takes some microseconds and never blocks, since it is called on the client's loop.
struct QuickAuthorizer {
  std::function<std::shared_ptr<const Grant>(const Request&)> function;
};
using AnyAuthorizer = std::variant<Authorizer, LaterAuthorizer, QuickAuthorizer>;

// Who is asked about channels. Where a function is empty nobody is: then everybody reads, and nobody publishes but whom
// PublishAccess lets.
struct ChannelAuthorizers {
  AnyAuthorizer read = {}, publish = {};
  // Of the query, that they look at; those that nobody looks at are refused.
  std::vector<std::string> parameters = {};
  // Of who lists channels and drops what they keep: Grant::admin says whether it may. Where it is empty nobody may but
  // who has PublishAccess::admin_token.
  AnyAuthorizer admin = {};
};

bool is_empty(const AnyAuthorizer& authorizer);

// What is asked about a request of one kind.
struct Question {
  // Before the authorizer: throws a Refusal for what is none. Whether the request needs no grant.
  std::function<bool(const Request&)> is_open;
  // With a grant: throws a Refusal where that is not enough for the request.
  std::function<void(const Request&, const Grant&)> check;
  // After a refusal: throws one of its own, or returns whether the request is let in all the same.
  std::function<bool(const Request&)> is_open_to_all = [](const Request&) { return false; };
  // Of one that is let in, by the grant or, where that is null, without: throws a Refusal where it can't be served all
  // the same, since it comes too soon for example.
  std::function<void(const Request&, const Grant*)> let_in = [](const Request&, const Grant*) {};
};

// For the router: how a route asks. The authorizer is not empty.
AnyAdmission admission(AnyAuthorizer authorizer, Question question);

}  // namespace tidings
