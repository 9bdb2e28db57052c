import { describe, expect, it } from 'vitest';

import css from './tokens.css?raw';
import map from '../chart/HeatMap.svelte?raw';

const themes = ['light', 'dark'] as const;

/** A token in both themes. */
function token(name: string): [string, string] {
  const found = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(css);
  if (!found?.[1] || !found[2]) throw new Error(`there is no token ${name}`);
  return [found[1], found[2]];
}
function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
}
const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = channels(hex).map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
/** WCAG 2 contrast of two colours. */
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}
/** What `color-mix(in srgb, a part%, b)` makes. */
function mix(a: string, part: number, b: string): string {
  const to = channels(b);
  return `#${channels(a).map((c, at) => Math.round((c * part + (to[at] ?? 0) * (1 - part)) * 255).toString(16).padStart(2, '0')).join('')}`;
}

describe.each(themes)('colours, %s', (theme) => {
  const at = themes.indexOf(theme);
  const of = (name: string) => token(name)[at]!;

  it.each(['text', 'muted', 'faint', 'accent', 'blue', 'orange', 'green', 'red', 'danger', 'warn'])('%s can be read on every ground', (name) => {
    for (const ground of ['bg', 'surface', 'raised']) expect(contrast(of(name), of(ground)), ground).toBeGreaterThanOrEqual(4.5);
  });
  it('words can be read on washes', () => {
    const washes = [['accent', 0.12], ['blue', 0.12], ['orange', 0.12], ['green', 0.12], ['red', 0.12], ['warn', 0.1], ['danger', 0.1]] as const;
    for (const [name, part] of washes) {
      const wash = mix(of(name), part, of('surface'));
      expect(contrast(of('text'), wash), name).toBeGreaterThanOrEqual(7);
      expect(contrast(of(name), wash), name).toBeGreaterThanOrEqual(4.5);
    }
  });
  it('borders of controls and the focus ring are seen', () => {
    for (const ground of ['bg', 'surface']) {
      expect(contrast(of('control'), of(ground))).toBeGreaterThanOrEqual(3);
      expect(contrast(of('focus'), of(ground))).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(of('on-accent'), of('accent'))).toBeGreaterThanOrEqual(4.5);
  });
  it('numbers can be read in every cell of a map, in the colour that the map gives them', () => {
    for (let step = 0; step < 9; step += 1) {
      const rule = new RegExp(`\\.d${step} \\{[^}]*?color: ([^;]+);`).exec(map.replace(/background[^;]+;/g, ''))?.[1] ?? '';
      const pair = /light-dark\((#\w+), (#\w+)\)/.exec(rule);
      const ink = (pair ? pair[at + 1] : rule)!.replace(/^#(\w)(\w)(\w)$/, '#$1$1$2$2$3$3');
      expect(contrast(ink, of(`div-${step}`)), `step ${step}: ${rule}`).toBeGreaterThanOrEqual(4.5);
    }
  });
  it('each arm of the map goes one way in lightness', () => {
    const light = Array.from({ length: 9 }, (_, step) => luminance(of(`div-${step}`)));
    const way = theme === 'light' ? 1 : -1;
    for (let step = 1; step < 5; step += 1) {
      expect(way * (light[step]! - light[step - 1]!)).toBeGreaterThan(0);
      expect(way * (light[9 - step - 1]! - light[9 - step]!)).toBeGreaterThan(0);
    }
  });
});
