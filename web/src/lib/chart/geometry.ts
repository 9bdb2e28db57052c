/** Geometry of drawings: floats and pixels. Amounts become floats here to be drawn, and never come back. */
import { subtract, toNumber } from '../num/decimal';

/** A point of a drawing. */
export interface Point {
  x: number;
  y: number;
}

/** A width or place in percent of its parent. */
export function share(value: number, whole: number): string {
  const part = whole > 0 ? (value / whole) * 100 : 0;
  return `${Math.min(100, Math.max(0, part))}%`;
}

/** Points of exact amounts as floats. */
export function points<T>(rows: readonly T[], x: (row: T) => string | number, y: (row: T) => string | number): Point[] {
  const float = (value: string | number) => (typeof value === 'number' ? value : toNumber(value));
  return rows.map((row) => ({ x: float(x(row)), y: float(y(row)) }));
}

/** The value at `x` of a line through points in ascending order; flat beyond its ends, as payoffs are beyond their band. */
export function lineAt(line: readonly Point[], x: number): number {
  const after = line.findIndex((point) => point.x >= x);
  const last = line.at(-1);
  if (!last) return NaN;
  if (after < 0) return last.y;
  const right = line[after] ?? last;
  const left = line[after - 1] ?? right;
  const width = right.x - left.x;
  return width === 0 ? right.y : left.y + ((x - left.x) / width) * (right.y - left.y);
}

/** The part of a line between two places, with points at both. */
export function clip(line: readonly Point[], from: number, to: number): Point[] {
  const inside = line.filter((point) => point.x > from && point.x < to);
  return [{ x: from, y: lineAt(line, from) }, ...inside, { x: to, y: lineAt(line, to) }];
}

/** The parts of a line that are above zero and those below, each closed along zero: for filling. */
export function split(line: readonly Point[]): { above: Point[][]; below: Point[][] } {
  const parts: { above: Point[][]; below: Point[][] } = { above: [], below: [] };
  let run: Point[] = [];
  let way = 0;
  const flush = () => {
    if (run.length > 1 && way !== 0) parts[way > 0 ? 'above' : 'below'].push(run);
    run = [];
  };
  for (const [at, point] of line.entries()) {
    const before = line[at - 1];
    if (before && before.y !== 0 && point.y !== 0 && before.y > 0 !== point.y > 0) {
      const cross = { x: before.x - (before.y / (point.y - before.y)) * (point.x - before.x), y: 0 };
      run.push(cross);
      flush();
      run = [cross];
      way = 0;
    }
    run.push(point);
    if (point.y !== 0) {
      way = point.y;
    } else if (way !== 0) {
      flush();
      run = [point];
      way = 0;
    }
  }
  flush();
  return parts;
}

/** A range with some room at both ends; never empty. */
export function padded(values: readonly number[], room = 0.08): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = Math.max((high - low) * room, Math.abs(high) * 1e-6, 1e-9);
  return [low - pad, high + pad];
}

/** Part of the way from one place to another. */
export function between(from: number, to: number, part: number): number {
  return from + (to - from) * part;
}

/** The settlement prices worth seeing: around the index, the strikes and the break-evens, or the whole band. */
export function priceRange(near: readonly number[], index: number, band: [number, number], whole: boolean): [number, number] {
  if (whole) return padded([...band, index, ...near], 0.06);
  return padded([index * 0.78, index * 1.28, ...near.filter((price) => price > index * 0.4 && price < index * 2.5)], 0.04);
}

/** The diverging scale: symmetric around zero, cut where 98 of 100 values lie inside. */
export function symmetricLimit(values: readonly number[]): number {
  const sizes = values
    .filter(Number.isFinite)
    .map(Math.abs)
    .sort((a, b) => a - b);
  if (sizes.length === 0) return 1;
  const at = Math.min(sizes.length - 1, Math.ceil(sizes.length * 0.98) - 1);
  return sizes[Math.max(at, 0)] || sizes.at(-1) || 1;
}

/** Which of the nine steps a value has, and whether it lies beyond the scale. Zero has the middle one to itself. */
export function divergingStep(value: number, limit: number): { step: number; clipped: boolean } {
  const part = value / limit;
  // The middle step is a ninth of the scale wide.
  const step = Math.round(Math.min(1, Math.max(-1, part)) * 4) + 4;
  return { step, clipped: Math.abs(part) > 1 + 1e-9 };
}

/** The index of the value nearest to `wanted`. */
export function nearest(values: readonly number[], wanted: number): number {
  let best = 0;
  for (const [at, value] of values.entries()) {
    if (Math.abs(value - wanted) < Math.abs((values[best] ?? Infinity) - wanted)) best = at;
  }
  return best;
}

/** The rows of a list that are in view, with a few around them: from, and up to but not with. */
export function rowsInView(top: number, height: number, row: number, around = 3): [number, number] {
  const size = Math.max(row, 1);
  return [Math.max(0, Math.floor(top / size) - around), Math.ceil((top + height) / size) + around];
}

/** At most `count` items, spread over the list, its first and last among them. */
export function thin<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  const out: T[] = [];
  for (let at = 0; at < count; at += 1) {
    const item = items[Math.round((at * (items.length - 1)) / (count - 1))];
    if (item !== undefined) out.push(item);
  }
  return out;
}

/** Payoffs less a cost, exact: profit by settlement price. */
export function profits(line: readonly { price: string; payoff: string }[], cost: string): { price: string; profit: string }[] {
  return line.map((point) => ({ price: point.price, profit: subtract(point.payoff, cost) }));
}

/** Profit now by index price: changes of value from what the legs are worth, less what they cost. */
export function profitNow(index: string, shocks: readonly number[], changes: readonly number[], value: number, cost: string) {
  return shocks.map((shock, at) => ({
    price: toNumber(index) * (1 + shock),
    profit: value + (changes[at] ?? NaN) - toNumber(cost),
  }));
}

/** The change from `from` to `to` as a fraction of `from`. */
export function changeFraction(from: string, to: string): number {
  return toNumber(to) / toNumber(from) - 1;
}

/** The change from `from` to `to` in percent; `null` when there is nothing to start from. */
export function changePercent(from: number | undefined, to: string | null | undefined): number | null {
  return from && to ? ((toNumber(to) - from) / from) * 100 : null;
}
