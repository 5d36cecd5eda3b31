// Writes the C++ that holds the page's files: node embed.mjs OUTPUT FILE...
// Each file goes in plain, and as gzip and brotli where that is shorter, a document with the hashes of its style and its
// script. See site_file.h.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { buffer } from "node:stream/consumers";
import { brotliCompressSync, constants, createGzip } from "node:zlib";

const [output, ...paths] = process.argv.slice(2);

const hexadecimal = (byte) => byte.toString(16).padStart(2, "0");

function literal(bytes) {
  // Lines of escapes; a string per line ends each escape, which could swallow a digit otherwise.
  const lines = [];
  for (let at = 0; at < bytes.length; at += 32) {
    const escapes = [...bytes.subarray(at, at + 32)].map((byte) => "\\x" + hexadecimal(byte));
    lines.push(`    "${escapes.join("")}"`);
  }
  return lines.length > 0 ? "\n" + lines.join("\n") : '""';
}

const files = paths
  .map((path) => ({ name: basename(path), content: readFileSync(path) }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));

// The hashes of what stands between the tags of each such element, as sources for a Content-Security-Policy.
function hashes(element, content) {
  const found = content.toString().matchAll(new RegExp(`<${element}>(.*?)</${element}>`, "gs"));
  return [...found].map(([, text]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`).join(" ");
}

// Gzip of blocks that end at `cuts`.
async function gzipOf(content, cuts) {
  const stream = createGzip({ level: 9, memLevel: 9 }); // so much memory that no block ends by itself
  const all = buffer(stream);
  let at = 0;
  for (const cut of cuts) {
    stream.write(content.subarray(at, cut));
    await new Promise((done) => stream.flush(constants.Z_BLOCK, done));
    at = cut;
  }
  stream.end(content.subarray(at));
  return all;
}

// Each block has a code of its own, and a document is shorter where style, script and program, and what differs within
// them, have theirs. So cuts are added where they save most, the coarse ones first, and taken away again where they save
// nothing any more.
async function shortestGzip(content) {
  let cuts = [];
  let shortest = await gzipOf(content, cuts);
  for (let parts = 8; parts <= 128; parts *= 2) {
    const step = Math.max(256, Math.ceil(content.length / parts));
    for (let isShorter = true; isShorter; ) {
      isShorter = false;
      const others = cuts.map((cut) => cuts.filter((other) => other !== cut));
      for (let at = step; at < content.length; at += step) {
        if (!cuts.includes(at)) others.push([...cuts, at].sort((a, b) => a - b));
      }
      for (const other of others) {
        const gzip = await gzipOf(content, other);
        if (gzip.length < shortest.length) [cuts, shortest, isShorter] = [other, gzip, true];
      }
    }
  }
  return shortest;
}

const entries = await Promise.all(files.map(async ({ name, content }) => {
  const gzip = await shortestGzip(content);
  const brotli = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  const tag = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const view = (bytes) => `std::string_view(${literal(bytes)}, ${bytes.length})`;
  const shorter = (bytes) => (bytes.length < content.length ? view(bytes) : "std::string_view()");
  const sources = (element) => (name.endsWith(".html") ? hashes(element, content) : "");
  return `    {"${name}", "${tag}", ${view(content)},\n     ${shorter(gzip)},\n     ${shorter(brotli)},
     "${sources("style")}", "${sources("script")}"},\n`;
}));

writeFileSync(
  output,
  `// Made by embed.mjs.
#include "tidings/web/site_file.h"

namespace tidings {
namespace {

constexpr SiteFile kFiles[] = {
${entries.join("")}};

}  // namespace

std::span<const SiteFile> site_files() { return kFiles; }

}  // namespace tidings
`,
);
