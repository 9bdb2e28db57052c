import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript
import { lint } from './lint.mjs';

const ts = (code: string, path = 'pages/X.ts') => (lint(path, code) as string[]).length;
const svelte = (code: string) => (lint('pages/X.svelte', code) as string[]).length;

describe('the lint finds what it forbids', () => {
  it.each([
    'export const f = (price: number, size: number) => price * size;',
    'export const f = (a: number) => a / 2;',
    'let a = 1; a *= 2;',
    "export const f = Number('1');",
    "export const f = Number.parseFloat('1');",
    "export const f = (text: string) => +text;",
    'export const f = (a: number) => a.toFixed(2);',
  ])('%s', (code) => expect(ts(code)).toBe(1));

  it('in components too, in markup as in scripts', () => {
    expect(svelte('<script lang="ts">let a = $state(1);</script><p>{a * 2}</p>')).toBe(1);
    expect(svelte('<p style="color: red">x</p>')).toBe(1);
    expect(svelte('{@html "<b>x</b>"}')).toBe(1);
    expect(svelte('<p style:color="red" class="a">x</p><style>p { color: red; }</style>')).toBe(0);
  });
  it('and lets through what is meant', () => {
    expect(ts('export const f = (a: number, b: number) => a + b - 1;')).toBe(0);
    expect(ts('export const f = (a: number) => a * 2;', 'lib/num/decimal.ts')).toBe(0);
    expect(ts('// a * b / c\nexport const text = "a * b";')).toBe(0);
  });
});
