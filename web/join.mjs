// Writes the page as one document, which saves the heads of four responses and the time in which its program would be asked
// for: node join.mjs OUTPUT index.html FILE...
// The style sheet, the script and the icon that the HTML names take the place of their names, and the .wasm that the script
// fetches takes the place of the fetch.
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const [output, page, ...paths] = process.argv.slice(2);
const isProgram = (path) => path.endsWith(".wasm");
const files = new Map(paths.filter((path) => !isProgram(path))
  .map((path) => ["/" + basename(path), readFileSync(path, "utf8").trim()]));

let html = readFileSync(page, "utf8").replace(/\n\s*/g, "\n");

// Puts `written`, a function of the named file's content, in place of each match, whose group is the name.
function join(pattern, written) {
  html = html.replace(pattern, (_, name) => {
    const content = files.get(name);
    if (!files.delete(name) || /<\/(script|style)/i.test(content)) throw new Error(`${name} can't be joined.`);
    return written(content);
  });
}

join(/<link rel="stylesheet" href="([^"]+)">/g, (style) => `<style>${style}</style>`);
join(/<script src="([^"]+)"><\/script>/g, (script) => `<script>${script}</script>`);
join(/(?<=<link rel="icon" href=")([^"]+\.svg)/g, (icon) => {
  return "data:image/svg+xml," + icon.replace(/[%#]/g, encodeURIComponent).replaceAll('"', "'");
});

// A program as a string of JavaScript, a character for each byte, since compressors find in it what they find in the bytes,
// which they do not in base64. Each byte has some of its bits turned over: so the commonest bytes, which are low, are
// characters of ASCII that need no escape. HTML knows no NUL in a script and takes a CR for an LF.
const kTurned = 58;
function asString(bytes) {
  const names = { "\r": "\\r", "`": "\\`", "\\": "\\\\" };
  const text = Buffer.from(bytes.map((byte) => byte ^ kTurned)).toString("latin1")
    .replace(/[\r`\\]/g, (character) => names[character])
    .replace(/\$(?=\{)/g, "\\$")
    .replace(/\0(?=\d)/g, "\\x00")
    .replaceAll("\0", "\\0")
    .replace(/<(?=[/!s])/gi, "\\x3c"); // what might end the script, or begin a comment
  return `\`${text}\``;
}

// How Emscripten's script starts a program while it still comes; one that is there already needs less.
const kStreaming =
  /\(WebAssembly\.instantiateStreaming\?WebAssembly\.instantiateStreaming\((fetch\("[^"]+"\)),(\w+)\):WebAssembly\.instantiate\(\w+\.wasm,\2\)\)/;

for (const path of paths.filter(isProgram)) {
  const fetched = `fetch("${basename(path)}")`;
  if (html.split(fetched).length !== 2) throw new Error(`${page} has no script that fetches ${basename(path)}, once.`);
  const bytes = `Uint8Array.from(${asString(readFileSync(path))},t=>t.charCodeAt()^${kTurned})`;
  html = html.replace(kStreaming, (whole, name, imports) => {
    return name === fetched ? `WebAssembly.instantiate(${bytes},${imports})` : whole;
  });
  html = html.replace(fetched, () => `new Response(new Blob([${bytes}],{type:"application/wasm"}))`);
}
if (files.size > 0) throw new Error(`${page} does not name ${[...files.keys()].join(", ")}.`);

writeFileSync(output, html);
