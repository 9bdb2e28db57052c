import type { InstrumentRow, Position } from '@cenote/client';
import { describe, expect, it } from 'vitest';
import { later } from './change.svelte';

const row = (strike: string, option_type: string, expiration_timestamp: number) => ({ instrument_name: `${strike}-${option_type}-${expiration_timestamp}`, strike, option_type, expiration_timestamp }) as InstrumentRow;

describe('a roll', () => {
  it('goes to the same option at later expiries alone, the next one first', () => {
    const position = { strike: '100000', option_type: 'call', expiration_timestamp: 5 } as Position;
    const rows = [row('100000', 'call', 9), row('100000', 'call', 5), row('100000', 'call', 3), row('100000', 'put', 7), row('90000', 'call', 7), row('100000', 'call', 7)];
    expect(later(position, rows).map((each) => each.expiration_timestamp)).toEqual([7, 9]);
    expect(later(position, [])).toEqual([]);
  });
});
