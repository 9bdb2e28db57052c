import { describe, expect, it } from 'vitest';
import * as d from './decimal';

/** Small numbers that repeat, so that a failure does too. */
function* seeded(count: number): Generator<number> {
  let state = 42n;
  for (let i = 0; i < count; i += 1) {
    state = (state * 6364136223846793005n + 1442695040888963407n) % (1n << 64n);
    yield Number(state >> 40n) - (1 << 23);
  }
}

const write = (units: number) => (units < 0 ? '-' : '') + `${Math.trunc(Math.abs(units) / 1000)}.${String(Math.abs(units) % 1000).padStart(3, '0')}`;

describe('exact amounts', () => {
  it('rounds a decimal as whole numbers do, whichever way is short', () => {
    for (let n = 0; n < 4_000; n += 1) {
      const units = BigInt(n * 7_907 - 9_000_000);
      const digits = (units < 0n ? -units : units).toString().padStart(5, '0');
      const text = `${units < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
      for (const [places, unit] of [[1, 1_000n], [2, 100n], [3, 10n], [4, 1n]] as const) {
        const whole = (units + (units < 0n ? -unit : unit) / 2n) / unit;
        const said = (whole < 0n ? -whole : whole).toString().padStart(places + 1, '0');
        expect([text, d.round(text, places)]).toEqual([text, `${whole < 0n ? '-' : ''}${said.slice(0, -places)}.${said.slice(-places)}`]);
      }
    }
  });
  it('adds, compares and rounds as whole numbers of thousandths do', () => {
    const units = [...seeded(2000)];
    for (let i = 1; i < units.length; i += 1) {
      const [a, b] = [units[i - 1]!, units[i]!];
      expect(d.add(write(a), write(b))).toBe(d.trim(write(a + b)).replace(/^-0$/, '0'));
      expect(d.compare(write(a), write(b))).toBe(Math.sign(a - b));
      expect(d.subtract(d.add(write(a), write(b)), write(b))).toBe(d.trim(write(a)));
      const up = Number(d.roundTowards(write(a), 1, 'up'));
      const down = Number(d.roundTowards(write(a), 1, 'down'));
      expect(down).toBeLessThanOrEqual(a / 1000);
      expect(up).toBeGreaterThanOrEqual(a / 1000);
      expect(up - down).toBeLessThan(0.1001);
    }
  });

  it('loses no digit of the longest amounts', () => {
    expect(d.sum(['170141183460469231731.687303', '0.000001', '-0.000004'])).toBe('170141183460469231731.6873');
    expect(d.round('99999999999999999999.999999', 2)).toBe('100000000000000000000.00');
  });

  it.each([
    ['1.005', 2, '1.01'],
    ['-1.005', 2, '-1.01'],
    ['1.0049', 2, '1.00'],
    ['-0.001', 2, '0.00'],
    ['7', 3, '7.000'],
  ])('rounds %s to %i places', (text, places, want) => expect(d.round(text, places)).toBe(want));

  it.each([
    ['1,234.50', '1234.5'],
    [' 1\u202f000 ', '1000'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['007', '7'],
    ['\u22123', '-3'],
    ['-0', '0'],
    ['0.000000', '0'],
    ['1.1234567', null],
    ['1e5', null],
    ['', null],
    ['1.2.3', null],
    ['NaN', null],
  ])('reads %j', (typed, want) => expect(d.parse(typed, 6)).toBe(want));

  it('steps without drifting and never below the least', () => {
    let text = '0.1';
    for (let i = 0; i < 30; i += 1) text = d.stepBy(text, '0.1', 1, '0.1');
    expect(text).toBe('3.1');
    expect(d.stepBy('0.3', '0.1', -10, '0.1')).toBe('0.1');
  });

  it('a limit is never better than the cost it protects', () => {
    for (const cost of ['9624.8', '-9624.8', '0.000001', '-0.000001', '0']) {
      expect(d.compare(d.worseBy(cost, 50), cost)).toBeGreaterThanOrEqual(0);
    }
    expect(d.worseBy('1000', 50)).toBe('1005');
    expect(d.worseBy('-1000', 50)).toBe('-995');
  });

  it('refuses what is no amount rather than guess', () => {
    expect(() => d.add('1', '1e3')).toThrow('not a decimal');
  });
});
