/** The expiry in view: which there are, which is chosen, its prices live. Kept while the page of trading is there. */
import type { ChainExpiry } from '@cenote/client';
import { router } from '../../lib/app/router.svelte';

/** An expiry of the tabs. */
export interface ExpiryHead {
  expiry: string;
  /** Like `27 MAR 26`. */
  name: string;
  /** Time until it, in words. */
  left: string;
  /** Name and time. */
  words: string;
  atm: string;
}

class Board {
  expiries = $state.raw<readonly ExpiryHead[]>([]);
  current = $state.raw<ChainExpiry | null>(null);

  choose(expiry: string) {
    router.set({ expiry });
  }

  /** The expiry before (-1) or after (1) the chosen one. */
  move(by: number) {
    const at = this.expiries.findIndex((each) => each.expiry === this.current?.expiry);
    const next = this.expiries[at + by];
    if (at >= 0 && next) this.choose(next.expiry);
  }
}

export const board = new Board();
