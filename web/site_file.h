// A file of the page as it is embedded in the server: made by embed.mjs when the site is built.
#pragma once

#include <span>
#include <string_view>

namespace tidings {

struct SiteFile {
  std::string_view name;      // such as "index.html"
  std::string_view tag;       // a hash of the content, for its ETag
  std::string_view identity;  // the content, plain and precompressed; views of static memory
  std::string_view gzip, brotli;
  // The hashes of the style and the script that a document holds itself, as sources for its Content-Security-Policy.
  std::string_view style_hashes = {}, script_hashes = {};
};

// All files of the site, in the order of their names. Any thread.
std::span<const SiteFile> site_files();

}  // namespace tidings
