#!/usr/bin/env node
// Writes compile_commands.json for clangd, one entry for each .cc of ours: natively where it is compiled natively, else as
// for the browser. Run it once after a clone, and again when a file or a dependency has come or gone. Fails if there is a
// .cc that no target compiles.
//
//   tools/compile_commands.mjs [bazel's flags]
//
// An include "tidings/…" leads to the tree itself: Bazel's own include folders hold symbolic links that exist only after
// a build, and a definition would be shown in the link and not in the file. What a build writes is found after that build.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function bazel(command, ...rest) {
  return execFileSync('./bazelw', [command, ...process.argv.slice(2), '--noshow_progress', ...rest],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'inherit'] });
}

// What clang does not know, what Bazel wants for itself, and warnings as errors, which an editor shows as warnings.
const DROPPED = /^(-MD|-Werror|-g0|-std=c\+\+0x|-frandom-seed=.*|-fno-canonical-system-headers|-Wno-free-nonheap-object)$/;
const DROPPED_WITH_VALUE = new Set(['-MF', '-o']);

const outputBase = bazel('info', '--ui_event_filters=-info', 'output_base').trim();

// Bazel's paths begin in a folder that only a build fills; what is in it is here, or is another repository.
const here = (path) => (path.startsWith('external/') ? join(outputBase, path) : path);

// A folder in which tidings/ is this tree. It lies where Bazel keeps the libraries, so that no search of the tree runs in
// a circle.
const includes = join(outputBase, 'clangd');
mkdirSync(includes, { recursive: true });
rmSync(join(includes, 'tidings'), { force: true });
symlinkSync(root, join(includes, 'tidings'));

let emscripten;

function command(action) {
  const [compiler, ...given] = action.arguments;
  const args = [];
  let file;
  for (let at = 0; at < given.length; ++at) {
    const arg = given[at];
    if (DROPPED_WITH_VALUE.has(arg)) {
      ++at;
    } else if (arg === '-c') {
      file = given[++at];
    } else if (arg === '-iquote' || arg === '-isystem') {
      args.push(arg, here(given[++at]));
    } else if (!DROPPED.test(arg)) {
      args.push(arg);
    }
  }
  const native = !compiler.endsWith('/emcc.sh');
  if (!native) {
    emscripten ??= execFileSync(here(compiler), ['--cflags'], { encoding: 'utf8' }).trim().split(/\s+/);
  }
  const target = native ? [] : emscripten;
  return { native, directory: root, file, arguments: ['clang++', ...target, `-I${includes}`, ...args, '-c', file] };
}

const { actions } = JSON.parse(bazel('aquery', '--output=jsonproto', '--ui_event_filters=-info',
  'mnemonic("CppCompile", deps(//...))'));
const chosen = new Map();
for (const entry of actions.map(command)) {
  if (/^(external|bazel-out)\//.test(entry.file)) continue;
  if (!chosen.has(entry.file) || (entry.native && !chosen.get(entry.file).native)) chosen.set(entry.file, entry);
}
const entries = [...chosen.values()].sort((a, b) => (a.file < b.file ? -1 : 1))
  .map(({ native, ...entry }) => entry);
writeFileSync(join(root, 'compile_commands.json'), `${JSON.stringify(entries, null, 1)}\n`);
console.log(`compile_commands.json: ${entries.length} files`);

// Most of tests/mistakes is there to be refused by the compiler.
const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.cc', ':!tests/mistakes'],
  { cwd: root, encoding: 'utf8' });
const forgotten = sources.split('\n').filter((file) => file && existsSync(join(root, file)) && !chosen.has(file));
for (const file of forgotten) console.error(`compile_commands.mjs: no target compiles ${file}`);
process.exitCode = forgotten.length > 0 ? 1 : 0;
