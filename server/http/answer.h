// What a handler says: a status, header fields and a body; and the one form that every refusal takes.
// Source: RFC 9110, section "Status Codes"; RFC 9457, section "The Problem Details JSON Object". Plain values, one
// thread at a time; the functions, any thread.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

struct Answer {
  using Fields = std::vector<std::pair<std::string, std::string>>;

  int status = 200;                                        // 200 to 599
  std::string content_type = "text/plain; charset=utf-8";  // unless `headers` has a Content-Type
  std::string body;                                        // any bytes; a 204 and a 304 are sent without it
  Fields headers = {};  // Connection, Content-Length and Transfer-Encoding are the server's own and can't be among them
};

// Throws std::invalid_argument with a sentence for a header field that would break the response or is the server's own.
void check_field(std::string_view name, std::string_view value);

inline constexpr std::string_view kProblemType = "application/problem+json";

// The standard's words for a status, such as "Not Found"; "Unknown" for one that has none here.
std::string_view reason_phrase(int status);

// The JSON of a problem. The sentence says what is wrong and what would be right; malformed UTF-8 in it becomes U+FFFD.
std::string problem_body(int status, std::string_view sentence);

// Thrown by a handler, or by a generator before its first suspension: the client gets this status and sentence, and
// these header fields too. Thrown by a generator later, it ends the stream as any other exception does.
class Refusal final : public std::exception {
 public:
  // Throws std::invalid_argument where response_bytes() would, for this status or one of these header fields.
  Refusal(int status, std::string sentence, Answer::Fields headers = {});
  int status() const { return status_; }
  const char* what() const noexcept override { return sentence_.c_str(); }
  const Answer::Fields& headers() const { return headers_; }

 private:
  int status_;
  std::string sentence_;
  Answer::Fields headers_;
};

// The answer that says a problem. No cache may keep it, and a 401 asks for a bearer token (RFC 6750), unless the
// refusal has a Cache-Control or a WWW-Authenticate of its own. Throws as the constructor of Refusal does.
Answer problem(int status, std::string_view sentence);
Answer problem(const Refusal& refusal);

// Whether the answer has a field of this name, whatever its case.
bool has_header(const Answer& answer, std::string_view name);

struct ResponseForm {
  bool keep_alive = false;
  bool is_head = false;        // the body is left out, its length is not
  std::string_view date = {};  // an HTTP date; left out where it is empty or the answer has one
};
// An answer as the bytes of an HTTP/1.1 response. Throws std::invalid_argument for a status that is not one of 200 to
// 599, and for a header field as check_field() does.
std::string response_bytes(const Answer& answer, ResponseForm form);

}  // namespace tidings
