// Signatures against the examples of the standards, and keys that are none.
#include "tidings/server/tokens/signature.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "tidings/server/tokens/base64url.h"
#include "tidings/tests/server/tokens/signer.h"

namespace tidings {
namespace {

std::string bytes(std::string_view text) { return from_base64url(text).value(); }

const std::string kClaims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

struct Example {
  const char* name;
  VerifyingKey key;
  std::string text;
  std::string signature;
};

std::vector<Example> examples() {
  return {
      {"RFC 7515, A.1, and RFC 7519, 3.1: HS256",
       VerifyingKey::of_secret(
           bytes("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")),
       "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + kClaims, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
      {"RFC 7515, A.2: RS256",
       VerifyingKey::of_rsa(
           bytes("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-"
                 "yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-"
                 "KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"
                 "h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"),
           bytes("AQAB")),
       "eyJhbGciOiJSUzI1NiJ9." + kClaims,
       "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
       "O8W2Fp5jujGbds9uJdbF9CUAr7t"
       "1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
       "xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
       "IoypGlUPQGe77Rw"},
      {"RFC 7515, A.3: ES256",
       VerifyingKey::of_p256(bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                             bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")),
       "eyJhbGciOiJFUzI1NiJ9." + kClaims,
       "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
      {"RFC 8037, A.4: Ed25519", VerifyingKey::of_ed25519(bytes("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")),
       "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
       "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
  };
}

TEST(Signature, TheStandardsExamplesAreVerified) {
  for (const Example& example : examples()) {
    EXPECT_TRUE(example.key.verifies(example.text, bytes(example.signature))) << example.name;
  }
}

TEST(Signature, AByteThatIsAnotherIsNoticedWhereverItIs) {
  for (const Example& example : examples()) {
    const std::string right = bytes(example.signature);
    for (std::size_t i = 0; i < right.size(); ++i) {
      std::string wrong = right;
      wrong[i] ^= 1;
      EXPECT_FALSE(example.key.verifies(example.text, wrong)) << example.name << ", byte " << i;
    }
    EXPECT_FALSE(example.key.verifies(example.text + ' ', right)) << example.name;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, right.size() - 1}) {
      EXPECT_FALSE(example.key.verifies(example.text, std::string_view(right).substr(0, size))) << example.name;
    }
    EXPECT_FALSE(example.key.verifies(example.text, right + '\0')) << example.name;
    EXPECT_FALSE(example.key.verifies(example.text, std::string(right.size(), '\0'))) << example.name;
  }
}

TEST(Signature, NoKeyVerifiesWhatAnotherKindOfKeyHasSigned) {
  const std::vector<Example> all = examples();
  for (const Example& key : all) {
    for (const Example& signed_by : all) {
      EXPECT_EQ(key.key.verifies(signed_by.text, bytes(signed_by.signature)), &key == &signed_by)
          << key.name << " of " << signed_by.name;
    }
  }
}

TEST(Signature, APublicKeyComesAsPemToo) {
  for (const Signer& signer : {Signer::rs256(), Signer::es256(), Signer::eddsa()}) {
    EXPECT_TRUE(VerifyingKey::of_pem(signer.pem()).verifies("text", signer.signature("text"))) << signer.pem();
  }
}

TEST(Signature, WhatIsNoKeyOrTooWeakIsASentence) {
  const std::string x = bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
  EXPECT_THROW(VerifyingKey::of_secret(std::string(31, 'x')), std::runtime_error);
  EXPECT_NO_THROW(VerifyingKey::of_secret(std::string(32, 'x')));
  EXPECT_THROW(VerifyingKey::of_p256(x, x), std::runtime_error) << "no point of the curve";
  EXPECT_THROW(VerifyingKey::of_p256(std::string(32, '\0'), std::string(32, '\0')), std::runtime_error);
  EXPECT_THROW(VerifyingKey::of_p256(x.substr(1), x), std::runtime_error);
  EXPECT_THROW(VerifyingKey::of_ed25519(x + '\0'), std::runtime_error);
  EXPECT_THROW(VerifyingKey::of_rsa(std::string(128, '\xF1'), "\1\0\1"), std::runtime_error) << "1,024 bits";
  EXPECT_THROW(VerifyingKey::of_rsa("", ""), std::runtime_error);
  EXPECT_THROW(VerifyingKey::of_pem(Signer::rs256(1024).pem()), std::runtime_error);
  EXPECT_THROW(VerifyingKey::of_pem(Signer::es256("P-384").pem()), std::runtime_error);
  EXPECT_THROW(VerifyingKey::of_pem(Signer::es256("P-521").pem()), std::runtime_error);
  EXPECT_THROW(VerifyingKey::of_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
               std::runtime_error);
}

TEST(Signature, OfNamesThereAreFourAlgorithmsAndNoneIsNoAlgorithm) {
  EXPECT_EQ(algorithm_of("HS256"), Algorithm::kHs256);
  EXPECT_EQ(algorithm_of("RS256"), Algorithm::kRs256);
  EXPECT_EQ(algorithm_of("ES256"), Algorithm::kEs256);
  EXPECT_EQ(algorithm_of("EdDSA"), Algorithm::kEdDsa);
  for (const char* name : {"none", "None", "NONE", "", "hs256", "HS384", "RS512", "PS256", "ES384", "ES256K"}) {
    EXPECT_EQ(algorithm_of(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace tidings
