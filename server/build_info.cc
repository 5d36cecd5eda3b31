#include "tidings/server/build_info.h"

#include <string_view>
#include <vector>

#include "tidings/server/exposition.h"
#include "tidings/server/tokens/signature.h"
#include "tidings/server/version.h"

namespace tidings {
namespace {

std::vector<Component> components() {
  std::vector<Component> all = built_with();
  all.push_back({"libcrypto", "", crypto_library()});  // which the library does without
  return all;
}

}  // namespace

std::string version_text() {
  std::string text = "Tidings " + std::string(kVersion) + "\nbuilt with";
  std::string_view before = " ";
  for (const Component& each : components()) {
    text.append(before).append(each.name).append(each.name.empty() ? "" : " ").append(each.version);
    before = ", ";
  }
  return text;
}

std::string build_info() {
  const std::vector<Component> all = components();
  std::vector<Exposition::Label> labels{{"version", kVersion}};
  for (const Component& each : all) labels.push_back({each.key, each.version});
  Exposition text;
  text.begin("tidings_build_info", "gauge", "The version of Tidings, and those of what it was built with.");
  text.add(1, labels);
  return text.text();
}

}  // namespace tidings
