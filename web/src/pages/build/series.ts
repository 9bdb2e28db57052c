/** Series of the chain by what they are, and how a leg moves from one to the next. */
import type { ChainExpiry, ChainStrike } from '@cenote/client';
import { type Named, readName } from '../../lib/app/words';
import { nearest } from '../../lib/chart/geometry';
import { toNumber } from '../../lib/num/decimal';

export type Kind = Named['kind'];

/** The name of a series in a row of the chain. A forward is a call bought and a put sold: it has the call's name with another letter. */
export function nameIn(row: ChainStrike, kind: Kind): string {
  return kind === 'forward' ? row.call.instrument_name.replace(/-C$/, '-F') : row[kind].instrument_name;
}

/** The same series with another expiry, strike or kind; the strike that is listed nearest. `null` when that expiry is not listed. */
export function moved(chain: readonly ChainExpiry[], instrument: string, to: Partial<Pick<Named, 'expiry' | 'strike' | 'kind'>>): string | null {
  const from = readName(instrument);
  if (!from) return null;
  const wanted = { ...from, ...to };
  const expiry = chain.find((each) => each.expiry === wanted.expiry);
  const row = expiry?.strikes[nearest(expiry.strikes.map((each) => toNumber(each.strike)), toNumber(wanted.strike))];
  return row ? nameIn(row, wanted.kind) : null;
}

/** Strikes that a leg may move to: those of its expiry that no other leg of its kind has, ascending. */
export function freeStrikes(chain: readonly ChainExpiry[], instrument: string, taken: (instrument: string) => boolean): string[] {
  const from = readName(instrument);
  const expiry = chain.find((each) => each.expiry === from?.expiry);
  return expiry && from ? expiry.strikes.filter((row) => !taken(nameIn(row, from.kind))).map((row) => row.strike) : [];
}
