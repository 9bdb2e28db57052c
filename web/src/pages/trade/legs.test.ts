import { describe, expect, it } from 'vitest';
import type { ChainStrike } from '@cenote/client';
import { columnsFor, mirrored } from './columns';
import { orderLegs, readLegs, threeChoices, writeLegs } from './legs';

describe('legs in an address', () => {
  it('come back as they were written', () => {
    const text = '2:BTC_USDC-27MAR26-100000-C,-0.5:BTC_USDC-27MAR26-120000-C';
    expect(writeLegs(readLegs(text))).toBe(text);
    expect(orderLegs(readLegs(text))).toEqual([
      { instrument: 'BTC_USDC-27MAR26-100000-C', size: '2' },
      { instrument: 'BTC_USDC-27MAR26-120000-C', size: '-0.5' },
    ]);
  });
  it.each([null, '', ',', 'x', '0:A', ':A', '1e3:A'])('of %j are none', (text) => expect(readLegs(text)).toEqual([]));
  it('are at most eight', () => expect(readLegs(Array(20).fill('1:A').join(',')).length).toBe(8));
  it('are no order while an amount is missing', () => {
    expect(orderLegs([{ instrument: 'A', buy: true, typed: '' }])).toBeNull();
    expect(orderLegs([{ instrument: 'A', buy: true, typed: '-1' }])).toBeNull();
    expect(orderLegs([])).toBeNull();
  });
});

describe('three choices', () => {
  const strike = (name: string, delta: number, ask: string | null = '1') =>
    ({ call: { instrument_name: name, greeks: { delta }, ask_price: ask } }) as ChainStrike;
  it('go from even to unlikely, each once, none that cannot be bought', () => {
    const chain = [strike('a', 0.9), strike('b', 0.52), strike('c', 0.31, null), strike('d', 0.24), strike('e', 0.14)];
    expect(threeChoices(chain, 'call')).toEqual(['b', 'd', 'e']);
    expect(threeChoices([strike('a', 0.9)], 'call')).toEqual(['a']);
    expect(threeChoices([], 'call')).toEqual([]);
  });
});

describe('columns', () => {
  it('are as many as fit, bid before ask on both sides', () => {
    expect(columnsFor(560).map((column) => column.key)).toEqual(['delta', 'iv', 'bid', 'ask']);
    expect(columnsFor(1_200).length).toBe(7);
    expect(mirrored(columnsFor(900)).map((column) => column.key)).toEqual(['bid', 'ask', 'mark', 'iv', 'delta', 'oi']);
  });
});
