// The conformance table of tests/data/event_stream for JavaScript: [{ name, bytes, ...the .json file }], by name.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const kFolder = fileURLToPath(new URL("../data/event_stream/", import.meta.url));

export function readCases() {
  return readdirSync(kFolder, { recursive: true })
    .filter((path) => path.endsWith(".stream"))
    .sort()
    .map((path) => ({
      name: path.slice(0, -".stream".length),
      bytes: readFileSync(kFolder + path),
      ...JSON.parse(readFileSync(kFolder + path.replace(/\.stream$/, ".json"), "utf8")),
    }));
}

// Every type that a reading of the case could come to: the named ones, and whatever follows `event` in the bytes, with
// and without what a wrong reading could take off. A browser tells only those who listen for the type.
export function possibleTypes({ bytes, events, deviations = {} }) {
  const types = [events, ...Object.values(deviations).map((other) => other?.events ?? [])].flat().map(({ type }) => type);
  for (const encoding of ["utf8", "latin1"]) {
    for (const line of bytes.toString(encoding).split(/[\r\n]/)) {
      const value = /event[^:]*:?(.*)/is.exec(line)?.[1];
      if (value !== undefined) types.push(value, value.trim(), value.replace(/^ /, ""), value.replace(/\0/g, "").trim());
    }
  }
  return types;
}
