// The page: embedded files, or those of a folder while one works on it. Any thread.
// Source: RFC 9110, sections "Accept-Encoding" and "If-None-Match"; Content Security Policy Level 3.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/request.h"
#include "tidings/web/site_file.h"

namespace tidings {

class Site {
 public:
  // `root`: a folder whose files come before the embedded ones, read anew at each request.
  Site(std::span<const SiteFile> files, std::optional<std::filesystem::path> root = {});

  // The file of that name, in the encoding that the request prefers; 304 when the client has it already; 404.
  Answer answer(std::string_view name, const Request& request) const;

 private:
  std::span<const SiteFile> files_;
  std::optional<std::filesystem::path> root_;
};

// Whether an Accept-Encoding field allows `coding` by name or by `*`.
bool accepts_encoding(std::string_view field, std::string_view coding);

}  // namespace tidings
