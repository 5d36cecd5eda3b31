// Tries the configurations of deploy/ with the real proxies: bazel run //tests/proxies [-- NAME…], without names all of
// them. It exits with 0 only if every check ran and passed.
import { resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

import { kProxies } from "./proxies.mjs";

const [server, ...given] = process.argv.slice(2);
const names = given.length > 0 ? given : Object.keys(kProxies);
const unknown = names.filter((name) => !kProxies[name]);
if (unknown.length > 0) {
  console.log(`There is no ${unknown.join(", ")} here, but ${Object.keys(kProxies).join(", ")}.`);
  process.exit(2);
}
process.env.TIDINGS_SERVER = resolve(server);
process.env.TIDINGS_BROWSER = "chromium";

const counts = [];
for (const name of names) {
  process.env.TIDINGS_PROXY = name;
  const count = { name, passed: 0, others: 0 };
  counts.push(count);
  const events = run({ files: [fileURLToPath(new URL("checks.mjs", import.meta.url))], timeout: 300_000 });
  // The outermost results are those of the file and of its suite; checks are inside.
  events.on("test:pass", ({ nesting, skip, todo }) => {
    if (skip !== undefined || todo !== undefined) count.others += 1;
    else if (nesting > 0) count.passed += 1;
  });
  events.on("test:fail", () => (count.others += 1));
  events.compose(new spec()).pipe(process.stdout, { end: false });
  await new Promise((done) => events.once("end", done));
}
const isGood = ({ passed, others }) => passed > 0 && others === 0;
for (const count of counts) {
  console.log(`${count.name}: ${count.passed} checks passed${isGood(count) ? "." : ", which is not all of them."}`);
}
process.exitCode = counts.every(isGood) ? 0 : 1;
