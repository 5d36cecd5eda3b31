// Writes the C++ that holds the page's files: node embed.mjs ZOPFLI OUTPUT FILE...
// Each file goes in plain, and as gzip and brotli where that is shorter, a document with the hashes of its style and its
// script. See site_file.h.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const [zopfli, output, ...paths] = process.argv.slice(2);

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
  .map((path) => ({ name: basename(path), path, content: readFileSync(path) }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));

// The hashes of what stands between the tags of each such element, as sources for a Content-Security-Policy.
function hashes(element, content) {
  const found = content.toString().matchAll(new RegExp(`<${element}>(.*?)</${element}>`, "gs"));
  return [...found].map(([, text]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`).join(" ");
}

// By zopfli, which has said why where it fails, but for a file that it can't read, which it reports as a success.
function shortestGzip(path) {
  const options = { maxBuffer: Infinity, stdio: ["ignore", "pipe", "inherit"] };
  const { status, stdout } = spawnSync(zopfli, ["-c", path], options);
  if (status !== 0 || stdout.length === 0) {
    console.error(`embed.mjs: zopfli has made no gzip of ${path}.`);
    process.exit(1);
  }
  return stdout;
}

const entries = files.map(({ name, path, content }) => {
  const gzip = shortestGzip(path);
  const brotli = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  const tag = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const view = (bytes) => `std::string_view(${literal(bytes)}, ${bytes.length})`;
  const shorter = (bytes) => (bytes.length < content.length ? view(bytes) : "std::string_view()");
  const sources = (element) => (name.endsWith(".html") ? hashes(element, content) : "");
  return `    {"${name}", "${tag}", ${view(content)},\n     ${shorter(gzip)},\n     ${shorter(brotli)},
     "${sources("style")}", "${sources("script")}"},\n`;
});

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
