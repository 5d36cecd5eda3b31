// One client in a process of node: node host.mjs ADAPTER URL. What it tells is a line of JSON each.
import { writeSync } from "node:fs";

const [adapter, url] = process.argv.slice(2);
const say = (what) => writeSync(1, `${JSON.stringify(what)}\n`);

// As in a program that has more to do: while they wait to come back, some clients don't keep node from its end.
setInterval(() => {}, 60_000);

const { follow, forNode } = await import(`./adapters/${adapter}`);
for (const [name, value] of Object.entries(forNode?.globals ?? {})) globalThis[name] ??= value;
await follow(url, { event: (data) => say({ event: data }), ended: (why) => say({ ended: why }) });
