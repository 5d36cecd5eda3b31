// A header field that an application adds to the response of an event stream, to set a cookie for example. What else is
// in the head of such a response is in stream_session.h. Any thread.
#pragma once

#include <string_view>

namespace tidings {

// Throws std::invalid_argument with a sentence for one that would break the response, and for one that the server
// writes itself: by it the client knows what it gets, and what is in between that it must not keep or gather.
void check_stream_field(std::string_view name, std::string_view value);

}  // namespace tidings
