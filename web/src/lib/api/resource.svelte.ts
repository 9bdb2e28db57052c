/** An answer that is kept up to date: loaded when what it depends on changes, again whenever `every` changes, one request at a time. */
import { untrack } from 'svelte';
import { asRefusal, type Refusal } from './client';
import { venue } from './venue.svelte';

export interface ResourceOptions {
  /** Reloads when the result changes, like `() => venue.tick`. The value stays in view meanwhile. */
  every?: () => unknown;
  /** The least time between two reloads of `every`, ms. */
  gap?: number;
  /** Waits so long after a change before it asks, ms: for what follows typing. */
  calm?: number;
  /** Keeps the old value in view (as not fresh) when what it depends on changes; otherwise it goes. */
  keep?: boolean;
}

export class Resource<T> {
  /** The last answer. */
  value = $state.raw<T | undefined>(undefined);
  /** Why the last request failed; the value before it stays. */
  error = $state.raw<Refusal | null>(null);
  /** A request is on its way or about to be. */
  busy = $state(false);
  /** The value answers what is asked now. */
  fresh = $state(false);
  /** When the value came, ms of this machine. */
  at = $state(0);
  /** Asks once more. */
  reload: () => void = () => {};

  /** How old the value is, ms of this machine; `null` when there is none. */
  get age(): number | null {
    return this.value === undefined ? null : Math.max(0, venue.now - this.at);
  }
}

/** One question that is asked over and over, never twice at once. */
class Asking<K, T> {
  #running: AbortController | null = null;
  #again: 'now' | 'soon' | false = false;
  #last = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #key: K | null = null;
  constructor(
    readonly made: Resource<T>,
    readonly load: (key: K, signal: AbortSignal) => Promise<T>,
    readonly gap: number,
  ) {}

  /** Asks something else from now on, after a while. */
  change(key: K | null, after: number) {
    this.stop();
    this.#key = key;
    this.made.busy = key !== null;
    if (key === null) return;
    if (after > 0) this.#later(after);
    else void this.#run();
  }

  #later(ms: number) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#run();
    }, ms);
  }

  /** Asks the same again, but not while an answer is on its way; not too often either, unless it is asked for `now`. */
  refresh(now = false) {
    if (this.#key === null) return;
    if (this.#running) {
      this.#again ||= now ? 'now' : 'soon';
      return;
    }
    // What waits already will ask; it never waits longer because of this.
    if (this.#timer !== undefined && !now) return;
    const wait = now ? 0 : this.gap - (performance.now() - this.#last);
    if (wait > 0) this.#later(wait);
    else void this.#run();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running?.abort();
    this.#running = null;
    this.#again = false;
  }

  async #run() {
    if (this.#key === null) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const mine = new AbortController();
    this.#running = mine;
    this.#last = performance.now();
    this.made.busy = true;
    try {
      const value = await this.load(this.#key, mine.signal);
      if (mine.signal.aborted) return;
      Object.assign(this.made, { value, error: null, fresh: true, at: Date.now() });
    } catch (thrown) {
      if (mine.signal.aborted) return;
      Object.assign(this.made, { error: asRefusal(thrown), fresh: false });
    }
    this.#running = null;
    this.made.busy = false;
    const again = this.#again;
    this.#again = false;
    if (again) this.refresh(again === 'now');
  }
}

/**
 * Keeps an answer while the calling component is there. `of` says what to ask for, in plain data; `null` asks for nothing. `load` asks.
 * ```
 * const pool = resource(() => ({ pool: 0 }), (path, signal) => ask(api.GET('/v1/pools/{pool}', { params: { path }, signal })), { every: () => venue.tick });
 * ```
 */
export function resource<K, T>(
  of: () => K | null,
  load: (key: K, signal: AbortSignal) => Promise<T>,
  options: ResourceOptions = {},
): Resource<T> {
  const made = new Resource<T>();
  const asking = new Asking(made, load, options.gap ?? 0);
  made.reload = () => untrack(() => asking.refresh(true));

  const key = $derived(JSON.stringify(of()));
  $effect(() => {
    void venue.epoch;
    const wanted = JSON.parse(key) as K | null;
    untrack(() => {
      made.fresh = false;
      if (!options.keep || wanted === null) Object.assign(made, { value: undefined, error: null });
      asking.change(wanted, options.calm ?? 0);
    });
    return () => asking.stop();
  });

  if (options.every) {
    const every = options.every;
    let first = true;
    $effect(() => {
      every();
      if (first) first = false;
      else untrack(() => asking.refresh());
    });
  }
  return made;
}
