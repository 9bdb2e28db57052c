/** The questions behind the builder: what the legs cost, how much of each is possible, what could come of it all. */
import { Refusal, api, ask } from '../../lib/api/client';
import { type Resource, resource } from '../../lib/api/resource.svelte';
import type { OrderLeg, QuoteAnswer, WhatIfAnswer } from '@cenote/client';
import { venue } from '../../lib/api/venue.svelte';
import { accounts } from '../../lib/api/wallet.svelte';
import { readName } from '../../lib/app/words';
import { changeFraction } from '../../lib/chart/geometry';
import { orderLegs } from '../trade/legs';
import { scene } from './scene.svelte';

/** Changes of the index: close together where the drawing is close, wide beyond. With the strikes of eight legs they are as many as one question may have, 41. */
const SHOCKS = [
  -0.5, -0.4, -0.35, -0.3, -0.27, -0.24, -0.22, -0.2, -0.17, -0.14, -0.12, -0.1, -0.08, -0.06, -0.04, -0.02, 0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.17,
  0.2, 0.23, 0.26, 0.3, 0.4, 0.5, 0.6, 0.8,
];
/** Those of them that the map shows. */
export const COLUMNS = [-0.3, -0.2, -0.14, -0.08, -0.04, 0, 0.04, 0.08, 0.14, 0.2, 0.3];
/** Changes of vol that the map shows, points. */
export const VOLS = [20, 10, 0, -10, -20];

/** An answer with the changes of the index that it is for. */
export interface Seen {
  answer: WhatIfAnswer;
  shocks: readonly number[];
}

export class Study {
  readonly legs: OrderLeg[] | null = $derived(orderLegs(scene.legs));
  readonly account = $derived(accounts.address);
  /** Whose positions count too; `null` when only the legs do. */
  readonly holder = $derived(scene.mine ? this.account : null);
  readonly market = $derived(readName(scene.legs[0]?.instrument ?? '')?.market ?? venue.marketName);

  readonly quote: Resource<QuoteAnswer>;
  readonly largest: Resource<QuoteAnswer>;
  readonly alone: Resource<(QuoteAnswer | null)[]>;
  readonly whatif: Resource<Seen>;
  readonly calendar: Resource<WhatIfAnswer>;

  /** `at`: the moment looked at; `front`: the first expiry of the legs; `dates`: rows of the map by date; `kinks`: strikes at which the line may bend. */
  constructor(at: () => number | null, front: () => number | null, dates: () => number[], kinks: () => string[]) {
    const who = () => (this.account ? { account: this.account } : {});
    this.quote = resource(
      () => this.legs && { legs: this.legs, ...who(), reduce_only: false, largest: false },
      (body, signal) => ask(api.POST('/v1/quote', { body, signal })),
      { every: () => venue.tick, gap: 400, calm: 80, keep: true },
    );
    this.largest = resource(
      () => this.legs && { legs: this.legs, ...who(), reduce_only: false, largest: true },
      (body, signal) => ask(api.POST('/v1/quote', { body, signal })),
      { every: () => venue.tick, gap: 10_000, calm: 350, keep: true },
    );
    // Each leg by itself: what it costs at its size, and the most of it. A leg that cannot be priced must not hide the others.
    this.alone = resource(
      () => this.legs && { legs: this.legs, ...who() },
      ({ legs, ...account }, signal) =>
        Promise.all(
          legs.map((leg) =>
            ask(api.POST('/v1/quote', { body: { legs: [leg], ...account, reduce_only: false, largest: true }, signal })).catch((thrown: unknown) => {
              // Only what the venue says about the leg counts; a venue that does not answer says nothing.
              if (thrown instanceof Refusal && thrown.status >= 400 && thrown.status < 500) return null;
              throw thrown;
            }),
          ),
        ),
      { every: () => venue.tick, gap: 5_000, calm: 250, keep: true },
    );
    const about = () => {
      const add = this.legs ?? [];
      if (!this.market || (add.length === 0 && !this.holder)) return null;
      return { market: this.market, pool: false, add, remove: [], ...(this.holder ? { account: this.holder } : {}) };
    };
    this.whatif = resource(
      () => {
        const request = about();
        // The vol of the slider comes first: the first row is the line that is drawn.
        const [moment, first] = [at(), front()];
        // A moment that is past counts as now.
        const wanted = [moment ?? 0, ...(first === null ? [] : [first])];
        return request && { ...request, spot_shocks: withKinks(kinks()), vol_shocks: [scene.vol, ...VOLS], dates: wanted };
      },
      async (body, signal) => ({ answer: await ask(api.POST('/v1/whatif', { body, signal })), shocks: body.spot_shocks }),
      { every: () => venue.tick, gap: 1_000, calm: 60, keep: true },
    );
    this.calendar = resource(
      () => {
        const request = scene.by === 'date' ? about() : null;
        return request && { ...request, spot_shocks: COLUMNS, vol_shocks: [scene.vol], dates: dates() };
      },
      (body, signal) => ask(api.POST('/v1/whatif', { body, signal })),
      { every: () => venue.tick, gap: 2_000, calm: 60, keep: true },
    );
  }

  /** The quote, when it is for these legs. */
  readonly shown = $derived.by(() => (this.legs ? this.quote.value : undefined));
}

/** The changes of the index that are asked about, and those that lead to these strikes. */
function withKinks(strikes: readonly string[]): number[] {
  const index = venue.market?.index_price;
  if (!index) return SHOCKS;
  const kinks = strikes.filter((strike) => strike !== '').map((strike) => changeFraction(index, strike));
  return [...new Set([...SHOCKS, ...kinks.filter((by) => by > -0.5 && by < 0.8)])].sort((a, b) => a - b);
}
