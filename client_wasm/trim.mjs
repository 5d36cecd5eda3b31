// Writes a page's script without what Emscripten's runtime keeps in it and nothing reads: views of the memory for types
// that the page has no arrays of, and exports of the program that nobody calls. node trim.mjs SCRIPT
// What it does not know, as from another Emscripten, stays.
import { readFileSync } from "node:fs";

let text = readFileSync(process.argv[2], "utf8");
for (const [assignment, name] of text.matchAll(/(?<=[{;]\s*)(\w+)\s*=\s*(?:new \w+Array\(b\)|asm\["\w+"\]);?/g)) {
  const uses = text.match(new RegExp(`\\b${name}\\b`, "g")).length;
  if (uses === 2) text = text.replace(assignment, ""); // the other one is its declaration
}
// That of 3.1.69 asks an object for it that a page does not have.
text = text.replace(/\bModule(?:\.noExitRuntime|\["noExitRuntime"\])\s*\|\|\s*true/, "true");
process.stdout.write(text);
