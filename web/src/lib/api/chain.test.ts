import { describe, expect, it } from 'vitest';
import { LiveExpiry } from './chain.svelte';
import type { ChainStrike } from '@cenote/client';

const strike = (at: string, mark: number) => ({ strike: at, call: { mark_price: mark }, put: { mark_price: mark } }) as ChainStrike;
const push = (strikes: ChainStrike[], more = {}) =>
  ({ expiry: '27MAR26', expiration_timestamp: 1, years: 0.1, forward: 100, atm_iv: 50, settlement_band: { floor: '1', cap: '2' }, strikes, ...more });

describe('a live expiry', () => {
  it('takes what changed into what it has, and keeps the rest as it was', () => {
    const live = new LiveExpiry();
    live.take(push([strike('90', 9)], { tick: 4 }));
    expect(live.value).toBeNull();
    live.take(push([strike('90', 1), strike('100', 2)], { snapshot: true, tick: 5 }));
    const kept = live.value?.strikes[0];
    live.take(push([strike('100', 3)], { tick: 6, forward: 101, atm_iv: null }));
    expect(live.value?.strikes.map((row) => row.call.mark_price)).toEqual([1, 3]);
    expect(live.value?.strikes[0]).toBe(kept);
    expect([live.tick, live.value?.forward, live.value?.atm_iv]).toEqual([6, 101, null]);
  });
  it('puts new strikes in their place and forgets those that a whole one leaves out', () => {
    const live = new LiveExpiry();
    live.take(push([strike('90', 1), strike('110', 2)], { snapshot: true }));
    live.take(push([strike('100', 3)]));
    expect(live.value?.strikes.map((row) => row.strike)).toEqual(['90', '100', '110']);
    live.take(push([strike('100', 3)], { snapshot: true }));
    expect(live.value?.strikes.map((row) => row.strike)).toEqual(['100']);
  });
  it('leaves another expiry alone', () => {
    const live = new LiveExpiry();
    live.take(push([strike('90', 1)], { snapshot: true }));
    live.take(push([strike('90', 7)], { expiry: '3APR26' }));
    expect(live.value?.strikes[0]?.call.mark_price).toBe(1);
  });
});
