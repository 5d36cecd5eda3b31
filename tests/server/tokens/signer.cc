#include "tidings/tests/server/tokens/signer.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace tidings {
namespace {

void require(bool holds) {
  if (!holds) throw std::runtime_error("the library could not make a key or a signature");
}

EVP_PKEY* pkey(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }

template <class Configure>
std::shared_ptr<void> make_key(int kind, Configure configure) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new_id(kind, nullptr),
                                                                            EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  require(context && EVP_PKEY_keygen_init(context.get()) == 1 && configure(context.get()) &&
          EVP_PKEY_keygen(context.get(), &key) == 1);
  return {key, EVP_PKEY_free};
}

std::string public_der(EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(key, &bytes);
  require(size > 0);
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

template <class Write>
std::string written(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  require(bio && write(bio.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// The two numbers of a signature on P-256, of 32 bytes each.
std::string two_numbers(const std::string& der) {
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
      d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(der.size())), ECDSA_SIG_free);
  std::array<unsigned char, 64> bytes{};
  require(signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes.data(), 32) == 32 &&
          BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes.data() + 32, 32) == 32);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::string to_base64url(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) text += kAlphabet[bits >> (count - 6) & 63];
  }
  if (count > 0) text += kAlphabet[bits << (6 - count) & 63];
  return text;
}

Signer Signer::hs256(std::string secret) { return {"HS256", std::move(secret), nullptr}; }
Signer Signer::rs256(int bits) {
  return {"RS256", {}, make_key(EVP_PKEY_RSA, [bits](EVP_PKEY_CTX* context) {
            return EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1;
          })};
}
Signer Signer::es256(const char* curve) {
  return {"ES256", {}, make_key(EVP_PKEY_EC, [curve](EVP_PKEY_CTX* context) {
            return EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, EC_curve_nist2nid(curve)) == 1;
          })};
}
Signer Signer::eddsa() {
  return {"EdDSA", {}, make_key(EVP_PKEY_ED25519, [](EVP_PKEY_CTX*) { return true; })};
}

std::string Signer::signature(std::string_view text) const {
  const auto* const begin = reinterpret_cast<const unsigned char*>(text.data());
  std::array<unsigned char, 1024> bytes{};
  if (!key_) {
    unsigned size = 0;
    require(HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), begin, text.size(), bytes.data(),
                 &size) != nullptr);
    return {bytes.begin(), bytes.begin() + size};
  }
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::size_t size = bytes.size();
  require(EVP_DigestSignInit(context.get(), nullptr, algorithm_ == "EdDSA" ? nullptr : EVP_sha256(), nullptr,
                             pkey(key_)) == 1 &&
          EVP_DigestSign(context.get(), bytes.data(), &size, begin, text.size()) == 1);
  const std::string signature(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  return algorithm_ == "ES256" ? two_numbers(signature) : signature;
}

std::string Signer::sign(std::string_view header, std::string_view claims) const {
  const std::string text = to_base64url(header) + '.' + to_base64url(claims);
  return text + '.' + to_base64url(signature(text));
}

std::string Signer::sign(std::string_view claims) const {
  return sign("{\"alg\":\"" + algorithm_ + "\",\"typ\":\"JWT\"}", claims);
}

std::string Signer::pem() const {
  return written([this](BIO* bio) { return PEM_write_bio_PUBKEY(bio, pkey(key_)); });
}

std::string Signer::private_pem() const {
  return written(
      [this](BIO* bio) { return PEM_write_bio_PrivateKey(bio, pkey(key_), nullptr, nullptr, 0, nullptr, nullptr); });
}

std::string Signer::jwk(std::string_view id) const {
  const std::string named = id.empty() ? std::string() : ",\"kid\":\"" + std::string(id) + '"';
  if (!key_) return "{\"kty\":\"oct\",\"k\":\"" + to_base64url(secret_) + '"' + named + '}';
  const std::string der = public_der(pkey(key_));
  const auto last = [&der](std::size_t from, std::size_t count) {
    return to_base64url(std::string_view(der).substr(der.size() - from, count));
  };
  if (algorithm_ == "EdDSA") return R"({"kty":"OKP","crv":"Ed25519","x":")" + last(32, 32) + '"' + named + '}';
  return R"({"kty":"EC","crv":"P-256","x":")" + last(64, 32) + R"(","y":")" + last(32, 32) + '"' + named + '}';
}

}  // namespace tidings
