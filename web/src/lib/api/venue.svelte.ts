/** How the venue is, kept up to date: status, connection, ages, and whether it is still the same venue. */
import { type ApiEvent, type Connection, type MarketStatus, Socket, type Status } from '@cenote/client';
import { DASH, size } from '../num/format';
import { type Known, Unknown, known } from '../num/known';
import { age, ageNow, atSpeed } from '../num/time';
import { live } from '../app/live.svelte';
import type { Health } from '../ui/StatusStrip.svelte';
import { api, ask, asRefusal, type Refusal } from './client';


/** A price older than this is greyed, ms of market time at speed 1. */
export const STALE_MS = 3_000;

/** After so long without a word the venue is asked, ms of this machine. */
const SILENCE_MS = 2_500;

/** A picture of a page in view, or a quarter of a second of one that is not. */
function nextFrame(run: () => void) {
  if (document.hidden) setTimeout(run, 250);
  else requestAnimationFrame(run);
}

/** Ticks of all markets: they never go back but by a revert, while a restart may resume a moment before what was last said. */
const ticks = (status: Status) => status.markets.reduce((sum, market) => sum + market.tick, 0);
const isBefore = (a: Status, b: Status) => a.last_seq < b.last_seq || ticks(a) < ticks(b);

class Venue {
  /** What the venue said last. */
  status = $state.raw<Status | null>(null);
  /** Why it has said nothing yet. */
  error = $state.raw<Refusal | null>(null);
  connection = $state<Connection>('connecting');
  /** Grows whenever everything that was known has to go: another venue, or one that went back. */
  epoch = $state(0);
  /** Why, in words, until the reader has seen it. */
  reset = $state<string | null>(null);
  /** This machine's time, moving in steps of a half second. */
  now = $state(Date.now());
  #arrived = $state(0);
  #asked = 0;
  /** What the socket said last. */
  #pushed: Status | null = null;
  #chosen = $state<string | null>(null);
  /** Grows with every connection after the first: whatever came by in between has to be asked for. */
  connections = $state(0);

  readonly socket = new Socket({
    url: location.origin.replace(/^http/, 'ws') + '/v1/ws',
    frame: nextFrame,
    onconnection: (state) => this.#connected(state),
  });

  /** The market that the page is about: the chosen one, or the venue's first. */
  readonly market: MarketStatus | null = $derived(
    this.status?.markets.find((market) => market.market === this.#chosen) ?? this.status?.markets[0] ?? null,
  );
  readonly marketName = $derived(this.market?.market ?? null);
  /** The number of the tick in force: what follows prices reloads when it changes. */
  readonly tick = $derived(this.market?.tick ?? 0);
  /** Market time now, ms. */
  readonly time: number = $derived(this.status ? ageNow(this.status.market_time_ms, this.#arrived, this.now, this.speed) : 0);
  readonly priceAge: Known<number> = $derived(this.#age(this.market?.price_age_ms, 'no price has been published yet'));
  readonly surfaceAge: Known<number> = $derived(this.#age(this.market?.surface_age_ms, 'no surface has been published yet'));
  /** The price in view is older than it should be. */
  readonly stale: boolean = $derived(this.priceAge instanceof Unknown || this.priceAge > atSpeed(STALE_MS, this.speed));
  readonly health: Health = $derived(this.#judge());
  /** Why orders that add risk cannot be sent now; `null` when they can. */
  readonly closed: string | null = $derived(this.#closed());

  get speed(): number {
    return this.status && !this.status.clock.paused ? this.status.clock.speed : 0;
  }
  get dev(): boolean {
    return this.status?.mode === 'dev';
  }
  /** The quote token of the market, like `USDC`. */
  get quote(): string {
    return this.marketName?.split('_')[1] ?? '';
  }
  /** The underlying, like `BTC`. */
  get base(): string {
    return this.marketName?.split('_')[0] ?? '';
  }

  /** Connects. Once, at the start of the page. */
  start() {
    setInterval(() => this.#pass(), 500);
    void this.load();
    this.socket.subscribe('status', (data) => this.#hear(data as Status, true));
    this.socket.start();
  }

  /** Half a second has passed. A silent oracle publishes nothing: then the venue is asked how it is. */
  #pass() {
    this.now = Date.now();
    if (this.now - Math.max(this.#arrived, this.#asked) > SILENCE_MS) void this.load();
  }

  choose(market: string) {
    this.#chosen = market;
  }

  /** Asks for the status; the socket goes on from there. */
  async load() {
    this.#asked = Date.now();
    try {
      this.#hear(await ask(api.GET('/v1/status')), false);
    } catch (thrown) {
      if (!this.status) this.error = asRefusal(thrown);
    }
  }

  /** Follows one account's events while connected. After a new connection (`connections` grows) some may have gone by. */
  follow(address: string, handler: (event: ApiEvent) => void): () => void {
    return this.socket.subscribe(`user.${address}`, (data) => {
      const event = data as ApiEvent;
      if (event.type === 'reverted') this.#drop(`The venue went back to the snapshot "${event.name}".`);
      handler(event);
    });
  }

  /** `ordered`: this comes from the socket, so it is later than all before. */
  #hear(status: Status, ordered: boolean) {
    const before = this.status;
    this.error = null;
    const last = this.#pushed;
    if (ordered) this.#pushed = status;
    if (before && before.venue_id !== status.venue_id) {
      this.#drop('This is another venue than a moment ago.');
    } else if (ordered && last && isBefore(status, last)) {
      this.#drop('The venue went back to an earlier moment.');
    } else if (before && isBefore(status, before)) {
      // An answer and a push overtake one another: only pushes that go back say that the venue did.
      return;
    }
    this.status = status;
    this.#arrived = Date.now();
    this.now = this.#arrived;
  }

  #drop(why: string) {
    this.reset = why;
    this.epoch += 1;
    this.status = null;
    live.say(`Market was reset. ${why}`);
    void this.load();
  }

  #connected(state: Connection) {
    const before = this.connection;
    this.connection = state;
    if (state === 'open') {
      if (this.connections > 0) live.say('Connected again.');
      this.connections += 1;
      void this.load();
    } else if (state === 'waiting' && before === 'open') {
      live.say('Connection lost, reconnecting.');
    }
  }

  #age(ms: number | null | undefined, why: string): Known<number> {
    return known(ms == null ? ms : ageNow(ms, this.#arrived, this.now, this.speed), why);
  }

  #closed(): string | null {
    if (!this.status || !this.market) return 'The venue has not answered yet';
    if (this.connection !== 'open') return 'Not connected: prices may have moved';
    if (!this.market.trading.enabled) return this.market.trading.reason ?? 'Trading is closed';
    if (this.stale) return this.priceAge instanceof Unknown ? 'There is no price yet' : `The price is ${age(this.priceAge)}`;
    return null;
  }

  #judge(): Health {
    if (!this.status) {
      return this.error
        ? { level: 'off', word: 'No answer', why: this.error.message }
        : { level: 'off', word: 'Connecting' };
    }
    if (this.connection !== 'open') {
      return { level: 'off', word: `Reconnecting, last seq ${size(String(this.status.last_seq))}` };
    }
    if (this.market && !this.market.trading.enabled) {
      return { level: 'bad', word: 'Closed', why: this.market.trading.reason ?? `No reason was given ${DASH} closing stays possible.` };
    }
    if (this.status.clock.paused) return { level: 'warn', word: 'Clock paused' };
    if (this.stale) return { level: 'warn', word: 'Late' };
    return { level: 'ok', word: 'Live' };
  }
}

export const venue = new Venue();
