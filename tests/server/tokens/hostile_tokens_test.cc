// Tokens that must let nobody in, by rows: none does, none takes long, and none takes much memory.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/tokens/token.h"
#include "tidings/server/tokens/token_keys.h"
#include "tidings/tests/server/tokens/signer.h"

namespace {

// What this thread's `new` has given out and not got back, and the most that it was.
thread_local std::size_t held = 0, most_held = 0;

}  // namespace

void* operator new(std::size_t size) {
  void* const memory = std::malloc(size);
  if (!memory) throw std::bad_alloc();
  held += malloc_usable_size(memory);
  most_held = std::max(most_held, held);
  return memory;
}
void operator delete(void* memory) noexcept {
  held -= std::min(held, malloc_usable_size(memory));
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace tidings {
namespace {

using namespace std::chrono_literals;

constexpr Clock::WallTime kNow(1'795'573'400s);
constexpr std::string_view kGood = R"({"tidings":{"read":["*"],"publish":["*"]},"exp":1795573500})";

std::string times(std::size_t count, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

struct Row {
  std::string name, token;
};

class HostileTokens : public testing::Test {
 protected:
  void add(std::string name, std::string token) { rows_.push_back({std::move(name), std::move(token)}); }
  // Signed by a right key: the claims alone are wrong.
  void add_claims(const std::string& name, std::string_view claims) {
    add("claims: " + name, secret_.sign(R"({"alg":"HS256","kid":"s"})", claims));
  }
  void add_header(const std::string& name, std::string_view header) {
    for (const auto& [signer, who] : {std::pair<const Signer&, const char*>(secret_, "the secret"), {rsa_, "RSA"}}) {
      add("header: " + name + ", signed by " + who, signer.sign(header, kGood));
    }
  }

  bool lets_in(std::string_view token) const {
    const auto said = verified(token, keys_, {});
    const auto* const valid = std::get_if<Token>(&said);
    return valid && wrong_time(*valid, kNow).empty() &&
           (matches(valid->grant.read, "news") || matches(valid->grant.publish, "news"));
  }

  const std::string text_ = "a secret of thirty-two bytes or more";
  const Signer secret_ = Signer::hs256(text_), ec_ = Signer::es256(), ed_ = Signer::eddsa(), rsa_ = Signer::rs256();
  const TokenKeys keys_ =
      TokenKeys::from("{\"keys\":[" + secret_.jwk("s") + ',' + ec_.jwk("e") + ',' + ed_.jwk("d") + "]}");
  std::vector<Row> rows_;
};

TEST_F(HostileTokens, NoneLetsInAndNoneTakesAMillisecondOrSixtyFourKibibytes) {
  const std::string good = secret_.sign(R"({"alg":"HS256","kid":"s"})", kGood);
  const std::string header = to_base64url(R"({"alg":"HS256","kid":"s"})"), claims = to_base64url(kGood);
  const std::string signature = good.substr(good.rfind('.') + 1);
  ASSERT_TRUE(lets_in(good));
  ASSERT_TRUE(lets_in(ec_.sign(R"({"alg":"ES256","kid":"e"})", kGood)));
  ASSERT_TRUE(lets_in(ed_.sign(R"({"alg":"EdDSA","kid":"d"})", kGood)));

  // Other algorithms than the key's.
  for (const char* name :
       {"none",  "None",  "NONE",  "nOnE",  "",      "HS384",  "HS512", "hs256", "HS256 ", " HS256", "RS256",
        "RS384", "PS256", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed448", "dir",    "A128KW"}) {
    const std::string of_name = R"({"alg":")" + std::string(name) + R"(","kid":"s"})";
    add("alg " + std::string(name) + ", signed by the secret", secret_.sign(of_name, kGood));
    add("alg " + std::string(name) + ", without a signature", to_base64url(of_name) + '.' + claims + '.');
  }
  // Keys that are mixed up: a public key as a secret, another's key, another curve.
  for (const Signer* signer : {&ec_, &ed_, &rsa_}) {
    for (const char* id : {"s", "e", "d"}) {
      const std::string hs = R"({"alg":"HS256","kid":")" + std::string(id) + "\"}";
      add("HS256 with a public PEM as the secret, kid " + std::string(id),
          Signer::hs256(signer->pem()).sign(hs, kGood));
    }
  }
  for (const char* id : {"e", "d"}) {
    const Signer& signer = *id == 'e' ? ec_ : ed_;
    add("HS256 with a JWK as the secret", Signer::hs256(signer.jwk(id)).sign(R"({"alg":"HS256","kid":"s"})", kGood));
  }
  add("ES256 by another key of the curve", Signer::es256().sign(R"({"alg":"ES256","kid":"e"})", kGood));
  add("EdDSA by another key", Signer::eddsa().sign(R"({"alg":"EdDSA","kid":"d"})", kGood));
  add("HS256 by another secret", Signer::hs256(text_ + '.').sign(R"({"alg":"HS256","kid":"s"})", kGood));
  add("HS256 by an empty secret", Signer::hs256("").sign(R"({"alg":"HS256","kid":"s"})", kGood));
  add("RS256 that nobody has a key for", rsa_.sign(R"({"alg":"RS256"})", kGood));
  add("ES256 signed by the Ed25519 key", ed_.sign(R"({"alg":"ES256","kid":"e"})", kGood));
  add("EdDSA signed by the P-256 key", ec_.sign(R"({"alg":"EdDSA","kid":"d"})", kGood));
  const std::string ec_text = to_base64url(R"({"alg":"ES256","kid":"e"})") + '.' + claims + '.';
  for (const char byte : {'\0', '\x01', '\x7F', '\xFF'}) {
    add("ES256 of bytes that are all alike", ec_text + to_base64url(std::string(64, byte)));
    add("EdDSA of bytes that are all alike",
        to_base64url(R"({"alg":"EdDSA","kid":"d"})") + '.' + claims + '.' + to_base64url(std::string(64, byte)));
  }
  const std::string ec_right = ec_.signature(ec_text.substr(0, ec_text.size() - 1));
  add("ES256 as DER",
      ec_text + to_base64url("\x30\x44\x02\x20" + ec_right.substr(0, 32) + "\x02\x20" + ec_right.substr(32)));
  add("ES256 with a zero before each number", ec_text + to_base64url(std::string(1, '\0') + ec_right.substr(0, 32) +
                                                                     std::string(1, '\0') + ec_right.substr(32)));
  add("ES256 with its numbers in the other order",
      ec_text + to_base64url(ec_right.substr(32) + ec_right.substr(0, 32)));

  // Key IDs that mean something elsewhere.
  for (const char* id : {"../../../../dev/null", "/etc/passwd", "s\\u0000", "S", "", "*", "s' OR '1'='1", "e,s", "%73",
                         "http://evil.example/keys", "d", "e", "| cat", "s "}) {
    const std::string of_id = R"({"alg":"HS256","kid":")" + std::string(id) + "\"}";
    add("kid " + std::string(id), secret_.sign(of_id, kGood));
    add("kid " + std::string(id) + ", by an empty secret", Signer::hs256("").sign(of_id, kGood));
  }
  // Headers.
  add_header("no alg", R"({"kid":"s"})");
  add_header("alg twice", R"({"alg":"HS256","alg":"none","kid":"s"})");
  add_header("alg twice, the right one last", R"({"alg":"none","alg":"HS256","kid":"s"})");
  add_header("alg is a list", R"({"alg":["HS256"],"kid":"s"})");
  add_header("alg is null", R"({"alg":null,"kid":"s"})");
  add_header("kid is a number", R"({"alg":"HS256","kid":1})");
  add_header("kid is an object", R"({"alg":"HS256","kid":{"a":"s"}})");
  add_header("kid twice", R"({"alg":"HS256","kid":"s","kid":"s"})");
  add_header("crit", R"({"alg":"HS256","kid":"s","crit":["exp"],"exp":1})");
  add_header("b64", R"({"alg":"HS256","kid":"s","crit":["b64"],"b64":false})");
  add_header("a list", R"(["HS256"])");
  add_header("a string", R"("HS256")");
  add_header("no JSON", "alg=HS256");
  add_header("JSON and more", R"({"alg":"HS256","kid":"s"}x)");
  add_header("JSON that does not end", R"({"alg":"HS256","kid":"s")");
  add_header("single quotes", "{'alg':'HS256','kid':'s'}");
  add_header("a comment", R"({"alg":"HS256"/**/,"kid":"s"})");
  add_header("malformed UTF-8", "{\"alg\":\"HS256\",\"kid\":\"s\",\"x\":\"\xFF\"}");
  add_header("empty", "");
  add_header("nested lists", times(300, "[") + times(300, "]"));
  add_header("nested objects", times(100, R"({"a":)") + "1" + times(100, "}"));
  add_header("many values", R"({"alg":"HS256","kid":"s","x":[)" + times(300, "1,") + "1]}");
  add_header("longer than may be", R"({"alg":"HS256","kid":"s","x":")" + std::string(1000, 'x') + "\"}");
  add_header("another's own key", R"({"alg":"RS256","jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}})");
  add_header("keys at an address", R"({"alg":"RS256","jku":"https://evil.example/keys","kid":"s"})");

  // The form of the whole.
  for (std::size_t size = 0; size < good.size(); size += 7) add("cut short", good.substr(0, size));
  add("no signature", header + '.' + claims + '.');
  add("no claims", header + ".." + signature);
  add("no header", '.' + claims + '.' + signature);
  add("two parts", header + '.' + claims);
  add("four parts", good + ".x");
  add("five parts, as an encrypted one", good + "..");
  add("dots alone", "..");
  add("many dots", times(8000, "."));
  add("padded", good + '=');
  add("a space in it", header + ". " + claims + '.' + signature);
  add("a line end behind it", good + '\n');
  add("the other alphabet", header + '.' + claims + '.' + signature.substr(0, 42) + '+');
  add("nothing", "");
  add("as JSON", R"({"protected":")" + header + R"(","payload":")" + claims + R"(","signature":")" + signature + "\"}");
  add("huge", header + '.' + std::string(100'000, 'A') + '.' + signature);
  add("a huge header", std::string(8'000, 'A') + '.' + claims + '.' + signature);
  add("a huge signature", header + '.' + claims + '.' + std::string(8'000, 'A'));
  add("a NUL in it", good + '\0');

  // Claims that a right key has signed.
  add_claims("over", R"({"tidings":{"read":["*"]},"exp":1795573399})");
  add_claims("over now", R"({"tidings":{"read":["*"]},"exp":1795573400})");
  add_claims("over long ago", R"({"tidings":{"read":["*"]},"exp":0})");
  add_claims("over before there were clocks", R"({"tidings":{"read":["*"]},"exp":-1e18})");
  add_claims("not yet", R"({"tidings":{"read":["*"]},"nbf":1795573401})");
  add_claims("not for a long time", R"({"tidings":{"read":["*"]},"nbf":1e18})");
  add_claims("exp twice, the later one last", R"({"tidings":{"read":["*"]},"exp":1,"exp":9999999999})");
  add_claims("exp twice, the later one first", R"({"tidings":{"read":["*"]},"exp":9999999999,"exp":1})");
  add_claims("exp twice, once with an escape", R"({"tidings":{"read":["*"]},"exp":1,"e\u0078p":9999999999})");
  add_claims("tidings twice", R"({"tidings":{"read":[]},"tidings":{"read":["*"]}})");
  add_claims("read twice", R"({"tidings":{"read":[],"read":["*"]}})");
  add_claims("exp is a string", R"({"tidings":{"read":["*"]},"exp":"9999999999"})");
  add_claims("exp is null", R"({"tidings":{"read":["*"]},"exp":null})");
  add_claims("exp is a list", R"({"tidings":{"read":["*"]},"exp":[9999999999]})");
  add_claims("exp is true", R"({"tidings":{"read":["*"]},"exp":true})");
  add_claims("exp is too large to be", R"({"tidings":{"read":["*"]},"exp":1e999})");
  add_claims("exp is not a number", R"({"tidings":{"read":["*"]},"exp":NaN})");
  add_claims("nbf is a string", R"({"tidings":{"read":["*"]},"nbf":"0"})");
  add_claims("an audience that was not asked for", R"({"tidings":{"read":["*"]},"aud":"others"})");
  add_claims("read is a string", R"({"tidings":{"read":"*"}})");
  add_claims("read is an object", R"({"tidings":{"read":{"*":"*"}}})");
  add_claims("a pattern is a number", R"({"tidings":{"read":["*",7]}})");
  add_claims("a pattern is a list", R"({"tidings":{"read":[["*"]]}})");
  add_claims("tidings is a list", R"({"tidings":["*"]})");
  add_claims("tidings is a string", R"({"tidings":"*"})");
  add_claims("mercure is a list", R"({"mercure":["*"]})");
  add_claims("mercure.subscribe is a string", R"({"mercure":{"subscribe":"*"}})");
  add_claims("nothing", "");
  add_claims("a list", R"([{"tidings":{"read":["*"]}}])");
  add_claims("a token in a token", good);
  add_claims("a token in a string", '"' + good + '"');
  add_claims("JSON and more", std::string(kGood) + std::string(kGood));
  add_claims("JSON that does not end", kGood.substr(0, kGood.size() - 1));
  add_claims("nested lists", R"({"tidings":{"read":["*"]},"x":)" + times(2000, "[") + times(2000, "]") + '}');
  add_claims("nested objects", times(900, R"({"a":)") + "1" + times(900, "}"));
  add_claims("many values", R"({"tidings":{"read":["*"]},"x":[)" + times(2500, "1,") + "1]}");
  std::string members = R"({"tidings":{"read":["*"]})";
  for (int i = 0; i < 600; ++i) members += ",\"" + std::to_string(i) + "\":1";
  add_claims("many members", members + '}');
  add_claims("malformed UTF-8", "{\"tidings\":{\"read\":[\"*\"]},\"x\":\"\xC3\"}");
  add_claims("patterns that match nothing", R"({"tidings":{"read":["","**","n*s","*news","News","news "]}})");
  add_claims("patterns of Mercure that match nothing", R"({"mercure":{"subscribe":["n*","news*","{id}","/news"]}})");
  add_claims("other claims alone", R"({"scope":"tidings.read","read":["*"],"subscribe":["*"]})");

  EXPECT_GE(rows_.size(), 200u);
  for (const Row& row : rows_) {
    const std::size_t before = held;
    most_held = held;
    auto shortest = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 3; ++i) {  // the machine may do something else meanwhile
      const auto begin = std::chrono::steady_clock::now();
      EXPECT_FALSE(lets_in(row.token)) << row.name;
      shortest = std::min(shortest, std::chrono::steady_clock::now() - begin);
    }
    EXPECT_LE(most_held - before, 64u * 1024) << row.name;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_LT(shortest, 1ms) << row.name;
#endif
  }
}

}  // namespace
}  // namespace tidings
