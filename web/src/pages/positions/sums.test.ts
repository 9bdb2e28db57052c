import { describe, expect, it } from 'vitest';
import type { Account, Position } from '@cenote/client';
import { Unknown } from '../../lib/num/known';
import { byExpiry, split } from './sums';

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
  greeks: { delta: 0, gamma: 0, vega: 0, theta: 0 },
  settled: false,
  ...over,
});
const account = (total: string, positions: Position[]) => ({ pnl: { total }, positions }) as unknown as Account;

describe('holdings', () => {
  it('stand by expiry, the next first, and add up', () => {
    const groups = byExpiry([position('BTC_USDC-9JAN26-1-C', 1.25), position('BTC_USDC-6JAN26-1-C', -2, { settled: true }), position('BTC_USDC-9JAN26-2-P', 0.5)]);
    expect(groups.map((group) => group.expiry)).toEqual(['6JAN26', '9JAN26']);
    expect(groups.map((group) => [group.value, group.settled, group.unrealised])).toEqual([
      ['1.5', '-2.000000', '0.000000'],
      ['3', '0.000000', '1.750000'],
    ]);
  });

  it('have a settled and an unrealised profit that make the total', () => {
    expect(split(account('-10.663793', [position('BTC_USDC-9JAN26-1-C', -22.25956884041385), position('BTC_USDC-9JAN26-2-P', 11.597776003789477)]))).toEqual({
      settled: '-0.002',
      unrealised: '-10.661793',
    });
  });

  it('do not take an unknown profit for nothing', () => {
    const { settled, unrealised } = split(account('5', [position('BTC_USDC-9JAN26-1-C', null)]));
    expect(settled).toBeInstanceOf(Unknown);
    expect(unrealised).toBeInstanceOf(Unknown);
  });
});
