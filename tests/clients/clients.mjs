// The clients, where each runs, and what each does with a stream that breaks: whatever is not said here is that it has every
// event once and in order, and comes back when the server has told it to.
const kEverywhere = ["node 24", "same", "cross"];
const kBrowser = ["same", "cross"];

// As faults.mjs has them.
const kFaultNames = ["FIN in data", "FIN behind id", "RST in data", "drain", "kill"];

// At each fault.
const kAlways = (what) => Object.fromEntries(kFaultNames.map((name) => [name, what]));

// Of the libraries that take an id for had when its line has come.
const kEarlyId = { "FIN behind id": "loses 4" };
const kEarlyIdFault =
  "It takes an id for had when its line has come, not when the event has: an event of which only the blank line is lacking " +
  "is lost, since it asks for what follows. (The id is the last line of an event, so that this is one byte of it.)";

export const kClients = [
  { name: "the browser's own", version: "the system's", adapter: "own.mjs", places: kBrowser },
  { name: "node's own", package: "node-24", adapter: "own.mjs", places: ["node 24"] },
  {
    name: "node 20's own",
    package: "node-20",
    adapter: "own.mjs",
    places: ["node 20"],
    expected: { drain: "never back", kill: "never back" },
    why: "It gives up after one connection that is refused, and its error events don't say so: " +
      "`findings/node-eventsource-gives-up-after-one-failed-reconnection.sh`.",
  },
  { name: "eventsource 5", package: "eventsource", adapter: "eventsource_5.mjs", places: kEverywhere },
  { name: "eventsource 3", package: "eventsource-3", adapter: "eventsource_3.mjs", places: kEverywhere },
  { name: "eventsource-client", package: "eventsource-client", adapter: "eventsource_client.mjs", places: kEverywhere },
  {
    name: "event-source-plus",
    package: "event-source-plus",
    adapter: "event_source_plus.mjs",
    places: kEverywhere,
    back: { least: 0, most: 12_000, says: "at once, then after twice as long each time, whatever the server tells" },
  },
  {
    name: "fetch-event-source",
    package: "@microsoft/fetch-event-source",
    adapter: "fetch_event_source.mjs",
    places: kEverywhere,
    expected: kEarlyId,
    why: kEarlyIdFault,
  },
  { name: "launchdarkly-eventsource", package: "launchdarkly-eventsource", adapter: "launchdarkly.mjs", places: ["node 24"] },
  {
    name: "event-source-polyfill",
    package: "event-source-polyfill",
    adapter: "event_source_polyfill.mjs",
    places: kEverywhere,
    back: { least: 950, most: 4000, says: "after 1 s at the least, then after twice as long each time" },
  },
  { name: "reconnecting-eventsource", package: "reconnecting-eventsource", adapter: "reconnecting.mjs", places: kEverywhere },
  {
    name: "sse.js",
    package: "sse.js",
    adapter: "sse_js.mjs",
    places: kBrowser,
    expected: kAlways("never back"),
    back: { says: "never" },
    why: "It comes back only with `autoReconnect: true`, the next row.",
  },
  { name: "sse.js, autoReconnect", package: "sse.js", adapter: "sse_js_reconnecting.mjs", places: kBrowser },
  {
    name: "extended-eventsource",
    package: "extended-eventsource",
    adapter: "extended.mjs",
    places: kEverywhere,
    expected: kEarlyId,
    why: "It is made of fetch-event-source, and does as that does.",
  },
  { name: "htmx 2", package: "htmx-2", adapter: "htmx_2.mjs", places: kBrowser },
  { name: "htmx 4", package: "htmx.org", adapter: "htmx_4.mjs", places: kBrowser },
  {
    name: "Datastar",
    package: "@starfederation/datastar",
    adapter: "datastar.mjs",
    places: kBrowser,
    expected: kEarlyId,
    back: { least: 200, most: 8000, says: "as told, then after twice as long each time" },
    why: "It is made of fetch-event-source too: an event of which only the blank line is lacking is lost.",
  },
  { name: "Turbo", package: "@hotwired/turbo", adapter: "turbo.mjs", places: kBrowser },
  {
    name: "the MCP's SDK, by server-sent events",
    package: "@modelcontextprotocol/sdk",
    adapter: "mcp.mjs",
    places: ["node 24"],
    expected: kAlways("loses what came meanwhile"),
    back: { says: "as told" },
    why: "Its transport gives each request fields of its own, and leaves out the Last-Event-ID that the EventSource below " +
      "asks with: `findings/mcp-sdk-leaves-out-the-last-event-id.sh`. Whoever needs what came meanwhile adds it in " +
      "`eventSourceInit.fetch`.",
  },
  {
    name: "curl in a loop",
    packages: ["curl"],
    version: "7.88.1",
    adapter: "curl.sh",
    places: ["Debian"],
    back: { least: 450, most: 4000, says: "when its loop does" },
  },
  {
    name: "Go's donovanhide/eventsource",
    packages: ["golang-go", "golang-github-donovanhide-eventsource-dev"],
    version: "0.0~git20210830.c590279",
    adapter: "donovanhide.go",
    places: ["Debian"],
  },
  {
    name: "Symfony's EventSourceHttpClient",
    packages: ["php-cli", "php-symfony-http-client"],
    version: "5.4.53",
    adapter: "symfony.php",
    places: ["Debian"],
  },
];
