// Many streams over HTTP/2 behind a proxy that is reloaded meanwhile, and without a proxy: what is lost, and what the
// server's process takes. `bazel run //tests/proxies:reach [-- NAME…]`; it exits with 0 only if nothing was lost.
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { resolve } from "node:path";

import { Server } from "../browser/server.mjs";
import { Proxy } from "./proxy.mjs";
import { Connection, Follower } from "./streams.mjs";

const kStreams = 2000;
const kOfOneConnection = 100;
const kEvents = 200;
const kReloads = 5;
const kBetweenReloads = kEvents / kReloads;
const kPath = "/channels/news";
const kToken = "of-the-checks";

// Seconds of the processor that the process has taken.
function cpuOf(process) {
  const fields = readFileSync(`/proc/${process}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function publish(server, data) {
  const headers = { Authorization: `Bearer ${kToken}` };
  const answer = await fetch(new URL(kPath, server.url), { method: "POST", headers, body: data });
  if (answer.status !== 200) throw new Error(`publishing was refused with ${answer.status}`);
}

// A stream without a proxy: HTTP/1.1, without TLS, and it does not come back.
function openPlain(url) {
  return new Promise((done, fail) => {
    const events = [];
    const request = get(new URL(kPath, url), { agent: false }, (body) => {
      let text = "";
      body.setEncoding("utf8").on("error", () => {}).on("data", (part) => {
        text += part;
        for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
          events.push({ data: /^data: ?(.*)$/m.exec(text.slice(0, end))?.[1] ?? "" });
        }
      });
      done({ events, breaks: 0, close: () => body.destroy() });
    });
    request.on("error", fail);
  });
}

async function openBehind(proxy) {
  const followers = [];
  for (let opened = 0; opened < kStreams; opened += kOfOneConnection) {
    const connection = new Connection(proxy.port);
    const some = Array.from({ length: kOfOneConnection }, () => Follower.open(proxy, kPath, { connection }));
    followers.push(...(await Promise.all(some)));
  }
  return followers;
}

const numbers = ({ events }) => events.map(({ data }) => data).filter((data) => /^\d+$/.test(data));

async function all(followers) {
  const deadline = performance.now() + 60_000;
  const isThere = ({ events }) => events.at(-1)?.data === String(kEvents);
  while (!followers.every(isThere) && performance.now() < deadline) await new Promise((done) => setTimeout(done, 50));
}

async function measure(name) {
  const server = await Server.start(0, "--trusted_proxy", "127.0.0.1", "--publish_token", kToken);
  const proxy = name === "none" ? undefined : await Proxy.start(name, server.url);
  try {
    const followers = proxy ? await openBehind(proxy) : [];
    while (!proxy && followers.length < kStreams) {
      followers.push(...(await Promise.all(Array.from({ length: kOfOneConnection }, () => openPlain(server.url)))));
    }
    const before = cpuOf(server.process);
    for (let number = 1; number <= kEvents; ++number) {
      if (proxy && number % kBetweenReloads === kBetweenReloads / 2) await proxy.reload();
      await publish(server, String(number));
    }
    await all(followers);
    const cpu = cpuOf(server.process) - before;
    const expected = Array.from({ length: kEvents }, (_, i) => String(i + 1)).join();
    const wrong = followers.filter((follower) => numbers(follower).join() !== expected).length;
    const breaks = followers.reduce((sum, follower) => sum + follower.breaks, 0);
    console.log(`${name}: ${kStreams} streams, ${kEvents} events, ${proxy ? kReloads : 0} reloads: ${wrong} streams had not ` +
      `each event once and in order, ${breaks} came back; the server took ${((cpu / kStreams / kEvents) * 1e6).toFixed(2)} ` +
      `µs of the processor for each event of each stream`);
    followers.forEach((follower) => follower.close());
    return wrong === 0;
  } finally {
    await proxy?.stop();
    await server.stop();
  }
}

const [server, ...given] = process.argv.slice(2);
process.env.TIDINGS_SERVER = resolve(server);
let isGood = true;
for (const name of given.length > 0 ? given : ["none", "nginx", "caddy"]) isGood = (await measure(name)) && isGood;
process.exitCode = isGood ? 0 : 1;
