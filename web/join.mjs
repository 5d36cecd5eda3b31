// Writes the page as one document, which saves the heads of three responses: node join.mjs OUTPUT index.html FILE...
// The style sheet, the script and the icon that the HTML names take the place of their names.
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const [output, page, ...paths] = process.argv.slice(2);
const files = new Map(paths.map((path) => ["/" + basename(path), readFileSync(path, "utf8").trim()]));

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
if (files.size > 0) throw new Error(`${page} does not name ${[...files.keys()].join(", ")}.`);

writeFileSync(output, html);
