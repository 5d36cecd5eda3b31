#include "tidings/server/access/authorizer.h"

#include <optional>
#include <utility>

#include "tidings/server/http/stream_field.h"

namespace tidings {
namespace {

Admitted admitted(const Grant& grant) {
  for (const auto& [name, value] : grant.stream_fields) check_stream_field(name, value);
  return {.until = grant.until, .stream_fields = grant.stream_fields};
}

// What to make of a grant or a refusal.
Verdict judge(const Question& question, const Request& request, const std::variant<Grant, Answer>& said) {
  try {
    std::optional<Answer> refused;
    if (const auto* const grant = std::get_if<Grant>(&said)) {
      try {
        question.check(request, *grant);
      } catch (const Refusal& refusal) {
        refused = problem(refusal);
      }
      if (!refused) {
        question.let_in(request, grant);
        return admitted(*grant);
      }
    } else {
      refused = std::get<Answer>(said);
    }
    if (!question.is_open_to_all(request)) return *std::move(refused);
    question.let_in(request, nullptr);
    return Admitted();
  } catch (const Refusal& refusal) {
    return problem(refusal);
  }
}

// The same for who hears the grant within the call.
Admitted verdict(const Question& question, const Request& request, const QuickAuthorizer& authorizer) {
  std::shared_ptr<const Grant> grant;
  if (!question.is_open(request)) {
    try {
      grant = authorizer.function(request);
      question.check(request, *grant);
    } catch (const Refusal&) {
      if (!question.is_open_to_all(request)) throw;
      grant = nullptr;
    }
  }
  question.let_in(request, grant.get());
  return grant ? admitted(*grant) : Admitted();
}

}  // namespace

bool is_empty(const AnyAuthorizer& authorizer) {
  if (const auto* const quick = std::get_if<QuickAuthorizer>(&authorizer)) return !quick->function;
  if (const auto* const later = std::get_if<LaterAuthorizer>(&authorizer)) return !*later;
  return !std::get<Authorizer>(authorizer);
}

AnyAdmission admission(AnyAuthorizer authorizer, Question question) {
  if (auto* const quick = std::get_if<QuickAuthorizer>(&authorizer)) {
    return [quick = std::move(*quick), question = std::move(question)](const Request& request) {
      return verdict(question, request, quick);
    };
  }
  if (auto* const at_once = std::get_if<Authorizer>(&authorizer)) {
    authorizer = [ask = std::move(*at_once)](const Request& request, GrantReply reply) {
      try {
        std::move(reply)(ask(request));
      } catch (const Refusal& refusal) {
        std::move(reply)(refusal);
      }
    };
  }
  return [ask = std::move(std::get<LaterAuthorizer>(authorizer)),
          question = std::make_shared<const Question>(std::move(question))](const Request& request, Pass pass) {
    if (question->is_open(request)) {
      question->let_in(request, nullptr);
      return std::move(pass)(Admitted());
    }
    const auto judged = [question, request](const std::variant<Grant, Answer>& said) {
      return judge(*question, request, said);
    };
    ask(request, GrantReply(judged, std::move(pass)));
  };
}

}  // namespace tidings
