#include "tidings/server/tokens/signature.h"

// A secret is hashed once and not for each token, which takes a third of the time. OpenSSL 3 has another interface for
// that, which BoringSSL has not.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace tidings {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kShortestSecret = 32, kP256Bytes = 32, kEd25519Bytes = 32;
constexpr int kFewestRsaBits = 2048, kMostRsaBits = 4096;
// What stands in a Subject Public Key Info before the point of P-256, and before a key of Ed25519.
constexpr std::string_view kP256Head =
    "\x30\x59\x30\x13\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07\x03\x42\x00\x04"sv;
constexpr std::string_view kEd25519Head = "\x30\x2A\x30\x05\x06\x03\x2B\x65\x70\x03\x21\x00"sv;
constexpr std::string_view kRsaAlgorithm = "\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05\x00"sv;

template <auto release>
struct Released {
  void operator()(auto* object) const { release(object); }
};
using Bio = std::unique_ptr<BIO, Released<BIO_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Released<ECDSA_SIG_free>>;
using Mac = std::unique_ptr<HMAC_CTX, Released<HMAC_CTX_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Released<EVP_MD_CTX_free>>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// What the library has noted of a failure would be told to whoever looks next on this thread.
struct ForgetErrors {
  ~ForgetErrors() { ERR_clear_error(); }
};

// An element of DER: its tag, its length and its content.
std::string der(char tag, std::string_view content) {
  std::string length;
  for (std::size_t rest = content.size(); rest > 0; rest >>= 8) length.insert(length.begin(), static_cast<char>(rest));
  if (content.size() < 0x80) {
    length.assign(1, static_cast<char>(content.size()));
  } else {
    length.insert(length.begin(), static_cast<char>(0x80 | length.size()));
  }
  return tag + length + std::string(content);
}

std::string der_integer(std::string_view number) {
  number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size()));
  const bool looks_negative = number.empty() || (static_cast<unsigned char>(number.front()) & 0x80) != 0;
  return der('\x02', (looks_negative ? std::string(1, '\0') : std::string()) + std::string(number));
}

EVP_PKEY* pkey(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }

std::string subject_public_key_info(EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(key, &bytes);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

// A signature of ES256 as the library has it. Empty where it is none.
std::string der_signature(std::string_view numbers) {
  if (numbers.size() != 2 * kP256Bytes) return {};
  const Signature signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes_of(numbers), kP256Bytes, nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(numbers.substr(kP256Bytes)), kP256Bytes, nullptr);
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  std::array<unsigned char, 80> bytes{};
  unsigned char* end = bytes.data();
  const int size = i2d_ECDSA_SIG(signature.get(), &end);
  return size <= 0 ? std::string() : std::string(bytes.begin(), bytes.begin() + size);
}

}  // namespace

std::string crypto_library() {
#ifdef OPENSSL_IS_BORINGSSL
  return "BoringSSL";  // which has no versions
#else
  constexpr std::string_view kText = OPENSSL_VERSION_TEXT;  // its name, its version, its date
  return std::string(kText.substr(0, kText.find(' ', kText.find(' ') + 1)));
#endif
}

std::optional<Algorithm> algorithm_of(std::string_view name) {
  if (name == "HS256") return Algorithm::kHs256;
  if (name == "RS256") return Algorithm::kRs256;
  if (name == "ES256") return Algorithm::kEs256;
  if (name == "EdDSA" || name == "Ed25519") return Algorithm::kEdDsa;
  return std::nullopt;
}

