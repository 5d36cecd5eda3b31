// ./bazelw takes the lane that fits the system, or says in one sentence why it can't.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

// Runs bazelw where there are the tools of a shell, a bazel that says its arguments, and the given programs.
function bazelw({ lane, version = "bazel 8.4.2", programs = ["esbuild", "g++", "node", "zopfli"] }, ...words) {
  const path = mkdtempSync(join(process.env.TEST_TMPDIR, "path-"));
  for (const tool of ["bash", "dirname"]) symlinkSync(join("/usr/bin", tool), join(path, tool));
  for (const program of programs) writeFileSync(join(path, program), "", { mode: 0o755 });
  const bazel = `#!/usr/bin/bash\n[[ $1 == --version ]] && echo "${version}" || echo "bazel $*"\n`;
  writeFileSync(join(path, "bazel"), bazel, { mode: 0o755 });
  const env = { PATH: path, HOME: path, ...(lane && { TIDINGS_LANE: lane }) };
  const { status, stdout, stderr } = spawnSync("./bazelw", words, { env, encoding: "utf8" });
  return { status, stdout, stderr };
}

test("without apt-get the libraries come from the registry", () => {
  assert.deepEqual(bazelw({}, "build", "//server"), { status: 0, stdout: "bazel build //server\n", stderr: "" });
});

test("what is refused is refused in a sentence", () => {
  const rows = [
    ["another lane", { lane: "other" }, /^bazelw: there is no lane 'other': .*workspace.*module.*\.\n$/],
    ["a Bazel that is too old", { version: "bazel 6.5.0" }, /^bazelw: the lane 'module' needs Bazel 7\.7 or later.*\.\n$/],
    ["a Bazel that does not say", { version: "bazel no_version" }, /needs Bazel 7\.7 or later/],
    ["no esbuild, g++ and zopfli", { programs: ["node"] }, /^bazelw: .*install what is missing.*: esbuild g\+\+ zopfli\.\n$/],
    ["no packages for the other lane", { lane: "workspace", programs: ["node"] }, /^bazelw: .* libasio-dev .*\.\n$/],
  ];
  for (const [name, system, sentence] of rows) {
    const { status, stdout, stderr } = bazelw(system, "build", "//server");
    assert.equal(status, 1, name);
    assert.equal(stdout, "", name);
    assert.match(stderr, sentence, name);
  }
});

test("what builds nothing needs nothing but Bazel", () => {
  assert.equal(bazelw({ programs: [] }, "info", "release").stdout, "bazel info release\n");
});

test("the tests that it names where npm fails are there, and are tests", () => {
  const suites = readFileSync("tests/BUILD", "utf8");
  const named = /npm ci failed.*: bazel test (.*) works without/.exec(readFileSync("bazelw", "utf8"))[1].split(" ");
  for (const label of named) assert.ok(suites.includes(`test_suite(\n    name = "${label.replace("//tests:", "")}",`), label);
});
