import { describe, expect, it } from 'vitest';
import * as g from './geometry';

const LINE = [{ x: 0, y: -2 }, { x: 10, y: -2 }, { x: 20, y: 8 }, { x: 30, y: 8 }];

describe('payoffs', () => {
  it('are flat beyond their ends and straight between their points', () => {
    expect([-5, 0, 10, 12, 15, 20, 99].map((x) => g.lineAt(LINE, x))).toEqual([-2, -2, -2, 0, 3, 8, 8]);
  });
  it('are cut at both sides of a picture without losing a kink', () => {
    expect(g.clip(LINE, 5, 25)).toEqual([{ x: 5, y: -2 }, { x: 10, y: -2 }, { x: 20, y: 8 }, { x: 25, y: 8 }]);
  });
  it('are filled above and below zero, meeting where they cross it', () => {
    const { above, below } = g.split(LINE);
    expect(below).toEqual([[{ x: 0, y: -2 }, { x: 10, y: -2 }, { x: 12, y: 0 }]]);
    expect(above).toEqual([[{ x: 12, y: 0 }, { x: 20, y: 8 }, { x: 30, y: 8 }]]);
    const touching = g.split([{ x: 0, y: 1 }, { x: 1, y: 0 }, { x: 2, y: 1 }]);
    expect([touching.above.length, touching.below.length]).toEqual([2, 0]);
  });
  it('less a cost are exact', () => {
    expect(g.profits([{ price: '1', payoff: '0.3' }], '0.1')).toEqual([{ price: '1', profit: '0.2' }]);
  });
});

describe('the diverging scale', () => {
  it('is cut where 98 of 100 values lie inside, and is never empty', () => {
    expect(g.symmetricLimit(Array.from({ length: 100 }, (_, i) => i + 1))).toBe(98);
    expect(g.symmetricLimit([0, 0, -7])).toBe(7);
    expect(g.symmetricLimit([])).toBe(1);
    expect(g.symmetricLimit([0])).toBe(1);
  });
  it('gives zero the middle, ends the ends, and says what lies beyond', () => {
    const steps = [-300, -100, -50, -1, 0, 1, 50, 100, 300].map((value) => g.divergingStep(value, 100));
    expect(steps.map((each) => each.step)).toEqual([0, 0, 2, 4, 4, 4, 6, 8, 8]);
    expect(steps.map((each) => each.clipped)).toEqual([true, false, false, false, false, false, false, false, true]);
  });
});

describe('small things', () => {
  it('thins a list but keeps its ends', () => {
    const list = [...Array(1000).keys()];
    const few = g.thin(list, 60);
    expect([few.length, few[0], few.at(-1), new Set(few).size]).toEqual([60, 0, 999, 60]);
    expect(g.thin([1, 2], 60)).toEqual([1, 2]);
  });
  it('knows the rows in view', () => {
    expect(g.rowsInView(280, 140, 28, 2)).toEqual([8, 17]);
    expect(g.rowsInView(0, 10, 0, 0)).toEqual([0, 10]);
  });
  it('keeps bars inside of their track', () => expect([g.share(-5, 100), g.share(250, 100), g.share(1, 0)]).toEqual(['0%', '100%', '0%']));
  it('knows a change only from something to something', () => {
    expect(g.changePercent(80, '100')).toBe(25);
    expect([g.changePercent(undefined, '100'), g.changePercent(80, null), g.changePercent(0, '1')]).toEqual([null, null, null]);
  });
  it('makes a range of one value wide enough to draw', () => {
    const [low, high] = g.padded([5]);
    expect(low).toBeLessThan(5);
    expect(high).toBeGreaterThan(5);
  });
});
