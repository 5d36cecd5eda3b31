// Whoever signs tokens, for tests: a private key of each kind, made anew or given. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tidings {

std::string to_base64url(std::string_view bytes);

class Signer {
 public:
  static Signer hs256(std::string secret);
  static Signer rs256(int bits = 2048);
  static Signer es256(const char* curve = "P-256");
  static Signer eddsa();

  // The compact form of a token with this header and these claims, both as they are.
  std::string sign(std::string_view header, std::string_view claims) const;
  // The same with a header that is right.
  std::string sign(std::string_view claims) const;
  std::string signature(std::string_view text) const;

  std::string pem() const;          // of the public key
  std::string private_pem() const;  // of the private one
  // The public key as a JWK with this ID, or without one where it is empty; not of RSA.
  std::string jwk(std::string_view id) const;

 private:
  Signer(std::string algorithm, std::string secret, std::shared_ptr<void> key)
      : algorithm_(std::move(algorithm)), secret_(std::move(secret)), key_(std::move(key)) {}

  std::string algorithm_, secret_;
  std::shared_ptr<void> key_;
};

}  // namespace tidings
