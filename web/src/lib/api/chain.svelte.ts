/** One expiry of the chain, live: whole at first, then the strikes that changed. */
import { untrack } from 'svelte';
import { compare } from '../num/decimal';
import type { ChainExpiry, ChainStrike } from '@cenote/client';
import { venue } from './venue.svelte';

/** What the channel sends. */
interface Push extends Omit<ChainExpiry, 'strikes'> {
  snapshot?: boolean;
  strikes: ChainStrike[];
  tick?: number;
  published_at?: number;
  index_price?: string;
}

export class LiveExpiry {
  /** The expiry with all its strikes; only those that changed are new objects. */
  value = $state.raw<ChainExpiry | null>(null);
  tick = $state(0);

  /** Brings in a push; a change before the first whole one is of no use. */
  take(push: Push) {
    const before = this.value;
    this.tick = push.tick ?? this.tick;
    if (push.snapshot) {
      const { snapshot: _, ...whole } = push;
      this.value = whole;
      return;
    }
    if (!before || before.expiry !== push.expiry) return;
    const changed = new Map(push.strikes.map((strike) => [strike.strike, strike]));
    const strikes = before.strikes.map((strike) => {
      const next = changed.get(strike.strike);
      changed.delete(strike.strike);
      return next ?? strike;
    });
    const added = [...changed.values()];
    const all = added.length > 0 ? [...strikes, ...added].sort((a, b) => compare(a.strike, b.strike)) : strikes;
    this.value = {
      ...before,
      forward: push.forward ?? before.forward,
      atm_iv: push.atm_iv === undefined ? (before.atm_iv ?? null) : push.atm_iv,
      strikes: all,
    };
  }
}

/** Follows an expiry while the calling component is there. */
export function liveExpiry(of: () => { market: string; expiry: string } | null, rate: '100ms' | '1s' = '100ms'): LiveExpiry {
  const made = new LiveExpiry();
  const channel = $derived.by(() => {
    const wanted = of();
    return wanted && `chain.${wanted.market}.${wanted.expiry}.${rate}`;
  });
  $effect(() => {
    void venue.epoch;
    untrack(() => (made.value = null));
    if (!channel) return;
    return venue.socket.subscribe(channel, (data) => made.take(data as Push));
  });
  return made;
}
