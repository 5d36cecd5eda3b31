// What a site costs a browser that has nothing of it, counted on the socket.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { kPatience, within } from "./deadline.mjs";

// A coding as a browser asks for it, and as it is taken off.
const kCodings = {
  br: { asked: "gzip, deflate, br", decode: brotliDecompressSync },
  gzip: { asked: "gzip, deflate", decode: gunzipSync },
};

// The response's bytes, head and body.
async function response(url, coding) {
  const { hostname, pathname, port } = new URL(url);
  const socket = connect(port, hostname);
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept-Encoding: ${kCodings[coding].asked}\r\n\r\n`);
  const chunks = [];
  try {
    await within(kPatience, `all of ${pathname}`, new Promise((done, fail) => {
      socket.on("error", fail).on("end", done).on("data", (chunk) => {
        chunks.push(chunk);
        const bytes = Buffer.concat(chunks);
        const end = bytes.indexOf("\r\n\r\n");
        const length = /^content-length: (\d+)/im.exec(bytes.toString("latin1"));
        if (end >= 0 && bytes.length >= end + 4 + Number(length?.[1] ?? 0)) done();
      });
    }));
  } finally {
    socket.destroy();
  }
  return Buffer.concat(chunks);
}

function text(bytes, coding) {
  const end = bytes.indexOf("\r\n\r\n") + 4;
  const head = bytes.toString("latin1", 0, end);
  assert.match(head, /^HTTP\/1\.1 200 /);
  assert.equal(/\r\ncontent-encoding: (\w+)\r\n/i.exec(head)?.[1], coding);
  return kCodings[coding].decode(bytes.subarray(end)).toString("latin1");
}

// The bytes of each response to the site, heads included, by path: the document, what it names, and what its
// script does: the .wasm, unless the document holds it, and the worker that tabs share. The coding is br or gzip, which is
// what WebKit asks for where there is no TLS.
export async function coldSizes(url, coding) {
  const sizes = new Map();
  const get = async (path) => {
    const bytes = await response(new URL(path, url), coding);
    sizes.set(path, bytes.length);
    return text(bytes, coding);
  };
  const html = await get("/");
  const named = [...html.matchAll(/\b(?:href|src)="?([^"\s>]+)/g)].map(([, path]) => path);
  for (const path of named.filter((path) => !path.startsWith("data:"))) await get(path);
  for (const [, file] of html.matchAll(/"([a-z_]+\.(?:js|wasm))"/g)) await get(`/${file}`);
  return sizes;
}
