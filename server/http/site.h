// The page: embedded files, or those of a folder while somebody works on it. Any thread.
// Source: RFC 9110, sections "Accept-Encoding" and "If-None-Match"; Content Security Policy Level 3, section
// "Content-Security-Policy HTTP Response Header Field".
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/request.h"
#include "tidings/web/site_file.h"

namespace tidings {

class Site {
 public:
  // `files` outlive the site. `root` is a folder whose files come before the embedded ones; they are read anew at each
  // request. `root_policy` is the Content-Security-Policy of its documents, without one where it is empty; unless it is
  // given they have that of embedded ones.
  Site(std::span<const SiteFile> files, std::optional<std::filesystem::path> root = {},
       std::optional<std::string> root_policy = {});

  // The file of that name, which has no slash in front. An embedded one comes in brotli, in gzip or as it is, the first
  // of these that the request accepts, or as a 304 where the client has it already; one of `root` comes as it is.
  // Throws a Refusal (404) where there is none.
  Answer answer(std::string_view name, const Request& request) const;

 private:
  std::span<const SiteFile> files_;
  std::optional<std::filesystem::path> root_;
  std::optional<std::string> root_policy_;
};

// Whether an Accept-Encoding field allows `coding`, by its name or by `*`; one with `q=0` it does not.
bool accepts_encoding(std::string_view field, std::string_view coding);

}  // namespace tidings
