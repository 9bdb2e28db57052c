/** Legs of a draft order, and how they stand in an address: `?legs=2:NAME,-1:NAME`. */
import type { ChainStrike, OrderLeg } from '@cenote/client';
import { absolute, isZero, negate, parse, sign } from '../../lib/num/decimal';

/** The most legs of one order. */
export const LEGS_MAX = 8;

/** A leg as it is being typed. */
export interface Draft {
  instrument: string;
  buy: boolean;
  /** As typed; perhaps no amount yet. */
  typed: string;
}

/** Drafts out of a query; what cannot be read is left out. */
export function readLegs(text: string | null): Draft[] {
  return (text ?? '')
    .split(',')
    .map((part) => {
      const at = part.indexOf(':');
      const size = at > 0 ? parse(part.slice(0, at), 6) : null;
      if (size === null || isZero(size)) return null;
      return { instrument: part.slice(at + 1), buy: sign(size) > 0, typed: absolute(size) };
    })
    .filter((leg) => leg !== null)
    .slice(0, LEGS_MAX);
}

/** The query of drafts; `null` of none. Amounts that are no amounts yet are left as one. */
export function writeLegs(drafts: readonly Draft[]): string | null {
  if (drafts.length === 0) return null;
  return drafts.map((leg) => `${leg.buy ? '' : '-'}${amountOf(leg) ?? '1'}:${leg.instrument}`).join(',');
}

/** What was typed as an amount; `null` while it is none. */
export function amountOf(leg: Draft): string | null {
  const amount = parse(leg.typed, 6);
  return amount === null || isZero(amount) || sign(amount) < 0 ? null : amount;
}

/** Drafts as legs of an order; `null` while one of them has no amount. */
export function orderLegs(drafts: readonly Draft[]): OrderLeg[] | null {
  const legs = drafts.map((leg) => {
    const amount = amountOf(leg);
    return amount === null ? null : { instrument: leg.instrument, size: leg.buy ? amount : negate(amount) };
  });
  const ready = legs.filter((leg) => leg !== null);
  return ready.length === drafts.length && ready.length > 0 ? ready : null;
}

/** Three strikes of a side, from even to unlikely: those whose delta is nearest to a half, to 0.3 and to 0.15. */
export function threeChoices(strikes: readonly ChainStrike[], side: 'call' | 'put'): string[] {
  const found: string[] = [];
  for (const wanted of [0.5, 0.3, 0.15]) {
    let best: { name: string; off: number } | null = null;
    for (const strike of strikes) {
      const series = strike[side];
      const off = Math.abs(Math.abs(series.greeks.delta) - wanted);
      if (series.ask_price != null && !found.includes(series.instrument_name) && (best === null || off < best.off)) {
        best = { name: series.instrument_name, off };
      }
    }
    if (best) found.push(best.name);
  }
  return found;
}
