// Runs the tests of the pages and of the EventSource in one browser by node's own runner:
// node tests/browser/run.mjs chromium|firefox|webkit [SERVER EXAMPLE FOLLOWER.js]
// It exits with 0 only if tests were run and every one of them passed: a file without tests is a success to node, and a
// browser that is missing must not look like one.
import { existsSync, readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const [browser, server, example, follower] = process.argv.slice(2);

process.env.TIDINGS_BROWSER = browser ?? "";
const given = (path, built) => (path ? resolve(path) : fileURLToPath(new URL(`bazel-bin/${built}`, root)));
process.env.TIDINGS_SERVER = given(server, "server/server");
process.env.TIDINGS_EXAMPLE = given(example, "examples/page/page");
process.env.TIDINGS_FOLLOWER = dirname(given(follower, "tests/browser/follower.js"));

let passed = 0;
let others = 0;

const kOfOtherTargets = ["event_stream_test.mjs", "size_test.mjs"];
// Firefox waits half a second before each reconnection, and tells nobody of its memory. Of the examples one is tried in
// all browsers, and the others in one.
const kOfChromium = ["examples_test.mjs", "long_stream_test.mjs", "reopen_cycles_test.mjs"];
// puppeteer loses hold of a page in Firefox that was kept while another was shown.
const kNotOfFirefox = ["back_test.mjs", ...kOfChromium];
// What its driver can do.
const kOfWebKit = ["accessibility", "back", "channel", "durable", "example", "page", "resume", "tabs"].map((name) => `${name}_test.mjs`);
const kIsRun = {
  chromium: () => true,
  firefox: (name) => !kNotOfFirefox.includes(name),
  webkit: (name) => kOfWebKit.includes(name),
};

const folder = fileURLToPath(new URL(".", import.meta.url)); // in the source tree, also under Bazel
const names = readdirSync(folder).filter((name) => name.endsWith("_test.mjs") && !kOfOtherTargets.includes(name));
for (const name of names) {
  // In Bazel's folder for this test are the files that it knows of.
  if (process.env.TEST_SRCDIR && !existsSync(`tests/browser/${name}`)) {
    console.log(`${name} is not in data of tests/browser/BUILD: Bazel would not run it again when it changes.`);
    process.exit(1);
  }
}
const files = names
  .filter((name) => kIsRun[browser]?.(name))
  .map((name) => resolve(folder, name));
const events = run({ files, timeout: 240_000 }); // one file after the other
// The outermost results are those of the file and of its suite; tests are inside.
events.on("test:pass", ({ nesting, skip, todo }) => {
  if (skip !== undefined || todo !== undefined) others += 1;
  else if (nesting > 0) passed += 1;
});
events.on("test:fail", () => {
  others += 1;
});
events.compose(new spec()).pipe(process.stdout);

process.on("exit", (code) => {
  const isGood = code === 0 && passed > 0 && others === 0;
  console.log(`${browser}: ${passed} tests passed${isGood ? "." : ", which is not all of them."}`);
  if (!isGood) process.exitCode = 1;
});
