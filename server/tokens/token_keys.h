// The keys of the parties that sign tokens for this server, from a file's text. Whether one of several is a token's is
// decided by the token's algorithm and key ID, so that verifying a token never costs more than one signature.
// Source: RFC 7517, sections "JWK Format" and "JWK Set Format"; RFC 7518, section "Cryptographic Algorithms for Keys";
// RFC 8037. A plain value: one thread at a time; the const functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/tokens/signature.h"

namespace tidings {

class TokenKeys {
 public:
  // The text is a JWK set or one JWK, the PEM of one public key, or else a secret, of which white space at its end is
  // no part. Keys of a set that are for something else are left out. Throws std::runtime_error with the rest of a
  // sentence that begins with the file, for what is none of these, and for keys of which one could be taken for the
  // other.
  static TokenKeys from(std::string_view text);

  // The key that has to have signed a token with this header; null where there is none.
  const VerifyingKey* find(Algorithm algorithm, std::optional<std::string_view> id) const;

 private:
  struct Key {
    std::optional<std::string> id;
    VerifyingKey key;
  };
  void add(Key key);

  std::vector<Key> keys_;
};

}  // namespace tidings
