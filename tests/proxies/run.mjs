// Tries the configurations of deploy/ with the real proxies: bazel run //tests/proxies [-- NAME…], without names all of
// them. It exits with 0 only if every check ran and passed.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { conclude, counted } from "./counted.mjs";
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
  counts.push({ name, ...(await counted(fileURLToPath(new URL("checks.mjs", import.meta.url)))) });
}
conclude(counts);
