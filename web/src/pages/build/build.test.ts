import { describe, expect, it } from 'vitest';
import type { ChainExpiry, ChainStrike } from '@cenote/client';
import { DAYS, HOURS } from '../../lib/num/time';
import { PRESETS } from './presets';
import { stopAt, stops } from './scene.svelte';
import { freeStrikes, moved } from './series';

const STRIKES = ['80000', '85000', '90000', '95000', '100000', '105000', '110000', '115000', '120000'];
/** Call deltas falling along the strikes, a half at 100,000. */
const DELTAS = [0.95, 0.88, 0.78, 0.65, 0.5, 0.36, 0.24, 0.15, 0.09];

function expiry(label: string, strikes = STRIKES): ChainExpiry {
  const row = (strike: string, at: number): ChainStrike => {
    const series = (letter: string, delta: number) => ({ instrument_name: `BTC_USDC-${label}-${strike}-${letter}`, greeks: { delta } });
    const delta = DELTAS[at] ?? 0.5;
    return { strike, call: series('C', delta), put: series('P', delta - 1) } as unknown as ChainStrike;
  };
  return { expiry: label, forward: 100_300, strikes: strikes.map(row) } as unknown as ChainExpiry;
}
const near = expiry('30JAN26');
const far = expiry('27FEB26');
const legs = (id: string, e = near, later: ChainExpiry | undefined = far) =>
  PRESETS.find((preset) => preset.id === id)?.legs(e, later, '1.5')?.map((leg) => `${leg.buy ? '' : '-'}${leg.typed}:${leg.instrument.replace('BTC_USDC-', '')}`) ?? null;

describe('presets', () => {
  it('are twelve, each of listed series, none twice', () => {
    expect(PRESETS).toHaveLength(12);
    const listed = new Set([near, far].flatMap((e) => e.strikes.flatMap((row) => [row.call.instrument_name, row.put.instrument_name, row.call.instrument_name.replace(/-C$/, '-F')])));
    for (const preset of PRESETS) {
      const names = preset.legs(near, far, '1')?.map((leg) => leg.instrument) ?? [];
      expect(names.length, preset.id).toBeGreaterThan(0);
      expect(new Set(names).size, preset.id).toBe(names.length);
      for (const name of names) expect(listed, preset.id).toContain(name);
    }
  });

  it.each([
    ['call', ['1.5:30JAN26-100000-C']],
    ['put-spread', ['1.5:30JAN26-100000-P', '-1.5:30JAN26-90000-P']],
    ['strangle', ['1.5:30JAN26-90000-P', '1.5:30JAN26-110000-C']],
    ['collar', ['1.5:30JAN26-100000-F', '1.5:30JAN26-90000-P', '-1.5:30JAN26-110000-C']],
    ['butterfly', ['1.5:30JAN26-90000-C', '-3:30JAN26-100000-C', '1.5:30JAN26-110000-C']],
    ['calendar', ['-1.5:30JAN26-100000-C', '1.5:27FEB26-100000-C']],
  ])('%s', (id, want) => expect(legs(id)).toEqual(want));

  it('are not there when the strikes do not allow them', () => {
    const narrow = expiry('30JAN26', ['100000']);
    expect(legs('call', narrow)).toHaveLength(1);
    for (const id of ['call-spread', 'butterfly', 'condor', 'iron-condor', 'strangle']) expect(legs(id, narrow), id).toBeNull();
    expect(PRESETS.find((preset) => preset.id === 'calendar')?.legs(near, undefined, '1')).toBeNull();
  });
});

describe('series of a leg', () => {
  it('moves to the nearest that is listed', () => {
    expect(moved([near, far], 'BTC_USDC-30JAN26-100000-C', { strike: '103000' })).toBe('BTC_USDC-30JAN26-105000-C');
    expect(moved([near, far], 'BTC_USDC-30JAN26-100000-C', { expiry: '27FEB26', kind: 'put' })).toBe('BTC_USDC-27FEB26-100000-P');
    expect(moved([near], 'BTC_USDC-30JAN26-100000-C', { expiry: '27FEB26' })).toBeNull();
  });
  it('leaves out what another leg has', () => {
    const free = freeStrikes([near], 'BTC_USDC-30JAN26-100000-C', (name) => name.endsWith('-110000-C'));
    expect(free).toEqual(STRIKES.filter((strike) => strike !== '110000'));
  });
});

describe('stops of the slider', () => {
  const now = Date.UTC(2026, 0, 5, 12);
  const first = Date.UTC(2026, 0, 9, 8);
  const second = Date.UTC(2026, 0, 30, 8);
  it('holds at every expiry, once, and never after the last', () => {
    const all = stops(now, [
      { expiry: '9JAN26', at: first },
      { expiry: '30JAN26', at: second },
    ]);
    expect(all[0]).toEqual({ at: now, expiry: null });
    expect(all.at(-1)).toEqual({ at: second, expiry: '30JAN26' });
    expect(all.filter((stop) => stop.at === first)).toEqual([{ at: first, expiry: '9JAN26' }]);
    expect(all.every((stop, at) => at === 0 || stop.at > (all[at - 1]?.at ?? 0))).toBe(true);
    expect(all[stopAt(all, first + HOURS(3))]?.at).toBe(first);
    expect(stopAt(all, null)).toBe(0);
  });
  it('are hours when it is near, and only now when all is over', () => {
    expect(stops(now, [{ expiry: 'x', at: now + DAYS(1) }]).length).toBeGreaterThan(10);
    expect(stops(now, [{ expiry: 'x', at: now }])).toEqual([{ at: now, expiry: null }]);
  });
});
