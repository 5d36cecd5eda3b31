// Keys that verify signatures, and what they verify: the one place that knows the library which does the cryptography
// (libcrypto: OpenSSL's of 1.1.1 and later, or BoringSSL's). Whatever a key is, it verifies one algorithm, so that a
// token can't have a public key taken for a secret. Source: RFC 7518, sections "HMAC with SHA-2 Functions", "Digital
// Signature with RSASSA-PKCS1-v1_5", "Digital Signature with ECDSA"; RFC 8037; RFC 5280, section "Subject Public Key
// Info". Any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tidings {

// The library by name and version, as it was built with.
std::string crypto_library();

enum class Algorithm { kHs256, kRs256, kEs256, kEdDsa };

// As a token's header names it; empty for any other name, `none` among them.
std::optional<Algorithm> algorithm_of(std::string_view name);

class VerifyingKey {
 public:
  // Each throws std::runtime_error with a sentence for what is no key of its kind, or one that is too weak: a secret of
  // less than 32 bytes, RSA of less than 2,048 bits or more than 4,096, a curve other than P-256, a point that is not
  // on it. Numbers are bytes, the first the highest.
  static VerifyingKey of_secret(std::string_view bytes);
  static VerifyingKey of_rsa(std::string_view modulus, std::string_view exponent);
  static VerifyingKey of_p256(std::string_view x, std::string_view y);
  static VerifyingKey of_ed25519(std::string_view x);
  // A public key as text between BEGIN and END PUBLIC KEY.
  static VerifyingKey of_pem(const std::string& text);

  Algorithm algorithm() const { return algorithm_; }
  // A signature is as tokens have it: of ES256 two numbers of 32 bytes.
  bool verifies(std::string_view text, std::string_view signature) const;

 private:
  VerifyingKey(Algorithm algorithm, std::shared_ptr<void> key) : algorithm_(algorithm), key_(std::move(key)) {}
  static VerifyingKey of_subject_public_key_info(std::string_view der);
  static VerifyingKey of_public_key(std::shared_ptr<void> key);

  Algorithm algorithm_;
  std::shared_ptr<void> key_;  // the library's: a public key, or the beginning of a hash that a secret has gone into
};

}  // namespace tidings
