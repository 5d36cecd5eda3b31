#include "server/answer.h"

#include <nlohmann/json.hpp>

namespace tidings {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
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

}  // namespace tidings
