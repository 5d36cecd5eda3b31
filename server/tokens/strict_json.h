// JSON of strangers and of key files: bounded in depth and in the number of its values, and without a member that
// stands twice, of which each reader would take another. Source: RFC 8259; RFC 7519, section "JWT Claims". Any thread.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace tidings {

// Empty where the text is no such JSON.
std::optional<nlohmann::json> strict_json(std::string_view text, std::size_t most_values);

// The member of this name where `object` is an object that has it; null otherwise.
const nlohmann::json* member(const nlohmann::json& object, const char* name);
// The text of a member; empty where there is none, or where it is no string.
std::optional<std::string_view> text_of(const nlohmann::json& object, const char* name);

}  // namespace tidings
