#include "tidings/server/tokens/token_keys.h"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "tidings/server/http/text.h"
#include "tidings/server/tokens/base64url.h"
#include "tidings/server/tokens/strict_json.h"

namespace tidings {
namespace {

using nlohmann::json;

constexpr std::size_t kMostKeys = 64, kMostValues = 2048;
constexpr const char* kWhiteSpace = " \t\r\n";

std::string bytes_of(const json& key, const char* name) {
  const auto text = text_of(key, name);
  std::optional<std::string> bytes = text ? from_base64url(*text) : std::nullopt;
  if (!bytes || bytes->empty()) throw std::runtime_error("its \"" + std::string(name) + "\" is no base64url");
  return *std::move(bytes);
}

// What a JWK's members say that it is for; nothing where that is no signature that is verified here.
std::optional<Algorithm> purpose_of(const json& key) {
  if (const json* const use = member(key, "use"); use && *use != "sig") return std::nullopt;
  if (const json* const operations = member(key, "key_ops")) {
    if (std::find(operations->begin(), operations->end(), "verify") == operations->end()) return std::nullopt;
  }
  const auto type = text_of(key, "kty"), curve = text_of(key, "crv");
  std::optional<Algorithm> algorithm;
  if (type == "oct") algorithm = Algorithm::kHs256;
  if (type == "RSA") algorithm = Algorithm::kRs256;
  if (type == "EC" && curve == "P-256") algorithm = Algorithm::kEs256;
  if (type == "OKP" && curve == "Ed25519") algorithm = Algorithm::kEdDsa;
  if (!algorithm || !member(key, "alg")) return algorithm;
  const std::optional<Algorithm> named = algorithm_of(text_of(key, "alg").value_or(""));
  if (named && named != algorithm) throw std::runtime_error("its \"alg\" is for keys of another \"kty\"");
  return named;
}

VerifyingKey key_of(const json& key, Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kHs256: return VerifyingKey::of_secret(bytes_of(key, "k"));
    case Algorithm::kRs256: return VerifyingKey::of_rsa(bytes_of(key, "n"), bytes_of(key, "e"));
    case Algorithm::kEs256: return VerifyingKey::of_p256(bytes_of(key, "x"), bytes_of(key, "y"));
    case Algorithm::kEdDsa: break;
  }
  return VerifyingKey::of_ed25519(bytes_of(key, "x"));
}

// How errors name it.
std::string name_of(const std::optional<std::string>& id) {
  return id ? "the key with the ID " + printable(id->substr(0, 64)) : "the key without an ID";
}

std::string pem_of(std::string_view text) {
  const std::size_t begin = text.find("-----BEGIN ");
  if (text.find("-----BEGIN ", begin + 1) != text.npos) {
    throw std::runtime_error("holds several keys as PEM: give one, or a JWK set");
  }
  if (text.find("PRIVATE KEY-----") != text.npos) {
    throw std::runtime_error("holds a private key, which this server must not have: give the public one");
  }
  if (text.find("-----BEGIN PUBLIC KEY-----") == text.npos) {
    throw std::runtime_error("holds no public key: its first line should be -----BEGIN PUBLIC KEY-----");
  }
  return std::string(text);
}

}  // namespace

TokenKeys TokenKeys::from(std::string_view text) {
  TokenKeys keys;
  const std::size_t begin = std::min(text.find_first_not_of(kWhiteSpace), text.size());
  if (text.find("-----BEGIN ") != text.npos) {
    try {
      keys.add({{}, VerifyingKey::of_pem(pem_of(text))});
    } catch (const std::runtime_error& error) {
      const std::string_view why = error.what();
      throw std::runtime_error(why.starts_with("holds ") ? std::string(why) : "can't be used: " + std::string(why));
    }
    return keys;
  }
  if (!text.substr(begin).starts_with('{')) {
    text.remove_suffix(text.size() - (text.find_last_not_of(kWhiteSpace) + 1));
    try {
      keys.add({{}, VerifyingKey::of_secret(std::string(text))});
    } catch (const std::runtime_error& error) {
      throw std::runtime_error("can't be used: " + std::string(error.what()));
    }
    return keys;
  }
  const std::optional<json> parsed = strict_json(text, kMostValues);
  if (!parsed) throw std::runtime_error("begins as JSON and is none, or one that is too long or has a member twice");
  const json one = json::array({*parsed});
  const json* const listed = member(*parsed, "keys");
  const json& all = listed ? *listed : one;
  if (!all.is_array() || all.size() > kMostKeys) throw std::runtime_error("should have 1 to 64 \"keys\" in a list");
  for (const json& key : all) {
    const auto named = text_of(key, "kid");
    const std::optional<std::string> id = named ? std::optional<std::string>(*named) : std::nullopt;
    try {
      if (const std::optional<Algorithm> algorithm = purpose_of(key)) keys.add({id, key_of(key, *algorithm)});
    } catch (const std::runtime_error& error) {
      throw std::runtime_error("can't be used: of " + name_of(id) + ", " + error.what());
    }
  }
  if (keys.keys_.empty()) {
    throw std::runtime_error("holds no key that verifies HS256, RS256, ES256 or EdDSA");
  }
  return keys;
}

void TokenKeys::add(Key key) {
  for (const Key& each : keys_) {
    if (each.id == key.id && each.key.algorithm() == key.key.algorithm()) {
      throw std::runtime_error("there is another for the same algorithm: give each its own \"kid\"");
    }
  }
  keys_.push_back(std::move(key));
}

// A token that names no key is for the only one of its algorithm, and so is one that names a key where that has no ID.
const VerifyingKey* TokenKeys::find(Algorithm algorithm, std::optional<std::string_view> id) const {
  const VerifyingKey* only = nullptr;
  bool has_several = false, has_ids = false;
  for (const Key& each : keys_) {
    if (each.key.algorithm() != algorithm) continue;
    if (id && each.id == *id) return &each.key;
    has_several = only != nullptr;
    has_ids = has_ids || each.id;
    only = &each.key;
  }
  return has_several || (id && has_ids) ? nullptr : only;
}

}  // namespace tidings
