/** The path of a pool: asked for, then lengthened by what the stream says. */
import { api, ask } from '../../lib/api/client';
import { type Resource, resource } from '../../lib/api/resource.svelte';
import type { NavPath, NavPoint } from '@cenote/client';
import { venue } from '../../lib/api/venue.svelte';
import { thin } from '../../lib/chart/geometry';
import { DAYS, HOURS } from '../../lib/num/time';

/** How far back a chart looks. */
export const RANGES = [
  { id: '1h', label: '1 h', ms: HOURS(1) },
  { id: '1d', label: '1 d', ms: DAYS(1) },
  { id: '30d', label: '30 d', ms: DAYS(30) },
  { id: 'all', label: 'All', ms: null },
] as const;

/** Points that a chart needs at most. */
const POINTS = 600;
/** Points that the summary is made of: as many as the venue gives, so that no low is missed. */
const SUMMARY_POINTS = 5_000;

/** A path from where there is something to draw: before its first money a pool has no value, and that is no fall to zero. */
export function funded(points: readonly NavPoint[]): readonly NavPoint[] {
  const first = points.findIndex((point) => point.nav_low > 0);
  return first < 0 ? [] : points.slice(first);
}

export class Path {
  /** From the start, for the figures of the whole life. */
  readonly whole: Resource<NavPath>;
  /** What the chart looks at. */
  readonly shown: Resource<NavPath>;
  /** Points that came by since, ascending. */
  #tail = $state.raw<readonly NavPoint[]>([]);

  constructor(pool: () => number | null, range: () => string) {
    const load = (number: number, query: { points: number; from?: number }, signal: AbortSignal) =>
      ask(api.GET('/v1/pools/{pool}/nav', { params: { path: { pool: number }, query }, signal }));
    this.whole = resource(pool, (number, signal) => load(number, { points: SUMMARY_POINTS }, signal), {
      every: () => venue.tick,
      gap: 20_000,
      keep: true,
    });
    // The range is asked for anew now and then: its beginning moves.
    this.shown = resource(
      () => {
        const number = pool();
        return number === null ? null : { number, back: RANGES.find((each) => each.id === range())?.ms ?? null };
      },
      ({ number, back }, signal) => load(number, { points: POINTS, ...(back === null ? {} : { from: Math.max(0, Math.floor(venue.time - back)) }) }, signal),
      { every: () => venue.tick, gap: 60_000, keep: true },
    );
    $effect(() => {
      void venue.epoch;
      const number = pool();
      this.#tail = [];
      if (number === null) return;
      return venue.socket.subscribe(`nav.${number}.1s`, (data) => this.#take(data as NavPoint));
    });
  }

  #take(point: NavPoint) {
    const last = this.#tail.at(-1);
    if (last && point.time <= last.time) return;
    // Long after the last answer the stream alone must not grow without end.
    this.#tail = [...this.#tail.slice(-POINTS), point];
  }

  /** What was asked for and what came after it. */
  readonly points: readonly NavPoint[] = $derived.by(() => {
    const asked = this.shown.value?.points ?? [];
    const last = asked.at(-1)?.time ?? 0;
    return thin(funded([...asked, ...this.#tail.filter((point) => point.time > last)]), POINTS);
  });

  /** The moments that the whole path covers. */
  readonly span: [number, number] | null = $derived.by(() => {
    const points = funded(this.whole.value?.points ?? []);
    const [first, last] = [points[0], points.at(-1)];
    return first && last ? [first.time, last.time] : null;
  });
}
