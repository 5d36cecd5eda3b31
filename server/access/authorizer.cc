#include "tidings/server/access/authorizer.h"

namespace tidings {
namespace {

// What to make of a grant or a refusal.
Verdict judge(const Question& question, const Request& request, const std::variant<Grant, Answer>& said) {
  try {
    Answer refused;
    if (const auto* const grant = std::get_if<Grant>(&said)) {
      try {
        question.check(request, *grant);
        return grant->until;
      } catch (const Refusal& refusal) {
        refused = problem(refusal);
      }
    } else {
      refused = std::get<Answer>(said);
    }
    if (question.is_open_to_all(request)) return Until();
    return refused;
  } catch (const Refusal& refusal) {
    return problem(refusal);
  }
}

}  // namespace

bool is_empty(const AnyAuthorizer& authorizer) {
  if (const auto* const quick = std::get_if<QuickAuthorizer>(&authorizer)) return !quick->function;
  if (const auto* const later = std::get_if<LaterAuthorizer>(&authorizer)) return !*later;
  return !std::get<Authorizer>(authorizer);
}

AnyAdmission admission(AnyAuthorizer authorizer, Question question) {
  if (auto* const quick = std::get_if<QuickAuthorizer>(&authorizer)) {
    return [ask = std::move(quick->function), question = std::move(question)](const Request& request) -> Until {
      if (question.is_open(request)) return {};
      try {
        const std::shared_ptr<const Grant> grant = ask(request);
        question.check(request, *grant);
        return grant->until;
      } catch (const Refusal&) {
        if (question.is_open_to_all(request)) return {};
        throw;
      }
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
    if (question->is_open(request)) return std::move(pass)(Until());
    const auto judged = [question, request](const std::variant<Grant, Answer>& said) {
      return judge(*question, request, said);
    };
    ask(request, GrantReply(judged, std::move(pass)));
  };
}

}  // namespace tidings
