/** The journal as a page reads it: the newest commands first with more arriving, or in order from a number on. */
import { untrack } from 'svelte';
import { api, ask, asRefusal, type Refusal } from '../../lib/api/client';
import type { ApiEvent, EventPage } from '@cenote/client';
import { venue } from '../../lib/api/venue.svelte';
import { FREQUENT, isOf } from './words';

export interface Filter {
  /** One type, `rare` (all but prices) or `all`. */
  type: string;
  /** Only what an account is a part of. */
  account: string | null;
  /** In order from this command on; `null`: the newest first. */
  from: number | null;
}

/** Rows of one page of the journal. */
export const PAGE = 100;
/** Commands that the first look back covers; doubled until something is found. */
const SPAN = 400;
/** Rows that are kept in view while new ones come, and after looking back. */
const [KEPT, MOST] = [150, 1_000];
/** New events are drawn together so often, ms: a fast market has hundreds a second. */
const DRAWN_MS = 500;
/** A look back goes on until it has found so many. */
const ENOUGH = 40;
/** Requests of one look back. */
const TRIES = 14;

export class Stream {
  /** In the order of the page. */
  rows = $state.raw<ApiEvent[]>([]);
  error = $state.raw<Refusal | null>(null);
  busy = $state(true);
  /** There is more: further back, or further on when read from a number. */
  more = $state(false);
  /** Events that arrived while they were held back. */
  held = $state.raw<ApiEvent[]>([]);
  /** New events are shown as they come. */
  live = $state(true);
  /** Of the next page, when read from a number. */
  next = $state<number | null>(null);
  #filter: Filter = { type: 'rare', account: null, from: null };
  /** The first command that was looked at. */
  #start = 0;
  #span = SPAN;
  #mine = 0;
  #kept = KEPT;
  /** Found further back, not shown yet. */
  #rest: ApiEvent[] = [];
  /** Heard and not drawn yet, newest last. */
  #heard: ApiEvent[] = [];
  /** There is a status; whichever it is must not begin anew. */
  readonly #ready = $derived(venue.status !== null);

  /** Reads what `filter` says, anew whenever it changes, while the calling component is there. */
  constructor(filter: () => Filter) {
    $effect(() => {
      const wanted = filter();
      return this.#ready ? untrack(() => this.#begin(wanted)) : undefined;
    });
  }

  #begin(filter: Filter): () => void {
    this.#filter = filter;
    this.#mine += 1;
    Object.assign(this, { rows: [], held: [], error: null, more: false, next: null, live: true });
    if (filter.from !== null) {
      this.next = filter.from;
      void this.onward();
      return () => (this.#mine += 1);
    }
    const end = (venue.status?.last_seq ?? 0) + 1;
    this.#start = end;
    this.#span = SPAN;
    this.#kept = KEPT;
    this.#heard = [];
    this.#rest = [];
    void this.back();
    const stop = venue.socket.events(end, (event) => {
      if (this.#fits(event as ApiEvent)) this.#heard.push(event as ApiEvent);
    });
    const timer = setInterval(() => this.#draw(), DRAWN_MS);
    return () => {
      this.#mine += 1;
      clearInterval(timer);
      stop();
    };
  }

  #fits(event: ApiEvent): boolean {
    const { type, account } = this.#filter;
    if (account !== null && !isOf(event, account)) return false;
    return type === 'all' || (type === 'rare' ? !FREQUENT.has(event.type) : event.type === type);
  }

  #draw() {
    if (this.#heard.length === 0) return;
    const fresh = this.#heard.reverse();
    this.#heard = [];
    if (this.live) this.rows = [...fresh, ...this.rows].slice(0, this.#kept);
    else this.held = [...fresh, ...this.held].slice(0, MOST);
  }

  /** Shows new events as they come, or holds them back. */
  turn(live: boolean) {
    this.live = live;
    if (!live) return;
    this.rows = [...this.held, ...this.rows].slice(0, this.#kept);
    this.held = [];
  }

  #page(from_seq: number, limit: number): Promise<EventPage> {
    const { type, account } = this.#filter;
    if (account !== null) {
      const path = { address: account };
      return ask(api.GET('/v1/accounts/{address}/events', { params: { path, query: { from_seq, limit } } }));
    }
    const single = type === 'all' || type === 'rare' ? {} : { type };
    return ask(api.GET('/v1/events', { params: { query: { from_seq, limit, ...single } } }));
  }

  /** Looks further back, in growing steps, until something fits. */
  async back() {
    const mine = this.#mine;
    this.busy = true;
    this.error = null;
    try {
      let found = this.#show(this.#rest, PAGE);
      for (let tries = 0; tries < TRIES && found < ENOUGH && this.#start > 1; tries += 1) {
        const end = this.#start;
        const start = Math.max(1, end - this.#span);
        const events = await this.#between(start, end);
        if (mine !== this.#mine) return;
        this.#start = start;
        found += this.#show(events.filter((event) => this.#fits(event)).reverse(), PAGE - found);
        if (found < ENOUGH) this.#span += this.#span;
      }
      this.more = (this.#rest.length > 0 || this.#start > 1) && this.rows.length < MOST;
    } catch (thrown) {
      if (mine === this.#mine) this.error = asRefusal(thrown);
    } finally {
      if (mine === this.#mine) this.busy = false;
    }
  }

  /** Puts the first of what was found further back under the rows, and keeps the rest for the next look; how many it showed. */
  #show(found: ApiEvent[], most: number): number {
    this.#rest = found.slice(most);
    this.rows = [...this.rows, ...found.slice(0, most)];
    this.#kept = Math.max(KEPT, this.rows.length);
    return Math.min(found.length, most);
  }

  /** Everything from one command to before another, as far as one answer after the other says that there is more. */
  async #between(start: number, end: number): Promise<ApiEvent[]> {
    const all: ApiEvent[] = [];
    const most = venue.status?.limits.page ?? PAGE;
    for (let from = start; from < end; ) {
      const page = await this.#page(from, most);
      all.push(...page.events.filter((event) => event.seq < end));
      if (!page.has_more || page.events.length === 0) break;
      from = page.next_seq;
    }
    return all;
  }

  /** The next page of those read from a number on. */
  async onward() {
    if (this.next === null) return;
    const mine = this.#mine;
    this.busy = true;
    this.error = null;
    try {
      const page = await this.#page(this.next, PAGE);
      if (mine !== this.#mine) return;
      this.rows = [...this.rows, ...page.events.filter((event) => this.#fits(event))];
      this.next = page.next_seq;
      this.more = page.has_more;
    } catch (thrown) {
      if (mine === this.#mine) this.error = asRefusal(thrown);
    } finally {
      if (mine === this.#mine) this.busy = false;
    }
  }
}
