#include "server/answer.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "protocol/event.h"

namespace tidings {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 416: return "Range Not Satisfiable";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

std::string problem_body(int status, std::string_view sentence) {
  const nlohmann::ordered_json body{{"title", reason_phrase(status)}, {"status", status}, {"detail", sentence}};
  // The sentence may quote what a client sent.
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

Answer problem(int status, std::string_view sentence) {
  return {.status = status,
          .content_type = std::string(kProblemType),
          .body = problem_body(status, sentence),
          .headers = {}};
}

std::string response_bytes(const Answer& answer, ResponseForm form) {
  std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) + ' ';
  bytes.append(reason_phrase(answer.status)).append("\r\n");
  const auto append_field = [&bytes](std::string_view name, std::string_view value) {
    if (!FieldValue::is_valid(name) || !FieldValue::is_valid(value)) {
      throw std::invalid_argument("an answer's header field holds CR, LF or NUL");
    }
    bytes.append(name).append(": ").append(value).append("\r\n");
  };
  for (const auto& [name, value] : answer.headers) append_field(name, value);
  const bool has_content = answer.status >= 200 && answer.status != 204 && answer.status != 304;
  if (has_content) {
    append_field("Content-Type", answer.content_type);
    append_field("Content-Length", std::to_string(answer.body.size()));
  }
  if (!form.keep_alive) append_field("Connection", "close");
  bytes.append("\r\n");
  if (has_content && !form.is_head) bytes.append(answer.body);
  return bytes;
}

}  // namespace tidings
