/** Closing a position: its quote, its limit, and why it cannot be sent. */
import { api, ask, asRefusal, type Refusal } from '../../lib/api/client';
import { orders } from '../../lib/api/orders.svelte';
import { type Resource, resource } from '../../lib/api/resource.svelte';
import type { Position, QuoteAnswer } from '@cenote/client';
import { venue } from '../../lib/api/venue.svelte';
import { accounts } from '../../lib/api/wallet.svelte';
import { absolute, compare, isZero, negate, parse, sign } from '../../lib/num/decimal';
import { cash, size } from '../../lib/num/format';

export class Closing {
  /** The amount as typed; absent: all of it, whatever it becomes. */
  typed = $state<string | null>(null);
  /** The limit as typed, without a sign; absent: what the venue suggests. */
  typedLimit = $state<string | null>(null);
  /** Why the largest could not be found. */
  failed = $state.raw<Refusal | null>(null);
  readonly quote: Resource<QuoteAnswer>;
  readonly #position: () => Position;
  #sent = $state(false);

  constructor(position: () => Position) {
    this.#position = position;
    this.quote = resource(
      () => this.legs && { legs: this.legs, reduce_only: true, largest: false, ...(accounts.address ? { account: accounts.address } : {}) },
      (body, signal) => ask(api.POST('/v1/quote', { body, signal })),
      { every: () => venue.tick, gap: 500, calm: 60, keep: true },
    );
  }

  readonly held: string = $derived.by(() => absolute(this.#position().size));
  /** It is sold; otherwise bought back. */
  readonly sells: boolean = $derived.by(() => sign(this.#position().size) > 0);
  readonly amount: string | null = $derived.by(() => {
    const read = this.typed === null ? this.held : parse(this.typed, 6);
    return read === null || isZero(read) || sign(read) < 0 ? null : read;
  });
  readonly legs = $derived.by(() => (this.amount === null ? null : [{ instrument: this.#position().instrument_name, size: this.sells ? negate(this.amount) : this.amount }]));
  readonly pays: boolean = $derived.by(() => sign(this.quote.value?.cost.total ?? '0') > 0);
  readonly limit: string | null = $derived.by(() => {
    if (this.typedLimit === null) return this.quote.value?.limit_suggested ?? null;
    const read = parse(this.typedLimit, 6);
    if (read === null) return null;
    return this.pays || isZero(read) ? read : negate(read);
  });
  /** The cost now is beyond the limit. */
  readonly beyond: boolean = $derived.by(() => {
    const cost = this.quote.fresh ? this.quote.value?.cost.total : undefined;
    return cost !== undefined && this.limit !== null && compare(cost, this.limit) > 0;
  });
  /** What this page has sent of it last. */
  readonly life = $derived.by(() => (this.#sent ? orders.sent.find((each) => each.legs.length === 1 && each.legs[0]?.instrument === this.#position().instrument_name) : undefined));
  readonly waiting: boolean = $derived.by(() => this.life?.state === 'signing' || this.life?.state === 'sent');

  /** Why the button does nothing; `null` when it does. Closing needs a connection and a price, not an open market. */
  readonly why: string | null = $derived.by(() => {
    if (this.amount === null) return 'Enter an amount';
    if (compare(this.amount, this.held) > 0) return `You hold ${size(this.held)}`;
    if (accounts.cannotSign) return accounts.cannotSign;
    if (venue.connection !== 'open' || venue.stale) return venue.closed ?? 'There is no fresh price';
    if (this.quote.error) return 'There is no quote';
    if (!this.quote.fresh || !this.quote.value) return 'Pricing\u2026';
    if (this.quote.value.refusal) return 'It would be refused';
    if (this.limit === null) return 'Enter a limit';
    return null;
  });
  readonly action: string = $derived.by(() => {
    if (this.life?.state === 'signing') return 'Signing\u2026';
    if (this.life?.state === 'sent') return 'Sending\u2026';
    if (this.why) return this.why;
    const verb = `${this.sells ? 'Sell' : 'Buy back'} ${size(this.amount ?? '0')}`;
    return `${verb} for ${cash(absolute(this.quote.value?.cost.total ?? '0'))}`;
  });

  send() {
    const quote = this.quote.value;
    if (this.why || this.waiting || !quote || !this.legs || this.limit === null) return;
    this.#sent = true;
    void orders.place({ legs: this.legs, limit: this.limit, quoted: quote.cost, reduceOnly: true });
  }

  /** Asks how much can be closed now, and takes it. */
  async most() {
    this.failed = null;
    const legs = [{ instrument: this.#position().instrument_name, size: this.sells ? negate(this.held) : this.held }];
    try {
      const answer = await ask(api.POST('/v1/quote', { body: { legs, reduce_only: true, largest: true, ...(accounts.address ? { account: accounts.address } : {}) } }));
      const found = absolute(answer.largest?.sizes[0] ?? '0');
      this.typed = compare(found, this.held) > 0 ? this.held : found;
    } catch (thrown) {
      this.failed = asRefusal(thrown);
    }
  }
}
