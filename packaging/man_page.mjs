// Prints a manual page for a program of ours, made of what it says to --help and --version and of nothing else.
//
//   man_page.mjs PROGRAM NAME
import { execFileSync } from 'node:child_process';

const [, , program, name] = process.argv;
const says = (flag) => execFileSync(program, [flag], { encoding: 'utf8' });

// Text as roff takes it literally.
function literal(text) {
  return text.replace(/\\/g, '\\e').replace(/-/g, '\\-').replace(/^(?=[.'])/gm, '\\&');
}

// CLI11's help: a sentence, the usage, then options, whose text begins on their own line or on the next. Releases differ
// in how far they indent, where they put spaces, and how they write a default.
function parsed(help) {
  const [summary, ...lines] = help.split('\n').map((line) => line.trimEnd());
  const options = [];
  for (const line of lines) {
    const option = /^ {1,12}((?:-\w, *)?--.*?)(?: {2,}(?!Needs:)(\S.*))?$/.exec(line);
    if (option) options.push({ flags: option[1].replace(/, +(?=-)/g, ',').replace(/ +/g, ' '), text: option[2] ?? '' });
    else if (/^ +\S/.test(line)) options.at(-1).text = `${options.at(-1).text} ${line.trim()}`.trim();
  }
  return { summary, options };
}

const { summary, options } = parsed(says('--help'));
const [version, built] = says('--version').split('\n');
if (options.length < 2) throw new Error(`${program} --help has no options that this can read`);
const lead = summary[0].toLowerCase() + summary.slice(1).replace(/\.$/, '');

console.log(`.TH ${literal(name.toUpperCase())} 1 "" "${version}"
.SH NAME
${literal(name)} \\- ${literal(lead)}
.SH SYNOPSIS
.B ${literal(name)}
[\\fIoptions\\fR]
.SH OPTIONS`);
for (const { flags, text } of options) {
  const [, names, value] = /^(\S+)(.*)$/.exec(flags);
  console.log(`.TP\n\\fB${literal(names)}\\fR${literal(value)}\n${literal(text)}.`);
}
console.log(`.SH NOTES\n${literal(version)}, ${literal(built)}.`);
