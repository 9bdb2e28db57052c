/**
 * How numbers are shown. Exact amounts come as decimal text and lose no digit but the ones that are rounded away; model figures come as floats.
 * Every function takes a value that is known; `Num.svelte` and `text` handle what is not.
 */
import { absolute, isZero, round, sign, trim } from './decimal';
import { type Known, Unknown } from './known';

/** An exact amount or a model figure. */
export type Figure = string | number;

/** U+2212: as wide as a plus, and read aloud as minus. */
export const MINUS = '\u2212';
/** What stands for a figure that is not known. */
export const DASH = '\u2014';

/** How digits are grouped: `1,234.5`, `1 234.5` (thin space) or `1.234,5`. */
export type Grouping = 'comma' | 'space' | 'point';

const SIGNS: Record<Grouping, { group: string; point: string }> = {
  comma: { group: ',', point: '.' },
  space: { group: '\u202f', point: '.' },
  point: { group: '.', point: ',' },
};

let signs = SIGNS.comma;

/** Chooses how digits are grouped from now on; the page is drawn anew after it. */
export function setGrouping(grouping: Grouping): void {
  signs = SIGNS[grouping];
}

/** A figure as plain decimal text. */
export function plain(value: Figure): string {
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) throw new RangeError('a figure that is not finite is unknown');
  const text = value.toString();
  return text.includes('e') ? trim(value.toFixed(20)) : text;
}

/** Groups the digits of a decimal without a sign. */
function grouped(text: string): string {
  const point = text.indexOf('.');
  const whole = point < 0 ? text.length : point;
  let out = whole <= 3 ? text.slice(0, whole) : '';
  if (whole > 3) {
    const first = whole % 3 || 3;
    out = text.slice(0, first);
    for (let at = first; at < whole; at += 3) out += signs.group + text.slice(at, at + 3);
  }
  return point < 0 ? out : out + signs.point + text.slice(point + 1);
}

/** Rounded to a fixed number of decimals; zero is `0.00`, and what is not zero never looks like it: `<0.01`. */
export function fixed(value: Figure, decimals: number): string {
  // Most figures: a float of ordinary size, which rounds to something.
  if (typeof value === 'number') {
    const magnitude = Math.abs(value);
    if (magnitude >= 1 && magnitude < 1e20) return (value < 0 ? MINUS : '') + grouped(magnitude.toFixed(decimals));
  }
  const exact = plain(value);
  const text = typeof value === 'number' ? toFixed(value, decimals) : round(exact, decimals);
  const negative = exact.startsWith('-') && !isZero(exact);
  if (isZero(text) && !isZero(exact)) {
    const least = decimals > 0 ? `0${signs.point}${'0'.repeat(decimals - 1)}1` : '1';
    return negative ? `>${MINUS}${least}` : `<${least}`;
  }
  return (negative ? MINUS : '') + grouped(absolute(text));
}

function toFixed(value: number, decimals: number): string {
  return Math.abs(value) < 1e20 ? value.toFixed(decimals) : plain(value);
}

/** A price with the decimals of its column. */
export function price(value: Figure, decimals = 2): string {
  return fixed(value, decimals);
}

/** Money, two decimals; its unit stands next to it. */
export function cash(value: Figure): string {
  return fixed(value, 2);
}

/** A number of contracts or shares: as many decimals as it has, at most `most`. */
export function size(value: Figure, most = 6): string {
  const text = fixed(value, most);
  const fraction = text.lastIndexOf(signs.point);
  return fraction < 0 || !/^[\d\u2212]/.test(text) || most === 0 ? text : text.replace(/0+$/, '').replace(/[.,]$/, '');
}

/** A number of contracts with its sign. */
export function signedSize(value: Figure, most = 6): string {
  return withSign(value, size(value, most));
}

/** A percentage with one decimal. */
export function percent(value: Figure, decimals = 1): string {
  return `${fixed(value, decimals)}%`;
}

/** Money with its sign always, zero without one. */
export function signedCash(value: Figure): string {
  return withSign(value, cash(value));
}

/** A percentage with its sign always. */
export function signedPercent(value: Figure, decimals = 2): string {
  return withSign(value, percent(value, decimals));
}

/** Any text of a figure with a plus in front when the figure is above zero. */
export function withSign(value: Figure, text: string): string {
  return direction(value) > 0 ? `+${text}` : text;
}

/** -1, 0 or 1. */
export function direction(value: Figure): -1 | 0 | 1 {
  return typeof value === 'string' ? sign(value) : value > 0 ? 1 : value < 0 ? -1 : 0;
}

/** A change in three ways at once, so that none depends on colour: its arrow and the class of its colour. */
export function arrow(value: Figure): { arrow: string; word: string; tone: 'up' | 'down' | '' } {
  const way = direction(value);
  if (way > 0) return { arrow: '\u25b2', word: 'up', tone: 'up' };
  if (way < 0) return { arrow: '\u25bc', word: 'down', tone: 'down' };
  return { arrow: '', word: 'unchanged', tone: '' };
}

const LARGE: readonly [number, string][] = [
  [12, 'T'],
  [9, 'B'],
  [6, 'M'],
  [3, 'k'],
];

/** Short, for cards: `12.4 M`. The whole number is in the title and in what is copied. */
export function large(value: Figure): string {
  const exact = plain(value);
  for (const [power, letter] of LARGE) {
    // What rounds to 1,000.0 k is 1.0 M.
    const below = round(shift(exact, power - 3), power === 3 ? 2 : 1);
    if (!/^-?\d{1,3}\./.test(below)) return `${fixed(shift(exact, power), 1)}\u00a0${letter}`;
  }
  return fixed(exact, 2);
}

/** Moves the decimal point to the left. */
function shift(text: string, places: number): string {
  if (places === 0) return text;
  const [whole = '0', fraction = ''] = absolute(text).split('.');
  const digits = whole.padStart(places + 1, '0');
  const at = digits.length - places;
  return `${text.startsWith('-') ? '-' : ''}${digits.slice(0, at)}.${digits.slice(at)}${fraction}`;
}

/** Three significant digits: sensitivities, whose unit is in the heading. Below a hundred-thousandth in powers of ten. */
export function greek(value: number): string {
  if (value === 0) return `0${signs.point}00`;
  // Most of them: three digits that no rounding makes four.
  const magnitude = Math.abs(value);
  if (magnitude >= 0.1 && magnitude < 0.999) return `${value < 0 ? MINUS : ''}0${signs.point}${magnitude.toFixed(3).slice(2)}`;
  if (magnitude >= 0.01 && magnitude < 0.0999) return `${value < 0 ? MINUS : ''}0${signs.point}${magnitude.toFixed(4).slice(2)}`;
  const exponent = Number(value.toExponential(2).split('e')[1]);
  if (exponent < -5) {
    const [digits = ''] = value.toExponential(2).split('e');
    return `${digits.replace('-', MINUS).replace('.', signs.point)}\u00d710${superscript(exponent)}`;
  }
  const rounded = Number(value.toPrecision(3));
  return fixed(rounded, Math.max(0, 2 - exponent));
}

/** A sensitivity with its sign. */
export function signedGreek(value: number): string {
  return withSign(value, greek(value));
}

function superscript(n: number): string {
  const digits = '\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079';
  return (n < 0 ? '\u207b' : '') + [...Math.abs(n).toString()].map((d) => digits[Number(d)]).join('');
}

/** Any formatter on what may be unknown. */
export function text<T>(value: Known<T>, format: (value: T) => string): string {
  return value instanceof Unknown ? DASH : format(value);
}
