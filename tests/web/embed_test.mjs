// A site as C++: each file is in it as it was, plain, by gzip and by brotli.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

// Embeds a file, with a program in the place of zopfli. Returns { status, stderr, written }.
function embedded(program, content) {
  const folder = mkdtempSync(join(process.env.TEST_TMPDIR ?? tmpdir(), "embed-"));
  const [source, file] = ["site.cc", "file.txt"].map((name) => join(folder, name));
  writeFileSync(file, content);
  const flags = ["web/embed.mjs", program, source, file];
  const { status, stderr } = spawnSync(process.execPath, flags, { encoding: "utf8" });
  return { status, stderr, written: existsSync(source) ? readFileSync(source, "utf8") : undefined };
}

// The bytes of each std::string_view that is written.
function viewsIn(written) {
  return [...written.matchAll(/std::string_view\(([^)]*)\)/g)].map(([, view]) => {
    return Buffer.from([...view.matchAll(/\\x(..)/g)].map(([, digits]) => parseInt(digits, 16)));
  });
}

test("a file comes out of each coding as it was", () => {
  for (const content of ["It rains. ".repeat(100), Buffer.from([...Array(4096).keys()])]) {
    const { status, written } = embedded("gzip", content);
    assert.equal(status, 0);
    const [plain, gzip, brotli] = viewsIn(written);
    assert.deepEqual(plain, Buffer.from(content));
    assert.deepEqual(gunzipSync(gzip), plain);
    assert.deepEqual(brotliDecompressSync(brotli), plain);
  }
});

test("a coding in which a file is no shorter is left out", () => {
  assert.deepEqual(viewsIn(embedded("gzip", "It").written).map((view) => view.length), [2, 0, 0]);
});

test("nothing is written, and a sentence says so, where there is no gzip", () => {
  for (const program of ["false", "true", "./is_not_there"]) {
    const { status, stderr, written } = embedded(program, "It rains.");
    assert.equal(status, 1, program);
    assert.match(stderr, /^embed\.mjs: zopfli has made no gzip of \S+file\.txt\.\n$/, program);
    assert.equal(written, undefined, program);
  }
});
