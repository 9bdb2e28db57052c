// How much script and style the first page takes, gzip. Fails above the budget, and when a build has what the content policy refuses.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Script of the first page: the entry, the page of trading, and all that they import. */
const SCRIPT_MAX = 120 * 1024;

const dist = new URL('../dist/', import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8'));
const first = ['index.html', 'src/pages/Trade.svelte'];

function* reach(key, seen = new Set()) {
  if (seen.has(key) || !manifest[key]) return;
  seen.add(key);
  yield manifest[key];
  for (const next of manifest[key].imports ?? []) yield* reach(next, seen);
}
const chunks = new Map(first.flatMap((key) => [...reach(key)]).map((chunk) => [chunk.file, chunk]));
const size = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} kB`;

let script = 0;
const styles = new Set();
for (const chunk of chunks.values()) {
  script += size(chunk.file);
  chunk.css?.forEach((file) => styles.add(file));
  console.log(`${kilobytes(size(chunk.file)).padStart(9)}  ${chunk.file}`);
}
const style = [...styles].reduce((sum, file) => sum + size(file), 0);
console.log(`first page: ${kilobytes(script)} of script (at most ${kilobytes(SCRIPT_MAX)}), ${kilobytes(style)} of style, gzip`);

const problems = [];
if (script > SCRIPT_MAX) problems.push(`the script of the first page is ${kilobytes(script - SCRIPT_MAX)} over its budget`);
const html = readFileSync(join(dist, 'index.html'), 'utf8');
if (/<script(?![^>]*\bsrc=)[^>]*>/.test(html) || /\sstyle=/.test(html) || /<style/.test(html)) problems.push('index.html has an inline script or style');
if (/(src|href)="(https?:)?\/\//.test(html)) problems.push('index.html asks for something of another origin');
for (const file of readdirSync(join(dist, 'assets'))) {
  const text = readFileSync(join(dist, 'assets', file), 'utf8');
  if (/\beval\(|new Function\(/.test(text)) problems.push(`${file} evaluates text`);
  if (/gallery/i.test(file)) problems.push(`${file}: the gallery is in the build`);
}
for (const problem of problems) console.log(`budget: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
