// The page docs/CLIENTS.md, from the table and the versions that are installed: what the suite has found as it was expected
// can be written down without being run again.
import { readFileSync } from "node:fs";

import { kClients } from "./clients.mjs";
import { kFaults } from "./faults.mjs";

const kWhere = {
  "node 24": "node 24",
  "node 20": "node 20",
  same: "Chromium",
  cross: "Chromium, from another origin",
};

// Of an npm package, as package.json has it.
function versionOf(name) {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  return { ...dependencies, ...optionalDependencies }[name].replace(/^.*@/, "");
}

const kSays = {
  "never back": "does not come back",
  "loses 4": "loses it",
};

function row(client) {
  const version = client.version ?? (client.package ? versionOf(client.package) : "");
  const where = client.places.map((place) => kWhere[place] ?? place).join("; ");
  const results = Object.keys(kFaults).map((fault) => {
    const wrong = client.expected?.[fault];
    return wrong === undefined ? "all" : (kSays[wrong] ?? wrong);
  });
  return `| ${[client.name, version, where, ...results, client.back?.says ?? "as told"].join(" | ")} |`;
}

export function page() {
  const faulty = kClients.filter(({ why }) => why !== undefined);
  return `# Other people's clients

What clients that other people wrote have of a channel when their stream breaks: made and checked by \`bazel run
//tests/clients -- --write\`, with the real server, each client at the version that is named, written as its README has it.
Eight events are published: three that arrive, the fourth at which it happens, two while the client is away, and two when
it is back. "All" is each of them once and in order.

- **FIN in data**: the connection ends within the fourth event's data, as if it had ended well.
- **FIN behind id**: it ends when all of the event is there but for the blank line.
- **RST in data**: it is reset within the data.
- **drain**: the server gets SIGTERM, is away for 1.5 s and is started again with the same \`--data_dir\`.
- **kill**: the same with SIGKILL.

| client | version | where | FIN in data | FIN behind id | RST in data | drain | kill | comes back |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${kClients.map(row).join("\n")}

"As told" is after the reconnection time that the server gives, half a second in this suite, give or take half of it.

## What is the client's own

${faulty.map(({ name, why }) => `- **${name}**: ${why}`).join("\n")}

## What is not here

Clients that only Go's modules or PHP's packages have, and what is not on npm: Datastar after 1.0.0-beta.11. Those of Debian
are Debian 12's; another system's have other versions and are left out with a sentence. Firefox and WebKit are not driven
here; what their own EventSource does is in [EVENT_STREAM.md](EVENT_STREAM.md#pitfalls) and in \`tests/browser/\`.

What else clients do that a server's author would not guess is in [EVENT_STREAM.md](EVENT_STREAM.md#pitfalls) and in
[findings](../findings).
`;
}
