// What a client may do with channels, and until when. A plain value: one thread at a time; the function, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/http/admission.h"
#include "tidings/server/http/answer.h"

namespace tidings {

struct Grant {
  // Channels, by patterns: a name, such as `news`; a beginning and a star, such as `robots.*`, for all names that begin
  // so; or the star alone, for all. What is none of these matches nothing.
  std::vector<std::string> read = {};
  std::vector<std::string> publish = {};
  // By then its streams have ended with a word, each at a random moment of the ServerOptions::drain_time before, and
  // their clients come back for another grant.
  Until until = {};
  // Of the response of each stream that it lets in, beside the server's own, to set a cookie for example. One that
  // can't be there (stream_field.h) makes the grant a 500.
  Answer::Fields stream_fields = {};
  // Who it is that has it, such as a name, for whoever counts how often it publishes (PublishAccess::rate). Without it
  // the address counts.
  std::string bearer = {};
  // The admin's right: to list all channels and to drop what they keep, whatever the patterns say.
  bool admin = false;
};

// Whether one of the patterns matches the channel's name.
bool matches(const std::vector<std::string>& patterns, std::string_view name);

}  // namespace tidings