VerifyingKey VerifyingKey::of_secret(std::string_view bytes) {
  if (bytes.size() < kShortestSecret) {
    throw std::runtime_error("a secret of " + std::to_string(bytes.size()) +
                             " bytes is too short: HS256 needs 32 or more");
  }
  Mac mac(HMAC_CTX_new());
  if (!mac || HMAC_Init_ex(mac.get(), bytes.data(), static_cast<int>(bytes.size()), EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("the library takes no secret");
  }
  return {Algorithm::kHs256, std::shared_ptr<void>(std::move(mac))};
}

VerifyingKey VerifyingKey::of_rsa(std::string_view modulus, std::string_view exponent) {
  const std::string key = der('\x30', der_integer(modulus) + der_integer(exponent));
  return of_subject_public_key_info(der('\x30', std::string(kRsaAlgorithm) + der('\x03', '\0' + key)));
}

VerifyingKey VerifyingKey::of_p256(std::string_view x, std::string_view y) {
  if (x.size() != kP256Bytes || y.size() != kP256Bytes) {
    throw std::runtime_error("the two numbers of a P-256 key have 32 bytes each");
  }
  return of_subject_public_key_info(std::string(kP256Head).append(x).append(y));
}

VerifyingKey VerifyingKey::of_ed25519(std::string_view x) {
  if (x.size() != kEd25519Bytes) throw std::runtime_error("an Ed25519 key has 32 bytes");
  return of_subject_public_key_info(std::string(kEd25519Head).append(x));
}

VerifyingKey VerifyingKey::of_pem(const std::string& text) {
  const ForgetErrors forget;
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  EVP_PKEY* const key = bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr;
  if (!key) throw std::runtime_error("what is between BEGIN and END is no public key");
  return of_public_key({key, Released<EVP_PKEY_free>()});
}

VerifyingKey VerifyingKey::of_subject_public_key_info(std::string_view der) {
  const ForgetErrors forget;
  const unsigned char* begin = bytes_of(der);
  EVP_PKEY* const key = d2i_PUBKEY(nullptr, &begin, static_cast<long>(der.size()));
  if (!key) throw std::runtime_error("its numbers are no public key");
  return of_public_key({key, Released<EVP_PKEY_free>()});
}

VerifyingKey VerifyingKey::of_public_key(std::shared_ptr<void> key) {
  switch (EVP_PKEY_id(pkey(key))) {
    case EVP_PKEY_RSA:
      if (const int bits = EVP_PKEY_bits(pkey(key)); bits < kFewestRsaBits || bits > kMostRsaBits) {
        throw std::runtime_error("an RSA key of " + std::to_string(bits) +
                                 " bits is not taken, but one of 2048 to 4096");
      }
      return {Algorithm::kRs256, std::move(key)};
    case EVP_PKEY_EC:
      if (!subject_public_key_info(pkey(key)).starts_with(kP256Head)) {
        throw std::runtime_error("of the keys on curves those of P-256 and Ed25519 are taken");
      }
      return {Algorithm::kEs256, std::move(key)};
    case EVP_PKEY_ED25519: return {Algorithm::kEdDsa, std::move(key)};
    default: throw std::runtime_error("it is a key of another kind than RSA, P-256 and Ed25519");
  }
}

bool VerifyingKey::verifies(std::string_view text, std::string_view signature) const {
  if (algorithm_ == Algorithm::kHs256) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> right{};
    unsigned size = 0;
    const Mac mac(HMAC_CTX_new());
    return mac && HMAC_CTX_copy(mac.get(), static_cast<HMAC_CTX*>(key_.get())) == 1 &&
           HMAC_Update(mac.get(), bytes_of(text), text.size()) == 1 &&
           HMAC_Final(mac.get(), right.data(), &size) == 1 && signature.size() == size &&
           CRYPTO_memcmp(signature.data(), right.data(), size) == 0;
  }
  const ForgetErrors forget;
  const std::string as_der = algorithm_ == Algorithm::kEs256 ? der_signature(signature) : std::string(signature);
  const EVP_MD* const digest = algorithm_ == Algorithm::kEdDsa ? nullptr : EVP_sha256();
  const Context context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, pkey(key_)) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(as_der), as_der.size(), bytes_of(text), text.size()) == 1;
}

}  // namespace tidings
