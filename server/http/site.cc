#include "tidings/server/http/site.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "tidings/server/http/text.h"

namespace tidings {
namespace {

// What a document may run and show beside the files of its own origin, as sources for its Content-Security-Policy.
struct Sources {
  std::string_view scripts = {}, styles = {};
};

std::string security_policy(const Sources& sources) {
  std::string policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
  if (!sources.scripts.empty()) policy.append(" ").append(sources.scripts);
  policy.append("; style-src 'self'");
  if (!sources.styles.empty()) policy.append(" ").append(sources.styles);
  policy.append(
      "; img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'");
  return policy;
}

constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".json", "application/json"},
};

std::string type_of(std::string_view name) {
  for (const auto& [extension, type] : kTypes) {
    if (name.ends_with(extension)) return std::string(type);
  }
  return "application/octet-stream";
}

// A name that can lead neither out of the folder nor to a hidden file.
bool is_plain_name(std::string_view name) {
  char before = '/';
  for (const char c : name) {
    if (!is_alphanumeric(c) && c != '-' && c != '_' && c != '.' && c != '/') return false;
    if (before == '/' && (c == '.' || c == '/')) return false;
    before = c;
  }
  return before != '/';
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

bool matches_tag(std::string_view field, std::string_view tag) {
  return any_list_member(field, [&](std::string_view each) {
    if (each.starts_with("W/")) each.remove_prefix(2);
    return each == "*" || each == tag;
  });
}

Answer page_answer(std::string_view name, const std::string& policy) {
  Answer answer;
  answer.content_type = type_of(name);
  answer.headers = {{"Cache-Control", "no-cache"}, {"X-Content-Type-Options", "nosniff"}};
  // What a document says holds for all that it loads. An icon can be opened as a document, and could have scripts.
  if (answer.content_type.starts_with("text/html") || answer.content_type == "image/svg+xml") {
    if (!policy.empty()) answer.headers.emplace_back("Content-Security-Policy", policy);
    answer.headers.emplace_back("Referrer-Policy", "no-referrer");
  }
  return answer;
}

Answer embedded_answer(const SiteFile& file, const Request& request) {
  const std::string_view accepted = request.header("Accept-Encoding").value_or("");
  std::string_view coding, content = file.identity;
  if (!file.brotli.empty() && accepts_encoding(accepted, "br")) {
    coding = "br";
    content = file.brotli;
  } else if (!file.gzip.empty() && accepts_encoding(accepted, "gzip")) {
    coding = "gzip";
    content = file.gzip;
  }
  std::string tag = '"' + std::string(file.tag);
  if (!coding.empty()) tag.append("-").append(coding);
  tag += '"';

  Answer answer = page_answer(file.name, security_policy({file.script_hashes, file.style_hashes}));
  answer.headers.emplace_back("ETag", tag);
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  if (const auto known = request.header("If-None-Match"); known && matches_tag(*known, tag)) {
    answer.status = 304;
    return answer;
  }
  if (!coding.empty()) answer.headers.emplace_back("Content-Encoding", coding);
  answer.body = content;
  return answer;
}

}  // namespace

bool accepts_encoding(std::string_view field, std::string_view coding) {
  std::optional<bool> by_name, by_star;
  any_list_member(field, [&](std::string_view member) {
    const std::size_t semicolon = member.find(';');
    const std::string_view name = trimmed(member.substr(0, semicolon));
    bool is_allowed = true;
    if (semicolon != std::string_view::npos) {
      const std::string_view weight = trimmed(member.substr(semicolon + 1));
      is_allowed = !weight.starts_with("q=0") || weight.find_first_of("123456789") != std::string_view::npos;
    }
    if (equal_but_for_case(name, coding)) by_name = is_allowed;
    if (name == "*") by_star = is_allowed;
    return false;
  });
  return by_name.value_or(by_star.value_or(false));
}

Site::Site(std::span<const SiteFile> files, std::optional<std::filesystem::path> root,
           std::optional<std::string> root_policy)
    : files_(files), root_(std::move(root)), root_policy_(std::move(root_policy)) {}

Answer Site::answer(std::string_view name, const Request& request) const {
  if (root_ && is_plain_name(name)) {
    if (std::optional<std::string> content = read_file(*root_ / name)) {
      Answer answer = page_answer(name, root_policy_ ? *root_policy_ : security_policy({}));
      answer.body = std::move(*content);
      return answer;
    }
  }
  const auto file = std::find_if(files_.begin(), files_.end(), [&](const SiteFile& each) { return each.name == name; });
  if (file == files_.end()) throw Refusal(404, "There is nothing at " + request.path + ".");
  return embedded_answer(*file, request);
}

}  // namespace tidings
