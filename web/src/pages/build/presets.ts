/** Twelve ways to stand in a market, each filled with strikes that are listed. */
import type { ChainExpiry, ChainStrike } from '@cenote/client';
import { add, toNumber } from '../../lib/num/decimal';
import { nearest } from '../../lib/chart/geometry';
import type { Draft } from '../trade/legs';

export interface Preset {
  id: string;
  name: string;
  /** In a sentence: when somebody wants it. */
  says: string;
  /** Its legs out of the chain; `null` when the strikes that are listed do not allow it. */
  legs: (expiry: ChainExpiry, later: ChainExpiry | undefined, size: string) => Draft[] | null;
}

type Side = 'call' | 'put';

/** The strike next to the forward. */
function middle(expiry: ChainExpiry): number {
  return nearest(expiry.strikes.map((row) => toNumber(row.strike)), expiry.forward);
}

/** The strike of a side out of the money whose delta is nearest, at least one away from the middle. */
function wing(expiry: ChainExpiry, side: Side, delta: number): number {
  const at = middle(expiry);
  const candidates = expiry.strikes.map((_, index) => index).filter((index) => (side === 'call' ? index > at : index < at));
  const deltas = candidates.map((index) => Math.abs(expiry.strikes[index]?.[side].greeks.delta ?? 0));
  return candidates[nearest(deltas, delta)] ?? -1;
}

const name = (row: ChainStrike | undefined, side: Side | 'forward') =>
  row && (side === 'forward' ? row.call.instrument_name.replace(/-C$/, '-F') : row[side].instrument_name);

/** Legs as `[buy, side, index of the strike, how many times the size]`; `null` when a strike is missing or used twice. */
function fill(expiry: ChainExpiry, size: string, wanted: readonly [boolean, Side | 'forward', number, 2?][]): Draft[] | null {
  const legs: Draft[] = [];
  for (const [buy, side, at, times] of wanted) {
    const instrument = name(expiry.strikes[at], side);
    if (!instrument || legs.some((leg) => leg.instrument === instrument)) return null;
    legs.push({ instrument, buy, typed: times ? add(size, size) : size });
  }
  return legs;
}

export const PRESETS: readonly Preset[] = [
  { id: 'call', name: 'Call', says: 'Gains when the index rises, costs its price otherwise.', legs: (e, _, n) => fill(e, n, [[true, 'call', middle(e)]]) },
  { id: 'put', name: 'Put', says: 'Gains when the index falls, costs its price otherwise.', legs: (e, _, n) => fill(e, n, [[true, 'put', middle(e)]]) },
  {
    id: 'call-spread',
    name: 'Call spread',
    says: 'A rise up to a point, for less than a call.',
    legs: (e, _, n) => fill(e, n, [[true, 'call', middle(e)], [false, 'call', wing(e, 'call', 0.25)]]),
  },
  {
    id: 'put-spread',
    name: 'Put spread',
    says: 'A fall down to a point, for less than a put.',
    legs: (e, _, n) => fill(e, n, [[true, 'put', middle(e)], [false, 'put', wing(e, 'put', 0.25)]]),
  },
  {
    id: 'straddle',
    name: 'Straddle',
    says: 'Gains when the index moves far, whichever way.',
    legs: (e, _, n) => fill(e, n, [[true, 'call', middle(e)], [true, 'put', middle(e)]]),
  },
  {
    id: 'strangle',
    name: 'Strangle',
    says: 'Like a straddle, cheaper, and the move has to be larger.',
    legs: (e, _, n) => fill(e, n, [[true, 'put', wing(e, 'put', 0.25)], [true, 'call', wing(e, 'call', 0.25)]]),
  },
  {
    id: 'risk-reversal',
    name: 'Risk reversal',
    says: 'A rise, paid for by standing in for a fall.',
    legs: (e, _, n) => fill(e, n, [[false, 'put', wing(e, 'put', 0.25)], [true, 'call', wing(e, 'call', 0.25)]]),
  },
  {
    id: 'collar',
    name: 'Collar',
    says: 'A forward with its losses and its gains cut.',
    legs: (e, _, n) => fill(e, n, [[true, 'forward', middle(e)], [true, 'put', wing(e, 'put', 0.25)], [false, 'call', wing(e, 'call', 0.25)]]),
  },
  {
    id: 'butterfly',
    name: 'Butterfly',
    says: 'Gains most when the index ends where it is now.',
    legs: (e, _, n) => {
      const at = middle(e);
      const step = Math.min(wing(e, 'call', 0.25) - at, at);
      return step < 1 ? null : fill(e, n, [[true, 'call', at - step], [false, 'call', at, 2], [true, 'call', at + step]]);
    },
  },
  {
    id: 'condor',
    name: 'Condor',
    says: 'Gains when the index ends within a range.',
    legs: (e, _, n) => {
      const at = middle(e);
      const step = Math.min(wing(e, 'call', 0.3) - at, at, e.strikes.length - 1 - at);
      const far = Math.min(step + 1, at, e.strikes.length - 1 - at);
      return step < 1 || far === step
        ? null
        : fill(e, n, [[true, 'call', at - far], [false, 'call', at - step], [false, 'call', at + step], [true, 'call', at + far]]);
    },
  },
  {
    id: 'iron-condor',
    name: 'Iron condor',
    says: 'Takes in money now, keeps it when the index stays within a range.',
    legs: (e, _, n) =>
      fill(e, n, [
        [true, 'put', wing(e, 'put', 0.1)],
        [false, 'put', wing(e, 'put', 0.25)],
        [false, 'call', wing(e, 'call', 0.25)],
        [true, 'call', wing(e, 'call', 0.1)],
      ]),
  },
  {
    id: 'calendar',
    name: 'Calendar',
    says: 'A quiet time until the first expiry, movement after it.',
    legs: (e, later, n) => {
      if (!later) return null;
      const strike = e.strikes[middle(e)]?.strike;
      // The same strike has to be listed in both.
      const there = later.strikes.find((row) => row.strike === strike) ?? later.strikes[middle(later)];
      const near = e.strikes.find((row) => row.strike === there?.strike);
      const [first, second] = [name(near, 'call'), name(there, 'call')];
      return first && second
        ? [
            { instrument: first, buy: false, typed: n },
            { instrument: second, buy: true, typed: n },
          ]
        : null;
    },
  },
];
