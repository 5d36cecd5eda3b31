#include "tidings/server/subscribers/channel_admin.h"

#include <charconv>
#include <cstddef>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "tidings/server/http/answer.h"
#include "tidings/server/subscribers/channel_routes.h"

namespace tidings {
namespace {

// Of a page. An entry has half a KiB at most.
constexpr std::size_t kMostListed = 1000;

std::size_t limit_of(const Request& request) {
  const auto text = request.parameter("limit");
  if (!text) return kMostListed;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error == std::errc() && end == text->data() + text->size() && limit >= 1 && limit <= kMostListed) return limit;
  throw Refusal(400, "limit must be a whole number from 1 to 1000.");
}

nlohmann::ordered_json json_of(const Hub::Listed& channel) {
  nlohmann::ordered_json json{{"name", channel.name},   {"subscribers", channel.subscribers},
                              {"first", nullptr},       {"next", channel.next},
                              {"bytes", channel.bytes}, {"age_s", nullptr}};
  if (channel.first) json["first"] = *channel.first;
  if (channel.age) json["age_s"] = channel.age->count();
  return json;
}

Answer answer_for(History::Cleared cleared, std::string_view why, const std::string& name) {
  switch (cleared) {
    case History::Cleared::kCleared: break;
    case History::Cleared::kNothing: return problem(404, "There is nothing to drop: " + name + " keeps no events.");
    case History::Cleared::kBusy:
      return problem(Refusal(503, std::string(why) + ": try again shortly.", {{"Retry-After", "1"}}));
    case History::Cleared::kFailed:
      return problem(Refusal(503, "The events could not be dropped: " + std::string(why), {{"Retry-After", "10"}}));
  }
  return {.status = 204, .content_type = {}, .body = {}, .headers = {{"Cache-Control", "no-store"}}};
}

Answer answer_for(const std::optional<Hub::List>& list) {
  if (!list) {
    return problem(Refusal(503, "The history can't be read at the moment: try again shortly.", {{"Retry-After", "5"}}));
  }
  nlohmann::ordered_json json{{"channels", nlohmann::ordered_json::array()}};
  for (const Hub::Listed& each : list->channels) json["channels"].push_back(json_of(each));
  if (list->is_more) json["after"] = list->channels.back().name;
  return {.content_type = "application/json", .body = json.dump() + '\n', .headers = {{"Cache-Control", "no-store"}}};
}

// `require` throws a Refusal for a request of the admin's that asks for what there is not. `refuse` may throw one in
// the place of that which says that somebody is not the admin.
AnyAdmission admission_of_admin(const PublishDoor& door, AnyAuthorizer authorizer,
                                std::function<void(const Request&)> require,
                                std::function<void(const Request&)> refuse) {
  if (is_empty(authorizer)) {
    authorizer = QuickAuthorizer{[&door](const Request&) -> std::shared_ptr<const Grant> {
      if (door.has_admin()) throw Refusal(401, "This needs the admin's token, as Authorization: Bearer TOKEN.");
      throw Refusal(403,
                    "This server has no admin: its program names one by PublishAccess::admin_token or "
                    "ChannelAuthorizers::admin, that of this repository by --admin_token_file or a token's claim.");
    }};
  }
  return admission(
      std::move(authorizer),
      {.is_open = [&door](const Request& request) { return door.admits_admin(request); },
       .check =
           [](const Request&, const Grant& grant) {
             if (grant.admin) return;
             throw Refusal(403, "What lets you in has not the admin's right, which this needs.",
                           {{"WWW-Authenticate", "Bearer realm=\"tidings\", error=\"insufficient_scope\""}});
           },
       .is_open_to_all =
           [refuse = std::move(refuse)](const Request& request) {
             refuse(request);
             return false;
           },
       .let_in = [require = std::move(require)](const Request& request, const Grant*) { require(request); }});
}

}  // namespace

bool is_for_list(const Request& request) { return !request.parameter("name"); }

void list(Hub& hub, const Request& request, Reply reply) {
  const auto shared = std::make_shared<Reply>(std::move(reply));  // a std::function has to be copyable
  hub.list(std::string(request.parameter("after").value_or("")), limit_of(request),
           [shared](const std::optional<Hub::List>& list) { std::move (*shared)(answer_for(list)); });
}

AnyAdmission admission_to_list(const PublishDoor& door, const ChannelAuthorizers& authorizers) {
  return admission_of_admin(
      door, authorizers.admin,
      [&authorizers](const Request& request) {
        require_known_parameters(request, {{"name=CHANNEL", true}, {"after=NAME"}, {"limit=N"}},
                                 authorizers.parameters);
        limit_of(request);
      },
      [&authorizers](const Request& request) {
        if (!request.header("Authorization")) asked_channels(request, authorizers.parameters);
      });
}

void clear(Hub& hub, const Request& request, Reply reply) {
  const auto shared = std::make_shared<Reply>(std::move(reply));
  const std::string& name = request.captures.at(0);
  hub.clear(name, [shared, name](History::Cleared cleared, std::string_view why) {
    std::move (*shared)(answer_for(cleared, why, name));
  });
}

AnyAdmission admission_to_clear(const PublishDoor& door, const ChannelAuthorizers& authorizers) {
  return admission_of_admin(
      door, authorizers.admin,
      [&authorizers](const Request& request) {
        require_name("A channel's name", request.captures.at(0));
        require_known_parameters(request, {}, authorizers.parameters);
      },
      [](const Request&) {});
}

}  // namespace tidings
