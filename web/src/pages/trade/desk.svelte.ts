/** What is being put together on the page of trading; its legs live in the address, so that they can be shared and sent from other pages. */
import { router } from '../../lib/app/router.svelte';
import { readName } from '../../lib/app/words';
import { LEGS_MAX, readLegs, writeLegs, type Draft } from './legs';

class Desk {
  legs = $state<Draft[]>([]);
  /** Clicks in the chain add legs instead of starting anew. */
  adding = $state(false);
  /** The limit as typed, without its sign; `null` while it follows the suggested one. */
  limit = $state<string | null>(null);
  /** The order may only reduce. */
  reduceOnly = $state(false);
  /** How long it may wait: `next` price, or so many minutes. */
  wait = $state<'next' | '10' | '60' | '1440'>('next');
  /** The ticket is in front, on a phone. */
  sheet = $state(false);

  /** Takes the legs of the address, when others than those here. */
  read(text: string | null) {
    if (text === writeLegs(this.legs)) return;
    this.legs = readLegs(text);
    this.limit = null;
    this.reduceOnly = false;
    if (this.legs.length > 0) this.sheet = true;
  }

  /** Writes the legs into the address. */
  #write() {
    router.set({ legs: writeLegs(this.legs) });
  }

  /** Opens a ticket for a series, or adds a leg. The amount of the ticket before stays. */
  pick(instrument: string, buy: boolean) {
    const typed = this.legs[0]?.typed ?? '1';
    const market = readName(instrument)?.market;
    const same = this.legs.every((leg) => readName(leg.instrument)?.market === market);
    if (this.adding && same && this.legs.length > 0) {
      const others = this.legs.filter((leg) => leg.instrument !== instrument);
      if (others.length < LEGS_MAX) this.legs = [...others, { instrument, buy, typed }];
    } else {
      this.legs = [{ instrument, buy, typed }];
      this.reduceOnly = false;
    }
    this.limit = null;
    this.sheet = true;
    this.#write();
  }

  /** Opens a ticket that closes a position: the opposite of its size, which may only reduce. */
  close(instrument: string, size: string) {
    const short = size.startsWith('-');
    this.adding = false;
    this.legs = [{ instrument, buy: short, typed: short ? size.slice(1) : size }];
    this.reduceOnly = true;
    this.limit = null;
    this.sheet = true;
    this.#write();
  }

  change(at: number, change: Partial<Draft>) {
    this.legs = this.legs.map((leg, index) => (index === at ? { ...leg, ...change } : leg));
    if (change.buy !== undefined) this.limit = null;
    this.#write();
  }

  /** Sizes that the venue says are the largest. */
  resize(sizes: readonly string[]) {
    this.legs = this.legs.map((leg, at) => ({ ...leg, typed: (sizes[at] ?? leg.typed).replace('-', '') }));
    this.limit = null;
    this.#write();
  }

  remove(at: number) {
    this.legs = this.legs.filter((_, index) => index !== at);
    this.limit = null;
    this.#write();
  }

  clear() {
    this.legs = [];
    this.limit = null;
    this.reduceOnly = false;
    this.sheet = false;
    this.#write();
  }
}

export const desk = new Desk();
