/** Small texts that many pages share. */
import type { OrderLeg } from '@cenote/client';
import { absolute, sign } from '../num/decimal';
import { price, size } from '../num/format';

/** `cenote1qz…x9k2`: enough to tell accounts apart. */
export function shortAddress(address: string): string {
  return address.length > 20 ? `${address.slice(0, 10)}\u2026${address.slice(-4)}` : address;
}

/** The parts of an instrument's name, for people. */
export interface Named {
  market: string;
  /** Like `27MAR26`. */
  expiry: string;
  /** Decimal text. */
  strike: string;
  kind: 'call' | 'put' | 'forward';
}

const KINDS = { C: 'call', P: 'put', F: 'forward' } as const;

/** Takes `BTC_USDC-27MAR26-100000-C` apart; `null` when it is no such name. */
export function readName(name: string): Named | null {
  const found = /^(.+)-([^-]+)-([\dd]+)-([CPF])$/.exec(name);
  if (!found) return null;
  const [, market = '', expiry = '', strike = '', kind = 'C'] = found;
  return { market, expiry, strike: strike.replace('d', '.'), kind: KINDS[kind as keyof typeof KINDS] };
}

/** `27MAR26` as `27 MAR 26`; a second band of the day as `27 MAR 26 (2)`. */
export function expiryWords(label: string): string {
  const found = /^(\d{1,2})([A-Z]{3})(\d{2})(?:~(\d+))?$/.exec(label);
  if (!found) return label;
  const [, day, month, year, series] = found;
  return `${day} ${month} ${year}${series ? ` (band ${series})` : ''}`;
}

/** `27 MAR 26 100,000 call`. */
export function instrumentWords(name: string): string {
  const named = readName(name);
  return named ? `${expiryWords(named.expiry)} ${price(named.strike, 0)} ${named.kind}` : name;
}

/** `Buy 2 27 MAR 26 100,000 call`. */
export function legWords(leg: OrderLeg): string {
  return `${sign(leg.size) < 0 ? 'Sell' : 'Buy'} ${size(absolute(leg.size))} ${instrumentWords(leg.instrument)}`;
}
