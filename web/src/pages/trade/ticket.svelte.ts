/** The questions behind a ticket: what it costs, how much is possible, what could come of it; and why it cannot be sent. */
import { api, ask } from '../../lib/api/client';
import { type Resource, resource } from '../../lib/api/resource.svelte';
import type { QuoteAnswer, WhatIfAnswer } from '@cenote/client';
import { venue } from '../../lib/api/venue.svelte';
import { accounts } from '../../lib/api/wallet.svelte';
import { absolute, compare, isZero, negate, parse, roundTowards, sign } from '../../lib/num/decimal';
import { cash, price, size } from '../../lib/num/format';
import { MINUTES, later } from '../../lib/num/time';
import { readName } from '../../lib/app/words';
import { desk } from './desk.svelte';
import { amountOf, orderLegs } from './legs';

/** Changes of the index that are looked at, and those of them that the map shows. */
export const SHOCKS = [-0.24, -0.22, -0.2, -0.18, -0.16, -0.14, -0.12, -0.1, -0.08, -0.06, -0.04, -0.02, 0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.24];
export const MAP = { columns: [0, 4, 8, 12, 16, 20, 24], heads: ['\u221224%', '\u221216%', '\u22128%', '0%', '+8%', '+16%', '+24%'] };
export const VOLS = { shocks: [10, 0, -10], heads: ['+10', '0', '\u221210'] };

export class Ticket {
  readonly quote: Resource<QuoteAnswer>;
  readonly largest: Resource<QuoteAnswer>;
  readonly legs = $derived(orderLegs(desk.legs));
  readonly account = $derived(accounts.address);

  constructor() {
    this.quote = resource(
      () => this.legs && { legs: this.legs, ...(this.account ? { account: this.account } : {}), reduce_only: desk.reduceOnly, largest: false },
      (body, signal) => ask(api.POST('/v1/quote', { body, signal })),
      { every: () => venue.tick, gap: 200, calm: 60, keep: true },
    );
    this.largest = resource(
      () => this.#ratio() && { legs: this.#ratio() ?? [], ...(this.account ? { account: this.account } : {}), reduce_only: desk.reduceOnly, largest: true },
      (body, signal) => ask(api.POST('/v1/quote', { body, signal })),
      { every: () => venue.tick, gap: 10_000, calm: 350, keep: true },
    );
  }

  /** The proportions of the legs: of one leg any amount will do, so that typing asks nothing anew. */
  #ratio() {
    const [only] = desk.legs;
    if (desk.legs.length === 1 && only) return [{ instrument: only.instrument, size: only.buy ? '1' : '-1' }];
    return this.legs;
  }

  /** The quote, when it is for what the ticket says now. */
  readonly now = $derived.by(() => (this.quote.fresh ? this.quote.value : undefined));
  readonly shown = $derived.by(() => (this.legs ? this.quote.value : undefined));
  /** The account pays; otherwise it receives. */
  readonly pays = $derived.by(() => sign(this.shown?.cost.total ?? '0') >= 0);

  /** The limit that would be sent; `null` while what was typed is none. */
  readonly limit: string | null = $derived.by(() => {
    // What is sent is what is shown: whole cents, never tighter than what was suggested.
    if (desk.limit === null) return this.shown ? roundTowards(this.shown.limit_suggested, 2, 'up') : null;
    const typed = parse(desk.limit, 6);
    if (typed === null) return null;
    return this.pays || isZero(typed) ? typed : negate(typed);
  });
  /** The cost now is beyond the limit. */
  readonly beyond = $derived.by(() => {
    const cost = this.now?.cost.total;
    return cost !== undefined && this.limit !== null && compare(cost, this.limit) > 0;
  });

  /** Why the button does nothing, in its own words; `null` when it does. */
  readonly why: string | null = $derived.by(() => {
    if (desk.legs.some((leg) => amountOf(leg) === null)) return 'Enter an amount';
    if (accounts.cannotSign) return accounts.cannotSign;
    if (venue.closed && !(desk.reduceOnly && venue.connection === 'open' && !venue.stale)) return venue.closed;
    if (this.quote.error) return 'There is no quote';
    const quote = this.now;
    if (!quote) return 'Pricing\u2026';
    if (quote.refusal) return REASONS[quote.refusal.code] ?? 'It would be refused';
    if (this.limit === null) return 'Enter a limit';
    return null;
  });

  /** The verb with the amount: `Buy 2 for 9,624.80`. */
  readonly action: string = $derived.by(() => {
    const total = this.shown?.cost.total;
    const [leg] = desk.legs;
    const amount = leg && amountOf(leg);
    if (!total || !leg || !amount) return 'Trade';
    const money = cash(absolute(total));
    if (desk.legs.length === 1) return `${leg.buy ? 'Buy' : 'Sell'} ${size(amount)} for ${money}`;
    return `Trade ${desk.legs.length} legs, ${this.pays ? 'pay' : 'receive'} ${money}`;
  });

  /** When the order's time is up, ms of market time. */
  until(): number | undefined {
    return desk.wait === 'next' ? undefined : Math.floor(later(venue.time, MINUTES(Number.parseInt(desk.wait, 10))));
  }

  /** What could come of it; asks only while `open`. */
  whatif(open: () => boolean): Resource<WhatIfAnswer> {
    return resource(
      () => {
        const market = this.legs?.[0] && readName(this.legs[0].instrument)?.market;
        return open() && this.legs && market
          ? { market, pool: false, add: this.legs, remove: [], spot_shocks: SHOCKS, vol_shocks: VOLS.shocks, dates: [] }
          : null;
      },
      (body, signal) => ask(api.POST('/v1/whatif', { body, signal })),
      { every: () => venue.tick, gap: 2_000, calm: 200, keep: true },
    );
  }
}

/** Refusals in the few words that fit on a button. */
const REASONS: Record<string, string> = {
  insufficient_cash: 'Not enough free cash',
  pool_capacity: 'More than the pool can take',
  would_increase: 'It would not reduce',
  paused: 'Paused: only closing',
  guarded: 'Guarded: only closing',
};

/** The leg in a sentence: `27 MAR 26, 100,000 call`. */
export function seriesWords(instrument: string): { title: string; kind: string } {
  const named = readName(instrument);
  return named ? { title: `${price(named.strike, 0)} ${named.kind}`, kind: named.kind } : { title: instrument, kind: '' };
}
