// The manual page says what the program says to --help, in the layouts of old and new releases of CLI11.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

function pageOf(help) {
  const program = join(mkdtempSync(join(process.env.TEST_TMPDIR, 'man')), 'program');
  writeFileSync(program, `#!/bin/sh\n[ "$1" = --version ] && printf 'Program 1\\nbuilt with x\\n' || cat <<'END'\n${help}\nEND\n`);
  chmodSync(program, 0o755);
  return execFileSync(process.execPath, ['packaging/man_page.mjs', program, 'program'], { encoding: 'utf8' });
}

test('A page has every flag of the server', () => {
  const page = readFileSync('packaging/tidings-server.1', 'utf8');
  const help = execFileSync('server/server', ['--help'], { encoding: 'utf8' });
  const flags = [...help.matchAll(/^ {2,10}(?:-\w, *)?(--\w+)/gm)].map((match) => match[1]);
  assert.ok(flags.length > 20);
  for (const flag of flags) assert.ok(page.includes(flag.replaceAll('-', '\\-')), flag);
  assert.match(page, /\nTidings [0-9.]+, built with /);
});

test('The text of a flag is found beside it, below it and on several lines', () => {
  const page = pageOf(`Serves things.
Usage: program [OPTIONS]

Options:
  -h,     --help              Print this help message and exit
  --short TEXT=x              Beside it
  --much_longer_than_that UINT:INT in [1 - 256]=4
                              Below it, and
                              - on a second line`);
  assert.match(page, /^program \\- serves things$/m);
  assert.match(page, /\.TP\n\\fB\\-h,\\-\\-help\\fR\nPrint this help message and exit\./);
  assert.match(page, /\.TP\n\\fB\\-\\-short\\fR TEXT=x\nBeside it\./);
  assert.match(page, /\.TP\n\\fB\\-\\-much_longer_than_that\\fR UINT:INT in \[1 \\- 256\]=4\nBelow it, and \\- on a second line\./);
});

test('The layout of newer releases says the same', () => {
  const page = pageOf(`Serves things. 


program [OPTIONS]


OPTIONS:
  -h,     --help              Print this help message and exit 
          --short TEXT [x]    Beside it 
          --much_longer_than_that, --much-longer-than-that UINT:INT in [1 - 256] [4]  Needs: --short 
                              Below it, and 
                              - on a second line `);
  assert.match(page, /^program \\- serves things$/m);
  assert.match(page, /\.TP\n\\fB\\-h,\\-\\-help\\fR\nPrint this help message and exit\./);
  assert.match(page, /\.TP\n\\fB\\-\\-short\\fR TEXT \[x\]\nBeside it\./);
  assert.match(page, /\\fB\\-\\-much_longer_than_that,\\-\\-much\\-longer\\-than\\-that\\fR UINT:INT in \[1 \\- 256\] \[4\] Needs: \\-\\-short\nBelow it, and \\- on a second line\./);
});

test('Text that looks like a command of roff is text', () => {
  const page = pageOf(`Serves.
Usage: program [OPTIONS]

Options:
  --help                      'Help' has a \\ in it
  --dots                      .SH is no heading`);
  assert.match(page, /^\\&'Help' has a \\e in it\.$/m);
  assert.match(page, /^\\&\.SH is no heading\.$/m);
});
