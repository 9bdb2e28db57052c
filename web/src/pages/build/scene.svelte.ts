/** What is being looked at: legs, whether the account's positions count too, when, at which vol. All of it lives in the address. */
import { router } from '../../lib/app/router.svelte';
import { readName } from '../../lib/app/words';
import { nearest } from '../../lib/chart/geometry';
import { DAYS, HOURS, later } from '../../lib/num/time';
import { LEGS_MAX, readLegs, writeLegs, type Draft } from '../trade/legs';

/** Vol points that the slider goes up and down. */
export const VOL_MAX = 40;

/** A moment that the slider stops at. */
export interface Stop {
  at: number;
  /** The expiry that it is, if it is one. */
  expiry: string | null;
}

class Scene {
  legs = $state<Draft[]>([]);
  readonly mine: boolean = $derived(router.query.get('mine') === '1');
  readonly by: 'vol' | 'date' = $derived(router.query.get('by') === 'date' ? 'date' : 'vol');
  /** Every vol is so many points higher. */
  readonly vol: number = $derived(Math.max(-VOL_MAX, Math.min(VOL_MAX, Number.parseInt(router.query.get('vol') ?? '0', 10) || 0)));
  /** The moment that is looked at, ms; `null` is now. */
  readonly at: number | null = $derived(Number.parseInt(router.query.get('at') ?? '', 10) || null);

  /** Takes the legs of the address, when others than those here. */
  read(text: string | null) {
    if (text !== writeLegs(this.legs)) this.legs = readLegs(text);
  }
  put(legs: Draft[]) {
    this.legs = legs.slice(0, LEGS_MAX);
    router.set({ legs: writeLegs(this.legs), ...(legs.length === 0 ? { at: null } : {}) });
  }
  change(index: number, change: Partial<Draft>) {
    this.put(this.legs.map((leg, at) => (at === index ? { ...leg, ...change } : leg)));
  }
  remove(index: number) {
    this.put(this.legs.filter((_, at) => at !== index));
  }
  /** Buys what was sold and the other way round. */
  turn() {
    this.put(this.legs.map((leg) => ({ ...leg, buy: !leg.buy })));
  }
  /** Whether a leg of this series is there, the one at `except` aside. */
  has(instrument: string, except: number): boolean {
    return this.legs.some((leg, at) => at !== except && leg.instrument === instrument);
  }
}

export const scene = new Scene();

/** Moments from now to the last expiry: each expiry, and days (or hours, when it is near) between them. */
export function stops(now: number, expiries: readonly { expiry: string; at: number }[]): Stop[] {
  const ahead = expiries.filter((each) => each.at > now);
  const last = Math.max(0, ...ahead.map((each) => each.at));
  if (last === 0) return [{ at: now, expiry: null }];
  const step = last - now > DAYS(4) ? DAYS(1) : HOURS(2);
  const found: Stop[] = ahead.map(({ expiry, at }) => ({ at, expiry }));
  for (let at = later(last, -step); at > now; at = later(at, -step)) {
    if (!found.some((stop) => stop.at === at)) found.push({ at, expiry: null });
  }
  return [{ at: now, expiry: null }, ...found.sort((a, b) => a.at - b.at)];
}

/** The stop nearest to a moment. */
export function stopAt(all: readonly Stop[], at: number | null): number {
  return at === null ? 0 : nearest(all.map((stop) => stop.at), at);
}

/** The expiry in an instrument's name. */
export function expiryOf(instrument: string): string {
  return readName(instrument)?.expiry ?? '';
}
