#include "tidings/server/http/known_parameters.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/text.h"

namespace tidings {
namespace {

constexpr std::size_t kLongestNameSaid = 64;

std::string_view name_of(const KnownParameter& known) { return known.form.substr(0, known.form.find('=')); }

void require(const Request& request, const std::vector<KnownParameter>& known, const OtherParameters& others) {
  std::set<std::string_view> seen;
  for (const auto& [name, value] : request.parameters) {
    if (name.empty() && value.empty()) continue;  // what stands behind a last &
    if (std::find(others.begin(), others.end(), name) != others.end()) continue;
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&name = name](const KnownParameter& each) { return name_of(each) == name; });
    if (found == known.end()) {
      std::string forms;
      for (const KnownParameter& each : known) forms.append(forms.empty() ? "" : ", ").append(each.form);
      throw Refusal(400, request.path + " takes no parameter \"" + printable(name.substr(0, kLongestNameSaid)) + "\"" +
                             (forms.empty() ? ": leave it out." : ", but " + forms + "."));
    }
    if (!seen.insert(name).second && !found->may_repeat) {
      throw Refusal(400, "The parameter " + name + " is there twice: give it once.");
    }
  }
}

}  // namespace

void require_known_parameters(const Request& request, std::initializer_list<KnownParameter> known,
                              const OtherParameters& others) {
  require(request, known, others);
}

void require_known_stream_parameters(const Request& request, std::initializer_list<KnownParameter> known,
                                     const OtherParameters& others) {
  if (request.parameters.empty()) return;
  std::vector<KnownParameter> all(known);
  // Clients that come back append another id and leave the one that they had.
  for (const char* form : {"heartbeat=event", "last_event_id=ID", "lastEventId=ID"}) all.push_back({form, true});
  Request asked;
  asked.path = request.path;
  for (const auto& parameter : request.parameters) {
    if (parameter.first != "datastar" && parameter.first != "_") asked.parameters.push_back(parameter);
  }
  require(asked, all, others);
}

}  // namespace tidings
