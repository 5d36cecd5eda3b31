// Follows a channel with clients that other people wrote, and breaks their streams: bazel run //tests/clients [-- NAME…],
// without names with all of them. It exits with 0 only if each of them had of it what clients.mjs says, and if
// docs/CLIENTS.md says the same; with --write that is written.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { kClients } from "./clients.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const [server, ...given] = process.argv.slice(2);
process.env.TIDINGS_SERVER = resolve(server);
const names = given.filter((argument) => argument !== "--write");
const unknown = names.filter((name) => kClients.every((client) => client.name !== name));
if (unknown.length > 0) {
  console.log(`There is no ${unknown.join(", ")} here, but ${kClients.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}

// npm writes the inner file last, so its age is the age of a whole installation.
for (const folder of [here("."), here("../browser")]) {
  const installed = `${folder}/node_modules/.package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${folder}/package-lock.json`).mtimeMs) continue;
  console.log(`Installing the npm packages of tests/${basename(folder)}`);
  execFileSync("npm", ["ci", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
}
const { kFaults, kRetry, meet } = await import("./faults.mjs");
const { kPlaces } = await import("./places.mjs");
const { Pages } = await import("./pages.mjs");
const { page } = await import("./report.mjs");

const kAsTold = { least: kRetry / 2 - 25, most: 1.5 * kRetry + 3000 }; // a machine may have other things to do
const counts = { passed: 0, failed: 0, skipped: 0 };

// Whether it was back when it should be after a cut, since nothing but its own delay keeps it away then.
function isInTime({ least, most } = kAsTold, back) {
  return back === undefined || least === undefined || (back >= least && back <= most);
}

async function check(client, name, place) {
  const said = await Promise.all(Object.entries(kFaults).map(async ([fault, how]) => {
    const expected = client.expected?.[fault];
    try {
      const { wrong, back, told } = await meet(client, place, how);
      const isGood = wrong === expected && (how.find === undefined || isInTime(client.back, back));
      counts[isGood ? "passed" : "failed"] += 1;
      const time = back === undefined ? "" : `, back after ${back.toFixed(0)} ms`;
      if (isGood) return `${fault}: ${wrong ?? "all"}${time}`;
      const seen = `${JSON.stringify(told.events)} ${told.ended ?? ""} ${told.log}`;
      return `${fault}: FAILED: ${wrong ?? "all"}${time}, and not ${expected ?? "all"} in time: ${seen}`;
    } catch (error) {
      counts.failed += 1;
      return `${fault}: FAILED: ${error.stack}`;
    }
  }));
  console.log(`${client.name}, ${name}:\n${said.map((line) => `  ${line}`).join("\n")}`);
}

let pages;
const chosen = kClients.filter(({ name }) => names.length === 0 || names.includes(name));
try {
  for (const client of chosen) {
    for (const name of client.places) {
      if (name === "same" || name === "cross") pages ??= await Pages.start();
      const place = kPlaces[name] ?? pages[name];
      const lacking = place.lacks?.(client);
      if (lacking) {
        counts.skipped += 1;
        console.log(`${client.name}, ${name}: skipped, since ${lacking}`);
      } else {
        await check(client, name, place);
      }
    }
  }
} finally {
  await pages?.close();
}

const path = here("../../docs/CLIENTS.md");
if (given.includes("--write") && counts.failed === 0) {
  writeFileSync(path, page());
} else if (!existsSync(path) || readFileSync(path, "utf8") !== page()) {
  counts.failed += 1;
  console.log("docs/CLIENTS.md does not say what clients.mjs says: bazel run //tests/clients -- --write writes it.");
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.passed > 0 && counts.failed === 0 ? 0 : 1;
