// How long each proxy bears a stream on which nothing is sent, over HTTP/1.1 and HTTP/2, and that the server's heartbeats keep
// it open. `bazel run //tests/proxies:silence [-- NAME…]`; all of them wait at once, for a minute and a half. It exits with 0
// only if each does what proxies.mjs says of it.
import { once } from "node:events";
import { resolve } from "node:path";

import { Server } from "../browser/server.mjs";
import { kProxies } from "./proxies.mjs";
import { Proxy } from "./proxy.mjs";
import { Connection } from "./streams.mjs";

const kWaited = 90; // seconds
const kInexact = 5;

// Seconds from the last byte until the stream is cut; none where it is still there at the end.
async function silenceOf(proxy, isHttp1) {
  const connection = new Connection(proxy.port, { isHttp1 });
  const { status, body } = await connection.request("GET", "/channels/news");
  if (status !== 200) throw new Error(`the stream was refused with ${status}`);
  let last = performance.now();
  body.on("data", () => (last = performance.now())).on("error", () => {});
  let timer;
  const end = new Promise((done) => (timer = setTimeout(done, kWaited * 1000, "waited")));
  const what = await Promise.race([once(body, "close").catch(() => "cut"), end]);
  clearTimeout(timer);
  body.destroy();
  connection.close();
  return what === "waited" ? undefined : (performance.now() - last) / 1000;
}

// Whether each stream is cut when it was expected, or never.
async function measure(name, { server, isSilent }) {
  const proxy = await Proxy.start(name, server.url);
  const expected = isSilent ? proxy.kind.silence : undefined;
  const look = async (isHttp1) => {
    const seconds = await silenceOf(proxy, isHttp1);
    const isRight = expected === undefined ? seconds === undefined : Math.abs(seconds - expected) < kInexact;
    const said = seconds === undefined ? `there after ${kWaited} s` : `cut after ${seconds.toFixed(1)} s of silence`;
    console.log(`${name}, ${isHttp1 ? "HTTP/1.1" : "HTTP/2"}, ${isSilent ? "no heartbeats" : "heartbeats"}: ${said}` +
      `${isRight ? "" : ", which was not expected"}`);
    return isRight;
  };
  try {
    return (await Promise.all((proxy.kind.isHttp1 ? [true] : [true, false]).map(look))).every(Boolean);
  } finally {
    await proxy.stop();
  }
}

const [program, ...given] = process.argv.slice(2);
process.env.TIDINGS_SERVER = resolve(program);
const flags = ["--trusted_proxy", "127.0.0.1"];
const servers = [
  { server: await Server.start(0, ...flags, "--heartbeat_s", "3600"), isSilent: true },
  { server: await Server.start(0, ...flags), isSilent: false },
];
const names = given.length > 0 ? given : Object.keys(kProxies).filter((name) => !kProxies[name].isUnix);
const results = await Promise.all(names.flatMap((name) => servers.map((each) => measure(name, each))));
await Promise.all(servers.map(({ server }) => server.stop()));
process.exitCode = results.every(Boolean) ? 0 : 1;
