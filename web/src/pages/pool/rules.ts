/** What becomes of a liquidity request, step by step, before there is one; and the rules that a signature agrees to. */
import type { LpQueue, Pool } from '@cenote/client';
import { cash, fixed, percent, size } from '../../lib/num/format';
import { clock, duration } from '../../lib/num/time';
import type { Step } from '../../lib/ui/Timeline.svelte';

/** Money into the pool, or shares out of it. */
export type Way = 'deposit' | 'withdraw';

/** The steps of a request that is not made yet, each with its rule. */
export function steps(way: Way, queue: LpQueue): Step[] {
  const entering = way === 'deposit';
  return [
    {
      name: 'Requested',
      state: 'next',
      at: `epoch ${size(String(queue.open_epoch))} is open`,
      note: entering ? 'Your cash is set aside. A request cannot be taken back.' : 'Your shares are frozen. A request cannot be taken back.',
    },
    {
      name: 'Priced',
      state: 'next',
      at: queue.priced_from ? `by the first price from ${clock(queue.priced_from)}` : undefined,
      note: 'The next price closes the epoch, unless an earlier one still waits. Everybody of it gets one price, made from market prices that nobody knew when it closed.',
    },
    {
      name: entering ? 'Claimable' : 'Payable',
      state: 'next',
      note: entering
        ? 'A batch that cannot be priced gives the cash back.'
        : 'What the pool cannot pay now without touching what it owes rolls to the next batch, the same part for everybody.',
    },
    {
      name: entering ? 'Shares' : 'Paid',
      state: 'next',
      note: entering ? `Anyone may claim for you. Shares are locked for ${duration(queue.lock_ms)} after their batch.` : 'Anyone may claim for you; the money goes to your free cash.',
    },
  ];
}

/** The price rule in sentences, with the figures of now. */
export function priceRule(way: Way, pool: Pool, unit: string): string[] {
  const share = fixed(pool.share_price, 6);
  if (way === 'deposit') {
    return [
      `Shares are bought at the price of the batch, which is not known yet. Equity a share is ${share} ${unit} now; you pay that or a little more, so that those who are in lose nothing by your coming.`,
      `You share every loss of the pool from then on. Shares are locked for ${duration(pool.queue.lock_ms)}, then wait for a batch to leave.`,
    ];
  }
  return [
    `Shares are paid at the price of the batch, which is not known yet. Equity a share is ${share} ${unit} now; you get that less the spread of your part of the positions and less what your leaving costs those who stay.`,
    `Free cash of the pool is ${cash(pool.cash)} ${unit}, ${percent(pool.utilisation)} is in use. What cannot be paid at once waits, and is priced when it is paid.`,
  ];
}
