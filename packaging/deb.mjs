// Makes tidings_VERSION_ARCH.deb by debhelper, where Bazel was called or in a folder: bazel run //packaging:deb [-- FOLDER].
// The version, the manual page and the licence are the program's and the tree's own; debhelper strips the program and finds
// the libraries that it needs. Whose package it is says the environment, DEBFULLNAME and DEBEMAIL, as Debian's own tools
// have it.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

// Of these there is something in the program and the page themselves, so their licences go with it.
const INCLUDED = ['libasio-dev', 'libcli11-dev', 'nlohmann-json3-dev', 'emscripten'];

if (!existsSync('/usr/bin/dh')) {
  console.error('debhelper is missing, which makes the package: sudo apt-get install --no-install-recommends debhelper');
  process.exit(1);
}
const stage = mkdtempSync(join(tmpdir(), 'tidings_deb_'));
try {
  const version = execFileSync('server/server', ['--version'], { encoding: 'utf8' }).split(/\s/)[1];
  const maintainer = `${process.env.DEBFULLNAME ?? 'The Tidings authors'} <${process.env.DEBEMAIL ?? 'tidings@localhost'}>`;
  const time = new Date(process.env.SOURCE_DATE_EPOCH ? process.env.SOURCE_DATE_EPOCH * 1000 : Date.now());
  const license = readFileSync('LICENSE', 'utf8').trim().split('\n');

  cpSync('packaging/debian', join(stage, 'debian'), { recursive: true, dereference: true });
  chmodSync(join(stage, 'debian/rules'), 0o755);
  const control = join(stage, 'debian/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace('${maintainer}', maintainer));
  writeFileSync(join(stage, 'debian/changelog'), `tidings (${version}) unstable; urgency=medium

  * See CHANGELOG.md.

 -- ${maintainer}  ${time.toUTCString().replace('GMT', '+0000')}
`);
  writeFileSync(join(stage, 'debian/copyright'), `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: ${license.find((line) => line.startsWith('Copyright')).replace(/^Copyright (\(c\) )?/, '')}
License: MIT
${license.slice(license.findIndex((line) => line.startsWith('Permission'))).map((line) => ` ${line || '.'}`).join('\n')}
`);
  copyFileSync('server/server', join(stage, 'tidings-server'));
  copyFileSync('packaging/tidings-server.1', join(stage, 'tidings-server.1'));
  mkdirSync(join(stage, 'share/licenses'), { recursive: true });
  copyFileSync('CHANGELOG.md', join(stage, 'share/CHANGELOG.md'));
  copyFileSync('docs/DEPLOY.md', join(stage, 'share/DEPLOY.md'));
  for (const each of INCLUDED) {
    const copyright = `/usr/share/doc/${each}/copyright`;
    if (existsSync(copyright)) copyFileSync(copyright, join(stage, 'share/licenses', each));
    else console.error(`No ${copyright} here: the package lacks that licence. Add it before you give it to others.`);
  }

  const environment = { ...process.env, DEB_BUILD_OPTIONS: 'noautodbgsym' };
  execFileSync('dh', ['binary'], { cwd: stage, env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  const name = readdirSync(stage).find((file) => file.endsWith('.deb'));
  const made = resolve(process.env.BUILD_WORKING_DIRECTORY ?? '.', process.argv[2] ?? '.', name);
  copyFileSync(join(stage, name), made);
  console.log(made);
} finally {
  rmSync(stage, { recursive: true });
}
