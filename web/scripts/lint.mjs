// What types cannot say: arithmetic on amounts stays in one module, styles stay in sheets, no markup comes from text.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'svelte/compiler';

/** Where multiplying and dividing is the job, and why. */
const ARITHMETIC = [
  ['lib/num/', 'the module of numbers'],
  ['lib/chart/geometry.ts', 'pixels'],
  ['lib/chart/band.ts', 'axes of a canvas'],
  ['lib/api/socket.ts', 'waits between tries'],
  ['gallery/', 'made-up figures, in development only'],
];

const FORBIDDEN = new Set(['*', '/', '**', '*=', '/=', '**=']);
const CONVERSIONS = new Set(['Number', 'parseFloat', 'Number.parseFloat', 'Number.parse']);
const FORMATS = new Set(['toFixed', 'toPrecision', 'toLocaleString']);

/** What is wrong with a source. Exported for the test of this lint. */
export function lint(path, source) {
  const findings = [];
  const exempt = ARITHMETIC.some(([place]) => path.startsWith(place));
  const script = path.endsWith('.ts');
  const text = script ? `<script lang="ts">\n${source}\n</script>` : source;
  const line = (at) => text.slice(0, at).split('\n').length - (script ? 1 : 0);
  const say = (node, what) => findings.push(`${path}:${line(node.start)}: ${what}`);

  const visit = (node) => {
    if (!node || typeof node !== 'object') return;
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node.type === 'string') check(node);
    for (const [key, value] of Object.entries(node)) if (key !== 'parent' && key !== 'css') visit(value);
  };
  const check = (node) => {
    if (!exempt && (node.type === 'BinaryExpression' || node.type === 'AssignmentExpression') && FORBIDDEN.has(node.operator)) {
      say(node, `\`${node.operator}\` outside of lib/num: show a field of the API, or add a function there`);
    }
    if (!exempt && node.type === 'UnaryExpression' && node.operator === '+') say(node, 'unary `+` makes a float of an amount: use lib/num');
    if (!exempt && node.type === 'CallExpression' && CONVERSIONS.has(nameOf(node.callee))) {
      say(node, `\`${nameOf(node.callee)}\` makes a float of an amount: use lib/num`);
    }
    if (!exempt && node.type === 'MemberExpression' && FORMATS.has(node.property?.name)) {
      say(node, `\`${node.property.name}\` outside of lib/num: use its formats`);
    }
    if (node.type === 'Attribute' && node.name === 'style') say(node, 'a style attribute, which the content policy refuses: use a class or `style:`');
    if (node.type === 'HtmlTag') say(node, '`{@html}`: text is never markup here');
  };
  visit(parse(text, { modern: true, filename: path }));
  return findings;
}

function nameOf(callee) {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type === 'MemberExpression' && callee.object.type === 'Identifier') return `${callee.object.name}.${callee.property.name}`;
  return '';
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (/\.(svelte|ts)$/.test(entry.name) && !/\.(test|d)\.ts$/.test(entry.name)) yield path;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../src', import.meta.url));
  const findings = [...files(root)].flatMap((path) => lint(relative(root, path).replaceAll('\\', '/'), readFileSync(path, 'utf8')));
  for (const finding of findings) console.log(finding);
  console.log(`lint: ${findings.length} findings`);
  process.exit(findings.length === 0 ? 0 : 1);
}
