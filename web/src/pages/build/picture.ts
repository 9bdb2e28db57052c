/** What the answers mean once the cost is taken off: lines and cells of profit. */
import type { WhatIfAnswer } from '@cenote/client';
import { profitNow, profits } from '../../lib/chart/geometry';
import { plain } from '../../lib/num/format';
import { COLUMNS, type Seen, VOLS } from './study.svelte';

export interface Lines {
  /** Profit at the first expiry by settlement price. */
  expiry: { price: string; profit: string }[];
  /** Profit at the moment that is looked at. */
  then: { price: number; profit: number }[];
  /** Others expire later: the line at the first expiry is drawn only where it was asked for. */
  partial: boolean;
  band: { floor: string; cap: string };
}

/**
 * The lines of an answer about `cost`: what the legs cost and what positions are worth already. An expiry that all share is exact; of several,
 * the line stands at the first of them, with the others at their value then.
 */
export function lines({ answer, shocks }: Seen, cost: string): Lines | null {
  const [first, ...others] = answer.payoffs;
  const [looked, front] = [answer.grids[0], answer.grids.at(-1)];
  if (!first || !looked || !front) return null;
  const at = (grid: typeof looked) => profitNow(answer.index_price, shocks, grid.pnl[0] ?? [], answer.value, cost);
  return {
    expiry:
      others.length === 0 ? profits(first.points, cost) : at(front).map((point) => ({ price: plain(point.price), profit: plain(point.profit) })),
    then: at(looked),
    partial: others.length > 0,
    band: first.settlement_band,
  };
}

/** Cells of the map at the moment looked at: by vol, then index. */
export function byVol({ answer, shocks }: Seen, cost: string): number[][] {
  return VOLS.map((_, row) => {
    const all = profitNow(answer.index_price, shocks, answer.grids[0]?.pnl[row + 1] ?? [], answer.value, cost);
    return COLUMNS.map((shock) => all[shocks.indexOf(shock)]?.profit ?? NaN);
  });
}

/** Cells of the map by date, then index, at the vol of the slider. */
export function byDate(answer: WhatIfAnswer, cost: string): number[][] {
  return answer.grids.map((grid) => profitNow(answer.index_price, COLUMNS, grid.pnl[0] ?? [], answer.value, cost).map((point) => point.profit));
}
