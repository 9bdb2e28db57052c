/** Holdings by expiry, and which part of a profit is certain. Figures are fields of the account; here they are only added up. */
import type { Account, Position } from '@cenote/client';
import { readName } from '../../lib/app/words';
import { add, round, subtract, sum } from '../../lib/num/decimal';
import { plain } from '../../lib/num/format';
import { type Known, Unknown, known } from '../../lib/num/known';

const NO_HISTORY = 'the history does not say what it was opened at';

/** Holdings that expire together. */
export interface Group {
  /** Like `27MAR26`. */
  expiry: string;
  /** When, ms. */
  at: number;
  rows: Position[];
  /** Decimal text. */
  value: string;
  /** Certain: what closing parts brought, and all of it once the expiry has a settlement price. */
  realised: Known<string>;
  /** At marks. */
  unrealised: Known<string>;
}

/** Added up; unknown when one of them is. */
export function total(parts: readonly Known<string>[]): Known<string> {
  const missing = parts.find((part) => part instanceof Unknown);
  return missing instanceof Unknown ? missing : sum(parts as readonly string[]);
}

/** Profits of positions added up, to six places; unknown when one of them is. */
export function profitOf(rows: readonly Position[]): Known<string> {
  const parts = rows.map((row) => known(row.floating_profit_loss, NO_HISTORY));
  const missing = parts.find((part) => part instanceof Unknown);
  if (missing instanceof Unknown) return missing;
  return round(sum(parts.map((part) => plain(part as number))), 6);
}

/** What is certain of a position's profit: what closing parts of it brought, and the rest once its expiry has a settlement price. */
export function realisedOf(row: Position): Known<string> {
  const closed = known(row.realised_profit_loss, NO_HISTORY);
  if (closed instanceof Unknown || !row.settled) return closed;
  const rest = profitOf([row]);
  return rest instanceof Unknown ? rest : add(closed, rest);
}

/** By expiry, the next one first. */
export function byExpiry(positions: readonly Position[]): Group[] {
  const groups = new Map<string, Position[]>();
  for (const row of positions) {
    const key = readName(row.instrument_name)?.expiry ?? row.instrument_name;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups]
    .map(([expiry, rows]) => ({
      expiry,
      at: rows[0]?.expiration_timestamp ?? 0,
      rows,
      value: sum(rows.map((row) => row.value)),
      realised: total(rows.map(realisedOf)),
      unrealised: profitOf(rows.filter((row) => !row.settled)),
    }))
    .sort((a, b) => a.at - b.at);
}

/** The profit of an account in two parts that add up to its total: what is certain, and what open positions show at their marks. */
export function split(account: Account): { realised: Known<string>; unrealised: Known<string> } {
  const unrealised = profitOf(account.positions.filter((row) => !row.settled));
  const realised = unrealised instanceof Unknown ? unrealised : subtract(account.pnl.total, unrealised);
  return { realised, unrealised };
}
