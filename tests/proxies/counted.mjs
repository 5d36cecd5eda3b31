// A file of checks run by node's own runner, whose results are counted: a line for each check, and at the end whether each of
// them ran and passed.
import { run } from "node:test";
import { spec } from "node:test/reporters";

// Says what comes of each check in the file at this path; resolves to { passed, isGood }.
export async function counted(path) {
  let passed = 0, others = 0;
  const events = run({ files: [path], timeout: 300_000 });
  // The outermost results are those of the file and of its suite; checks are inside.
  events.on("test:pass", ({ nesting, skip, todo }) => {
    if (skip !== undefined || todo !== undefined) others += 1;
    else if (nesting > 0) passed += 1;
  });
  events.on("test:fail", () => (others += 1));
  events.compose(new spec()).pipe(process.stdout, { end: false });
  await new Promise((done) => events.once("end", done));
  return { passed, isGood: passed > 0 && others === 0 };
}

// The line that ends it, and the program's exit code.
export function conclude(counts) {
  for (const { name, passed, isGood } of counts) {
    console.log(`${name}: ${passed} checks passed${isGood ? "." : ", which is not all of them."}`);
  }
  process.exitCode = counts.every(({ isGood }) => isGood) ? 0 : 1;
}
