/**
 * Arithmetic on exact amounts as decimal text. The one place of the page that computes with money: everything else shows fields of answers.
 * Texts are what the API writes: an optional minus, digits, an optional point with digits.
 */

/** An exact decimal: `units` times 10 to the power of minus `places`. */
interface Exact {
  units: bigint;
  places: number;
}

/** The character code of `5`. */
const FIVE = 53;
/** A decimal with a fraction as it is written everywhere: no sign, no zero before other digits. */
const ORDINARY = /^(0|[1-9]\d*)\.\d+$/;

const DECIMAL = /^-?\d+(\.\d+)?$/;

/** Whether a text is a decimal as the API writes it. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

function exact(text: string): Exact {
  if (!isDecimal(text)) throw new RangeError(`\`${text}\` is not a decimal`);
  const point = text.indexOf('.');
  if (point < 0) return { units: BigInt(text), places: 0 };
  return { units: BigInt(text.slice(0, point) + text.slice(point + 1)), places: text.length - point - 1 };
}

function written({ units, places }: Exact): string {
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places);
  return (negative ? '-' : '') + (places > 0 ? `${whole}.${fraction}` : whole);
}

function aligned(a: string, b: string): [bigint, bigint, number] {
  const [x, y] = [exact(a), exact(b)];
  const places = Math.max(x.places, y.places);
  const scale = (e: Exact) => e.units * 10n ** BigInt(places - e.places);
  return [scale(x), scale(y), places];
}

/** The sum, exact. */
export function add(a: string, b: string): string {
  const [x, y, places] = aligned(a, b);
  return trim(written({ units: x + y, places }));
}

/** The difference, exact. */
export function subtract(a: string, b: string): string {
  return add(a, negate(b));
}

/** The sum of any number of amounts, exact; `0` of none. */
export function sum(amounts: readonly string[]): string {
  return amounts.reduce(add, '0');
}

/** With the other sign. */
export function negate(text: string): string {
  if (isZero(text)) return '0';
  return text.startsWith('-') ? text.slice(1) : `-${text}`;
}

/** Without its sign. */
export function absolute(text: string): string {
  return text.startsWith('-') ? text.slice(1) : text;
}

/** -1, 0 or 1. */
export function sign(text: string): -1 | 0 | 1 {
  if (isZero(text)) return 0;
  return text.startsWith('-') ? -1 : 1;
}

/** Whether it is zero, however written. */
export function isZero(text: string): boolean {
  return !/[1-9]/.test(text);
}

/** -1, 0 or 1 as `a` is less than, equal to or more than `b`. */
export function compare(a: string, b: string): -1 | 0 | 1 {
  const [x, y] = aligned(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Without zeros at the end of its fraction. */
export function trim(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Rounded to so many places, half away from zero, padded with zeros: for people, never to be sent. */
export function round(text: string, places: number): string {
  // Most figures have as many digits as are shown, or lose some that change nothing.
  const point = text.indexOf('.');
  if (point > 0 && places > 0 && ORDINARY.test(text)) {
    const more = text.length - point - 1 - places;
    if (more === 0) return text;
    if (more > 0 && text.charCodeAt(point + places + 1) < FIVE) return text.slice(0, point + places + 1);
  }
  const value = exact(text);
  if (value.places <= places) {
    return written({ units: value.units * 10n ** BigInt(places - value.places), places });
  }
  const unit = 10n ** BigInt(value.places - places);
  const half = value.units < 0n ? -(unit / 2n) : unit / 2n;
  return written({ units: (value.units + half) / unit, places });
}

/** Rounded up or down to so many places: for limits, which must not ask for more than was said. */
export function roundTowards(text: string, places: number, towards: 'up' | 'down'): string {
  const value = exact(text);
  if (value.places <= places) return trim(text);
  const unit = 10n ** BigInt(value.places - places);
  const down = value.units / unit - (value.units % unit < 0n ? 1n : 0n);
  const up = down + (value.units % unit === 0n ? 0n : 1n);
  return trim(written({ units: towards === 'up' ? up : down, places }));
}

/** `size` steps of `step`, added to an amount and never below `least`. */
export function stepBy(text: string, step: string, size: number, least: string): string {
  const { units, places } = exact(step);
  const next = add(text, written({ units: units * BigInt(size), places }));
  return compare(next, least) < 0 ? least : next;
}

/** Times a fraction in basis points, rounded to six places away from zero: a limit so much worse than a cost. */
export function worseBy(cost: string, basisPoints: number): string {
  const { units, places } = exact(cost);
  const extra = ((units < 0n ? -units : units) * BigInt(Math.round(basisPoints * 100)));
  return roundTowards(add(cost, written({ units: extra, places: places + 6 })), 6, 'up');
}

/** The part of `whole` that `part` is, in percent, as a model figure; nothing of nothing is unknown and `null`. */
export function percentOf(part: string, whole: string): number | null {
  const of = toNumber(whole);
  return of === 0 ? null : (toNumber(part) / of) * 100;
}

/** The nearest float: for drawing, never for amounts that are sent. */
export function toNumber(text: string): number {
  return Number(text);
}

/** What a person typed as a decimal as the API reads it, with at most so many places; `null` when it is none. Commas, thin spaces and U+2212 are forgiven. */
export function parse(typed: string, places: number): string | null {
  const text = typed.replace(/[\s,_\u2009\u202f\u00a0]/g, '').replace('\u2212', '-').replace(/^\+/, '').replace(/\.$/, '').replace(/^(-?)\./, '$10.');
  if (!isDecimal(text)) return null;
  const plain = trim(text.replace(/^(-?)0+(?=\d)/, '$1'));
  const point = plain.indexOf('.');
  if (point >= 0 && plain.length - point - 1 > places) return null;
  return isZero(plain) ? '0' : plain;
}
