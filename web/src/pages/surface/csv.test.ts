import { expect, it } from 'vitest';
import type { SmileSlice } from '@cenote/client';
import { smiles } from './csv';

it('writes fields as they came, and nothing where nothing is known', () => {
  const slice: SmileSlice = {
    expiry: '30JAN26',
    expiration_timestamp: 1_769_760_000_000,
    forward: 100_030.6,
    atm_iv: null,
    points: [{ strike: '100000', mark_iv: 54.25, bid_iv: null, ask_iv: 1e-7 }],
  };
  expect(smiles([slice]).split('\n')).toEqual([
    'expiry,expiration_timestamp,forward,atm_iv,strike,mark_iv,bid_iv,ask_iv',
    '30JAN26,1769760000000,100030.6,,100000,54.25,,0.0000001',
    '',
  ]);
});
