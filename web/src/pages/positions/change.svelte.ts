/** Closing a position, or rolling it to a later expiry: its quote, its limit, and why it cannot be sent. */
import type { InstrumentRow, Position, QuoteAnswer } from '@cenote/client';
import { api, ask, asRefusal, type Refusal } from '../../lib/api/client';
import { orders } from '../../lib/api/orders.svelte';
import { type Resource, resource } from '../../lib/api/resource.svelte';
import { venue } from '../../lib/api/venue.svelte';
import { accounts } from '../../lib/api/wallet.svelte';
import { readName } from '../../lib/app/words';
import { absolute, compare, isZero, negate, parse, sign } from '../../lib/num/decimal';
import { cash, size } from '../../lib/num/format';

/** `close` gives up what is held; `roll` also opens the same strike at a later expiry, in one order that is priced as one. */
export type Way = 'close' | 'roll';

/** The same option at later expiries, the next one first. */
export function later(position: Position, rows: readonly InstrumentRow[]): InstrumentRow[] {
  const same = rows.filter((row) => row.strike === position.strike && row.option_type === position.option_type && row.expiration_timestamp > position.expiration_timestamp);
  return same.sort((a, b) => a.expiration_timestamp - b.expiration_timestamp);
}

export class Changing {
  /** The amount as typed; absent: all of it, whatever it becomes. */
  typed = $state<string | null>(null);
  /** The limit as typed, without a sign; absent: what the venue suggests. */
  typedLimit = $state<string | null>(null);
  /** Where a roll goes, as chosen; absent: the next expiry. */
  chosen = $state<string | null>(null);
  /** Why the largest could not be found. */
  failed = $state.raw<Refusal | null>(null);
  readonly way: Way;
  readonly quote: Resource<QuoteAnswer>;
  /** Where a roll may go. */
  readonly targets: Resource<InstrumentRow[]>;
  readonly #position: () => Position;
  #sent = $state(false);

  constructor(position: () => Position, way: Way) {
    this.#position = position;
    this.way = way;
    this.targets = resource(
      () => (way === 'roll' ? { market: readName(position().instrument_name)?.market ?? '' } : null),
      async (query, signal) => later(position(), (await ask(api.GET('/v1/instruments', { params: { query }, signal }))).instruments),
    );
    this.quote = resource(
      () => this.legs && { legs: this.legs, reduce_only: way === 'close', largest: false, ...(accounts.address ? { account: accounts.address } : {}) },
      (body, signal) => ask(api.POST('/v1/quote', { body, signal })),
      { every: () => venue.tick, gap: 500, calm: 60, keep: true },
    );
  }

  /** Where a roll goes. */
  readonly target: InstrumentRow | undefined = $derived.by(() => this.targets.value?.find((row) => row.instrument_name === this.chosen) ?? this.targets.value?.[0]);
  readonly held: string = $derived.by(() => absolute(this.#position().size));
  /** It is sold; otherwise bought back. */
  readonly sells: boolean = $derived.by(() => sign(this.#position().size) > 0);
  readonly amount: string | null = $derived.by(() => {
    const read = this.typed === null ? this.held : parse(this.typed, 6);
    return read === null || isZero(read) || sign(read) < 0 ? null : read;
  });
  readonly legs = $derived.by(() => this.#legs(this.amount));

  /** What gives up so much of the position, and opens as much elsewhere. */
  #legs(amount: string | null): { instrument: string; size: string }[] | null {
    if (amount === null) return null;
    const [given, taken] = this.sells ? [negate(amount), amount] : [amount, negate(amount)];
    const close = { instrument: this.#position().instrument_name, size: given };
    if (this.way === 'close') return [close];
    return this.target ? [close, { instrument: this.target.instrument_name, size: taken }] : null;
  }

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
  readonly life = $derived.by(() => {
    const count = this.way === 'close' ? 1 : 2;
    return this.#sent ? orders.sent.find((each) => each.legs.length === count && each.legs[0]?.instrument === this.#position().instrument_name) : undefined;
  });
  readonly waiting: boolean = $derived.by(() => this.life?.state === 'signing' || this.life?.state === 'sent');

  /** Why the button does nothing; `null` when it does. Closing needs a connection and a price, not an open market; a roll needs that too. */
  readonly why: string | null = $derived.by(() => {
    if (this.amount === null) return 'Enter an amount';
    if (compare(this.amount, this.held) > 0) return `You hold ${size(this.held)}`;
    if (accounts.cannotSign) return accounts.cannotSign;
    if (venue.connection !== 'open' || venue.stale) return venue.closed ?? 'There is no fresh price';
    if (this.way === 'roll' && venue.closed) return venue.closed;
    if (this.way === 'roll' && !this.target) return this.targets.value ? 'No later expiry' : 'Looking for expiries\u2026';
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
    const [amount, money] = [size(this.amount ?? '0'), cash(absolute(this.quote.value?.cost.total ?? '0'))];
    if (this.way === 'roll') return `Roll ${amount}, ${this.pays ? 'pay' : 'receive'} ${money}`;
    return `${this.sells ? 'Sell' : 'Buy back'} ${amount} for ${money}`;
  });

  send() {
    const quote = this.quote.value;
    if (this.why || this.waiting || !quote || !this.legs || this.limit === null) return;
    this.#sent = true;
    void orders.place({ legs: this.legs, limit: this.limit, quoted: quote.cost, reduceOnly: this.way === 'close' });
  }

  /** Asks how much can be closed or rolled now, and takes it. */
  async most() {
    this.failed = null;
    const legs = this.#legs(this.held);
    if (!legs) return;
    try {
      const answer = await ask(api.POST('/v1/quote', { body: { legs, reduce_only: this.way === 'close', largest: true, ...(accounts.address ? { account: accounts.address } : {}) } }));
      const found = absolute(answer.largest?.sizes[0] ?? '0');
      this.typed = compare(found, this.held) > 0 ? this.held : found;
    } catch (thrown) {
      this.failed = asRefusal(thrown);
    }
  }
}
