import { describe, expect, it } from 'vitest';
import type { Account, Position } from '@cenote/client';
import { Unknown } from '../../lib/num/known';
import { byExpiry, realisedOf, split } from './sums';

const position = (instrument_name: string, floating: number | null, over: Partial<Position> = {}): Position => ({
  instrument_name,
  expiration_timestamp: instrument_name.includes('6JAN26') ? 1 : 2,
  strike: '100000',
  option_type: 'call',
  size: '1',
  mark_price: 1,
  value: '1.5',
  average_price: floating === null ? null : 1,
  floating_profit_loss: floating,
  realised_profit_loss: floating === null ? null : '0',
  greeks: { delta: 0, gamma: 0, vega: 0, theta: 0 },
  settled: false,
  ...over,
});
const account = (total: string, positions: Position[]) => ({ pnl: { total }, positions }) as unknown as Account;

describe('holdings', () => {
  it('stand by expiry, the next first, and add up', () => {
    const groups = byExpiry([position('BTC_USDC-9JAN26-1-C', 1.25), position('BTC_USDC-6JAN26-1-C', -2, { settled: true }), position('BTC_USDC-9JAN26-2-P', 0.5)]);
    expect(groups.map((group) => group.expiry)).toEqual(['6JAN26', '9JAN26']);
    expect(groups.map((group) => [group.value, group.realised, group.unrealised])).toEqual([
      ['1.5', '-2', '0.000000'],
      ['3', '0', '1.750000'],
    ]);
  });

  it('have realised what closing parts of them brought, and all once they are settled', () => {
    const part = { realised_profit_loss: '3.25' };
    expect(realisedOf(position('BTC_USDC-9JAN26-1-C', 1, part))).toBe('3.25');
    expect(realisedOf(position('BTC_USDC-9JAN26-1-C', 1, { ...part, settled: true }))).toBe('4.25');
    expect(realisedOf(position('BTC_USDC-9JAN26-1-C', null))).toBeInstanceOf(Unknown);
    expect(byExpiry([position('BTC_USDC-9JAN26-1-C', 1, part), position('BTC_USDC-9JAN26-2-C', null)])[0]?.realised).toBeInstanceOf(Unknown);
  });

  it('have a realised and an unrealised profit that make the total', () => {
    expect(split(account('-10.663793', [position('BTC_USDC-9JAN26-1-C', -22.25956884041385), position('BTC_USDC-9JAN26-2-P', 11.597776003789477)]))).toEqual({
      realised: '-0.002',
      unrealised: '-10.661793',
    });
  });

  it('do not take an unknown profit for nothing', () => {
    const { realised, unrealised } = split(account('5', [position('BTC_USDC-9JAN26-1-C', null)]));
    expect(realised).toBeInstanceOf(Unknown);
    expect(unrealised).toBeInstanceOf(Unknown);
  });
});
