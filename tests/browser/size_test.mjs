// What a page costs a browser that has nothing of it: every byte of the responses to it, heads included.
// node tests/browser/size_test.mjs SERVER EXAMPLE FETCHER.js, beside which are the other pages
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

import { Server } from "./server.mjs";
import { coldSizes } from "./wire.mjs";

const kPages = [
  {
    name: "the page",
    // Bytes: what TCP sends at first without waiting for an answer, ten segments of 1,460; and what WebKit may take.
    most: { br: 14_600, gzip: 15_350 },
    start: () => Server.start(),
    files: ["/", "/share_worker.js"],
  },
  {
    name: "the example",
    most: { br: 4_800, gzip: 4_900 },
    start: () => Server.startExample(),
    files: ["/"],
  },
];

const [server, example, fetcher] = process.argv.slice(2);
process.env.TIDINGS_SERVER = resolve(server);
process.env.TIDINGS_EXAMPLE = resolve(example);

for (const { name, most, start, files } of kPages) {
  for (const [coding, limit] of Object.entries(most)) {
    test(`${name} takes at most ${limit} bytes over the wire by ${coding}`, async (context) => {
      const server = await start();
      try {
        const sizes = await coldSizes(server.url, coding);
        // Else something is asked for in a way that this does not see.
        assert.deepEqual([...sizes.keys()].sort(), files);

        const all = [...sizes.values()].reduce((sum, size) => sum + size);
        context.diagnostic(`${[...sizes].map(([path, size]) => `${path} ${size}`).join(", ")}: ${all} bytes`);
        assert.ok(all <= limit, `${all} bytes`);
      } finally {
        await server.stop();
      }
    });
  }
}

// The script and the program of a page, by brotli.
const shortened = (name) => [".js", ".wasm"].map((ending) => {
  return brotliCompressSync(readFileSync(join(dirname(fetcher), name + ending))).length;
});
const sum = (sizes) => sizes.reduce((sum, size) => sum + size);

// Its own files, with heads of the length that our server's have.
test("a page with a FetchStream alone takes at most 7,600 bytes over the wire", (context) => {
  const kHead = 370;
  const sizes = shortened("fetch_alone").map((size) => size + kHead);
  context.diagnostic(`${sizes.join(" and ")} bytes`);
  assert.ok(sum(sizes) <= 7_600);
});

test("three structs of eight members add at most 2,600 bytes to a page", (context) => {
  const [typed, untyped] = [shortened("typed_alone"), shortened("untyped_alone")];
  const added = sum(typed) - sum(untyped);
  context.diagnostic(`${typed.join(" and ")} bytes with them, ${untyped.join(" and ")} without: ${added}`);
  assert.ok(added <= 2_600, `${added} bytes`);
});
