// A page with its program in it: any bytes come out of the document as they were, and nothing of them is taken for HTML.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const kPage = '<!doctype html><meta charset="utf-8"><body><script src="/page.js"></script></body>';

// Joins the page with a script and a program. Returns { status, stderr, html }.
function joined(script, program) {
  const folder = mkdtempSync(join(process.env.TEST_TMPDIR ?? tmpdir(), "join-"));
  const path = (name) => join(folder, name);
  writeFileSync(path("index.html"), kPage);
  writeFileSync(path("page.js"), script);
  writeFileSync(path("page.wasm"), program);
  const files = ["joined.html", "index.html", "page.js", "page.wasm"].map(path);
  const { status, stderr } = spawnSync(process.execPath, ["web/join.mjs", ...files], { encoding: "utf8" });
  return { status, stderr, html: status === 0 ? readFileSync(path("joined.html"), "utf8") : undefined };
}

// What a browser gets: the bytes of the Response in the document's script, as HTML reads it.
function programIn(html) {
  const text = html.replace(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD");
  const [, script] = /<script>(.*?)<\/script/is.exec(text);
  class Response {
    constructor(body) {
      this.body = body;
    }
  }
  class Blob {
    constructor(parts, { type }) {
      Object.assign(this, { parts, type });
    }
  }
  const { body } = runInNewContext(script, { Blob, Response, Uint8Array });
  assert.equal(body.type, "application/wasm");
  return Buffer.from(body.parts[0]);
}

const kFetch = 'fetch("page.wasm")';

// The bytes that stand in the document as this text.
const shownAs = (text) => Buffer.from(Buffer.from(text, "latin1").map((byte) => byte ^ 58));
const kPairs = Buffer.from(Array.from({ length: 65536 }, (_, i) => [i >> 8, i & 255]).flat());

for (const [name, program] of [
  ["every pair of bytes", kPairs],
  ["what looks like markup", shownAs("</script><!--<script></SCRIPT >-->\\x3c/script")],
  ["what looks like a replacement", shownAs("$& $1 $` $$")],
  ["what looks like a template", shownAs("`${alert()}` \\${ $\\{ \r\n")],
  ["what looks like UTF-8", shownAs("\u00c3\u00a9\u00ef\u00bb\u00bf\u0085\u00a0")],
]) {
  test(`${name} comes out as it was`, () => {
    const { html } = joined(kFetch, program);
    assert.equal(html.match(/<\/script/gi).length, 1);
    assert.ok(!html.includes("<!--"));
    assert.deepEqual(programIn(html), program);
  });
}

test("a script that would start a program while it comes starts it from the bytes", () => {
  const start = (from, b) => `(WebAssembly.instantiateStreaming?WebAssembly.instantiateStreaming(${from},b):WebAssembly.instantiate(M.wasm,${b}))`;
  for (const b of ["b", "c"]) {
    const program = Buffer.from("$& `$1`");
    const { html } = joined(start(kFetch, b), program);
    const [, script] = /<script>(.*?)<\/script/is.exec(html);
    const taken = [];
    const instantiate = (...given) => taken.push(given);
    const streaming = ({ body }, imports) => taken.push([Buffer.from(body.parts[0]), imports, "streaming"]);
    const Response = class {
      constructor(body) {
        this.body = body;
      }
    };
    const Blob = class {
      constructor(parts) {
        this.parts = parts;
      }
    };
    const WebAssembly = { instantiate, instantiateStreaming: streaming };
    runInNewContext(script, { Blob, Response, Uint8Array, WebAssembly, M: {}, b: "imports" });
    const how = b === "b" ? [] : ["streaming"]; // what is not as Emscripten writes it stays
    assert.deepEqual(taken.map(([bytes, ...more]) => [Buffer.from(bytes), ...more]), [[program, "imports", ...how]]);
  }
});

test("a program that the script does not fetch, or twice, is refused", () => {
  for (const script of ['fetch("other.wasm")', `${kFetch};${kFetch}`]) {
    const { status, stderr } = joined(script, Buffer.of(0));
    assert.notEqual(status, 0);
    assert.match(stderr, /has no script that fetches page\.wasm, once\./);
  }
});
