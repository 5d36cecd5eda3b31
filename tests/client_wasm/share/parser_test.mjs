// The conformance table of tests/data/event_stream against the worker's parser: whole, byte by byte, and cut at every place.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Parser } from "../../../client_wasm/share/parser.mjs";
import { readCases } from "../../browser/event_stream_cases.mjs";

const kFewestCases = 150;
const kLongest = 1 << 20;

function read({ starting_last_event_id: id = "" }, pieces) {
  const events = [];
  const parser = new Parser(id, kLongest, ({ type, data, id }) => events.push({ type, data, last_event_id: id }));
  // Drops the byte order mark itself: where the mark comes in two pieces, Node 24's decoder drops a second one with it.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const texts = pieces.map((piece) => decoder.decode(piece, { stream: true }));
  const first = texts.findIndex((text) => text !== "");
  texts.forEach((text, i) => parser.feed(i === first ? text.replace(/^\uFEFF/, "") : text));
  return { events, last_event_id: parser.id, reconnectionTime: parser.reconnectionTime };
}

const cases = readCases();
test("there are enough cases", () => assert.ok(cases.length >= kFewestCases, `${cases.length}`));
for (const each of cases) {
  test(each.name, () => {
    const { bytes, events, last_event_id, reconnection_time } = each;
    const wanted = { events, last_event_id, reconnectionTime: Math.min(reconnection_time ?? 3000, 3_600_000) };
    assert.deepEqual(read(each, [bytes]), wanted);
    assert.deepEqual(read(each, [...bytes].map((_, i) => bytes.subarray(i, i + 1))), wanted);
    if (bytes.length > 2000) return;
    for (let cut = 0; cut <= bytes.length; ++cut) {
      assert.deepEqual(read(each, [bytes.subarray(0, cut), bytes.subarray(cut)]), wanted, `cut at ${cut}`);
    }
  });
}

test("an event that is too long is told without its data, whatever its lines, and costs no memory", () => {
  const seen = [];
  const parser = new Parser("", 1000, (event) => seen.push(event));
  const texts = [`data: ${"x".repeat(1000)}\n\n`, `data:${"x".repeat(1001)}\n`, "id:2\n\n", "data\n".repeat(1002), "id:3\n\n"];
  for (const text of texts) parser.feed(text);
  parser.feed("data:");
  for (let i = 0; i < 1000; ++i) parser.feed("x".repeat(1000));
  parser.feed("\nid:4\n\nid:");
  for (let i = 0; i < 10; ++i) parser.feed("5".repeat(1000));
  parser.feed("\ndata:short\n\n");
  assert.deepEqual(seen.map(({ data, id }) => [data?.length, id]), [
    [1000, ""], [undefined, "2"], [undefined, "3"], [undefined, "4"], [5, "4"],
  ]);
});
