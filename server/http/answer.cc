#include "tidings/server/http/answer.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "tidings/protocol/event.h"
#include "tidings/server/http/text.h"

namespace tidings {
namespace {

// A status below 200 does not end an exchange, and none is above 599.
void require_sound(int status) {
  if (status >= 200 && status <= 599) return;
  throw std::invalid_argument("an answer has the status " + std::to_string(status) +
                              ", which is not one of 200 to 599");
}

void require_sound(const Answer::Fields& fields) {
  for (const auto& [name, value] : fields) check_field(name, value);
}

}  // namespace

void check_field(std::string_view name, std::string_view value) {
  static constexpr std::string_view kOwn[] = {"Connection", "Content-Length", "Transfer-Encoding"};
  if (!is_token(name) || !FieldValue::is_valid(value)) {
    throw std::invalid_argument("an answer's header field has a name that is none, or CR, LF or NUL in its value");
  }
  if (std::any_of(std::begin(kOwn), std::end(kOwn), [&](auto own) { return equal_but_for_case(name, own); })) {
    throw std::invalid_argument("an answer has the header field " + std::string(name) + ", which is the server's own");
  }
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

std::string problem_body(int status, std::string_view sentence) {
  const nlohmann::ordered_json body{{"title", reason_phrase(status)}, {"status", status}, {"detail", sentence}};
  // The sentence may quote what a client sent.
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

Refusal::Refusal(int status, std::string sentence, Answer::Fields headers)
    : status_(status), sentence_(std::move(sentence)), headers_(std::move(headers)) {
  require_sound(status_);
  require_sound(headers_);
}

Answer problem(int status, std::string_view sentence) { return problem(Refusal(status, std::string(sentence))); }

Answer problem(const Refusal& refusal) {
  Answer answer{.status = refusal.status(),
                .content_type = std::string(kProblemType),
                .body = problem_body(refusal.status(), refusal.what()),
                .headers = refusal.headers()};
  if (!has_header(answer, "Cache-Control")) answer.headers.emplace_back("Cache-Control", "no-store");
  if (answer.status == 401 && !has_header(answer, "WWW-Authenticate")) {
    answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"tidings\"");
  }
  return answer;
}

bool has_header(const Answer& answer, std::string_view name) {
  return std::any_of(answer.headers.begin(), answer.headers.end(),
                     [&](const auto& field) { return equal_but_for_case(field.first, name); });
}

std::string response_bytes(const Answer& answer, ResponseForm form) {
  require_sound(answer.status);
  require_sound(answer.headers);
  check_field("Content-Type", answer.content_type);
  std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) + ' ';
  bytes.append(reason_phrase(answer.status)).append("\r\n");
  const auto append_field = [&bytes](std::string_view name, std::string_view value) {
    bytes.append(name).append(": ").append(value).append("\r\n");
  };
  if (!form.date.empty() && !has_header(answer, "Date")) append_field("Date", form.date);
  for (const auto& [name, value] : answer.headers) append_field(name, value);
  const bool has_content = answer.status != 204 && answer.status != 304;
  if (has_content) {
    if (!has_header(answer, "Content-Type")) append_field("Content-Type", answer.content_type);
    append_field("Content-Length", std::to_string(answer.body.size()));
  }
  if (!form.keep_alive) append_field("Connection", "close");
  bytes.append("\r\n");
  if (has_content && !form.is_head) bytes.append(answer.body);
  return bytes;
}

}  // namespace tidings
