// Forty mistakes, each made, and what says so. `--test` fails where docs/ERRORS.md has another table than these give;
// without it the table is written there: bazel run //tests/mistakes:write
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";

const kHere = "tests/mistakes";
const kBegin = "<!-- made by bazel run //tests/mistakes:write -->\n";
const kEnd = "<!-- as far as this -->\n";
const kCompiler = "the compiler";
const kConsole = "the browser's console";

// The first comment of a file that the compiler refuses: `Kind: …`, `Mistake: …`, `Says: …`, each perhaps longer than a line.
function refused(name) {
  const text = readFileSync(join(kHere, name), "utf8");
  const comment = /^(\/\/ .*\n)+/.exec(text)[0].replace(/^\/\/ /gm, "");
  const part = (label) => new RegExp(`^${label}: ((?:.*\\n)*?)(?=\\w+: |$(?![^]))`, "m").exec(comment)[1];
  const [kind, mistake, says] = ["Kind", "Mistake", "Says"].map((label) => part(label).replace(/\s+/g, " ").trim());
  const said = readFileSync(join(kHere, `${name}.said`), "utf8");
  assert.ok(said.includes(says), `${name}: the compiler is to say "${says}", and says:\n${said}`);
  return { kind, mistake, told: kCompiler, says };
}

// What a page's program, run in a fake of a browser, says on its console and in its document.
async function page(name, { comes = true } = {}) {
  const said = [];
  const listeners = {};
  const say = (text) => said.push(text);
  const bytes = readFileSync(join(kHere, `${name}.wasm`));
  const added = { setAttribute() {} };
  const context = vm.createContext({
    ...{ TextDecoder, TextEncoder, WebAssembly, setTimeout, clearTimeout, performance },
    addEventListener: (type, listener) => (listeners[type] = listener),
    console: { error: say, warn: say },
    document: {
      getElementById: (id) => (id === "news" ? {} : null),
      createElement: () => added,
      body: { prepend: ({ textContent }) => say(textContent) },
    },
    EventSource: class {
      readyState = 0;
      addEventListener() {}
      close() {}
    },
    fetch: async () =>
      comes
        ? new Response(bytes, { headers: { "Content-Type": "application/wasm" } })
        : new Response("", { status: 404 }),
    location: { origin: "http://localhost:9009" },
    requestAnimationFrame() {},
  });
  const rejected = new Promise((done) => {
    process.once("unhandledRejection", (reason) => {
      listeners.unhandledrejection?.({ reason });
      done();
    });
  });
  vm.runInContext(readFileSync(join(kHere, `${name}.js`), "utf8"), context);
  while (said.length === 0) await Promise.race([rejected, new Promise((done) => setImmediate(done))]);
  process.removeAllListeners("unhandledRejection");
  return said.join(" ");
}

function ofPort(value) {
  const { status, stderr, stdout } = spawnSync("examples/hello", ["--port", value], { encoding: "utf8" });
  assert.equal(status, 2);
  return (stdout + stderr).split("\n")[0];
}

async function all() {
  const rows = readdirSync(kHere)
    .filter((name) => name.endsWith(".cc.said"))
    .sort()
    .map((name) => refused(name.replace(".said", "")));
  const lines = execFileSync(join(kHere, "mistakes"), { encoding: "utf8" }).trim().split("\n");
  rows.push(...lines.map((line) => JSON.parse(line)));
  rows.push({
    kind: "Input that is taken for something else",
    mistake: "`bazel run //examples:hello -- --port abc`",
    told: "the terminal, exit code 2",
    says: ofPort("abc"),
  });
  const kind = "A page that stays as it was";
  rows.push(
    { kind, mistake: '`Element::by_id("tiem")`', told: kConsole, says: await page("absent_element") },
    {
      kind,
      mistake: '`EventSource source("/events");` in `main()`',
      told: kConsole,
      says: await page("local_event_source"),
    },
    {
      kind,
      mistake: "a page that is not joined with its `.wasm`, on a site without it",
      told: "the page itself",
      says: await page("absent_element", { comes: false }),
    },
  );
  return rows;
}

function table(rows) {
  const cell = (text) => text.replaceAll("|", "\\|").replace(/\s+/g, " ");
  let text = "";
  for (const kind of new Set(rows.map(({ kind }) => kind))) {
    text += `\n### ${kind}\n\n| mistake | who says so | what is said |\n| --- | --- | --- |\n`;
    for (const { mistake, told, says } of rows.filter((row) => row.kind === kind)) {
      assert.notEqual(says, "", `${mistake}: nothing is said`);
      text += `| ${[mistake, told, says].map(cell).join(" | ")} |\n`;
    }
  }
  return `${text}\n`;
}

const rows = await all();
const kinds = Map.groupBy ? Map.groupBy(rows, ({ kind }) => kind) : new Set(rows.map(({ kind }) => kind));
assert.equal(kinds.size, 13);
assert.equal(rows.length, 41);
const isTest = process.argv.includes("--test");
const path = isTest ? "docs/ERRORS.md" : join(process.env.BUILD_WORKSPACE_DIRECTORY, "docs/ERRORS.md");
const document = readFileSync(path, "utf8");
const [begin, end] = [document.indexOf(kBegin) + kBegin.length, document.indexOf(kEnd)];
assert.ok(begin >= kBegin.length && end >= begin, `${path} has no place for the table`);
const made = table(rows);
if (isTest) {
  assert.equal(document.slice(begin, end), made, "docs/ERRORS.md is old: bazel run //tests/mistakes:write");
} else {
  writeFileSync(path, document.slice(0, begin) + made + document.slice(end));
}
