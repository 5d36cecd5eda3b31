// What a page costs a browser that has nothing of it: every byte of the responses to it, heads included.
// node tests/browser/size_test.mjs SERVER EXAMPLE FETCHER.js FETCHER.wasm
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

import { Server } from "./server.mjs";
import { coldSizes } from "./wire.mjs";

const kPages = [
  {
    name: "the page",
    most: 14_600, // bytes: what TCP sends at first without waiting for an answer, ten segments of 1,460
    start: () => Server.start(),
    files: ["/", "/share_worker.js"],
  },
  {
    name: "the example",
    most: 4_800,
    start: () => Server.startExample(),
    files: ["/"],
  },
];

const [server, example, ...fetcher] = process.argv.slice(2);
process.env.TIDINGS_SERVER = resolve(server);
process.env.TIDINGS_EXAMPLE = resolve(example);

for (const { name, most, start, files } of kPages) {
  test(`${name} takes at most ${most} bytes over the wire`, async (context) => {
    const server = await start();
    try {
      const sizes = await coldSizes(server.url);
      // Else something is asked for in a way that this does not see.
      assert.deepEqual([...sizes.keys()].sort(), files);

      const all = [...sizes.values()].reduce((sum, size) => sum + size);
      context.diagnostic(`${[...sizes].map(([path, size]) => `${path} ${size}`).join(", ")}: ${all} bytes`);
      assert.ok(all <= most, `${all} bytes`);
    } finally {
      await server.stop();
    }
  });
}

// Its own files, with heads of the length that our server's have.
test("a page with a FetchStream alone takes at most 7,500 bytes over the wire", (context) => {
  const kHead = 370;
  const sizes = fetcher.map((path) => brotliCompressSync(readFileSync(path)).length + kHead);
  context.diagnostic(`${sizes.join(" and ")} bytes`);
  assert.ok(sizes[0] + sizes[1] <= 7_500);
});
