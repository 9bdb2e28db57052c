// A made-up market for developing the page without a node: a seeded walk of the index, a smile, Black-76. Nothing here is the product's pricing.

export const MARKET = 'BTC_USDC';
export const DAY = 86_400_000;
const YEAR = 365 * DAY;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** A generator of numbers from 0 to 1 that repeats for a seed (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** The normal distribution (Abramowitz and Stegun 26.2.17). */
function cdf(x) {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x > 0 ? 1 - tail : tail;
}

/** Undiscounted Black-76. */
export function black(call, forward, strike, years, vol) {
  const intrinsic = Math.max(call ? forward - strike : strike - forward, 0);
  const sd = vol * Math.sqrt(Math.max(years, 0));
  if (sd < 1e-9) return intrinsic;
  const d1 = Math.log(forward / strike) / sd + sd / 2;
  const [a, b] = call ? [cdf(d1), cdf(d1 - sd)] : [-cdf(-d1), -cdf(sd - d1)];
  return Math.max(forward * a - strike * b, intrinsic);
}

export const label = (ms) => {
  const at = new Date(ms);
  return `${at.getUTCDate()}${MONTHS[at.getUTCMonth()]}${String(at.getUTCFullYear() % 100).padStart(2, '0')}`;
};

const eight = (ms) => Math.floor(ms / DAY) * DAY + 8 * 3_600_000;

/** Dailies, Fridays, last Fridays of months. */
function calendar(now) {
  const next = eight(now) > now ? eight(now) : eight(now) + DAY;
  const days = [0, 1, 2].map((n) => next + n * DAY);
  for (let at = next; days.length < 6; at += DAY) if (new Date(at).getUTCDay() === 5 && !days.includes(at)) days.push(at);
  for (let month = 1; days.length < 8; month += 1) {
    const end = new Date(now);
    let at = Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + month + 1, 0, 8);
    while (new Date(at).getUTCDay() !== 5) at -= DAY;
    if (!days.includes(at) && at > now) days.push(at);
  }
  return days.sort((a, b) => a - b);
}

export class Market {
  constructor(seed, now) {
    this.random = seeded(seed);
    this.index = 100_000;
    this.level = 0.5;
    this.tick = 88_000;
    this.publishedAt = now;
    this.surfaceAt = now;
    this.expiries = calendar(now).map((at) => this.#board(at, now));
    this.path = [];
  }

  #board(at, now) {
    const years = (at - now) / YEAR;
    const sd = this.atm(years) * Math.sqrt(years);
    const up = Math.min(Math.max(4 * sd, Math.log(1.5)), Math.max(Math.log(2.5), 2.5 * sd));
    const down = Math.min(Math.max(5 * sd, Math.log(1.5)), Math.log(5));
    const listed = Number(process.env.MOCK_STRIKES ?? 0);
    const step = listed > 0 ? 500 : years < 10 / 365 ? 1_000 : years < 60 / 365 ? 2_500 : 5_000;
    const width = listed > 0 ? Math.floor(listed / 2) : Math.max(6, Math.min(16, Math.ceil((2.2 * sd * this.index) / step)));
    const centre = Math.round(this.index / step) * step;
    const strikes = [];
    for (let k = -width; k <= width; k += 1) strikes.push(centre + k * step);
    if (listed > 0) strikes.length = listed;
    const round = (x) => Math.round(x / 10) * 10;
    return { at, label: label(at), strikes, floor: round(this.index * Math.exp(-down)), cap: round(this.index * Math.exp(up)) };
  }

  atm(years) {
    return this.level * (1 + 0.12 * Math.exp(-years * 12)) + 0.02 * Math.sqrt(years);
  }

  forward(board, shift = 0, at = this.publishedAt) {
    return this.index * (1 + shift) * Math.exp(0.04 * Math.max(board.at - at, 0) / YEAR);
  }

  vol(board, strike, { shift = 0, points = 0, at = this.publishedAt } = {}) {
    const years = Math.max((board.at - at) / YEAR, 1 / 8_760);
    const x = Math.log(strike / this.forward(board, shift, at)) / Math.sqrt(Math.max(years, 0.02));
    return Math.max(0.05, this.atm(years) - 0.05 * x + 0.11 * x * x + points / 100);
  }

  /** The mark of a contract, banded. */
  mark(name, shock = {}) {
    const { board, strike, call } = name;
    const at = shock.at ?? this.publishedAt;
    const forward = this.forward(board, shock.shift ?? 0, at);
    const years = Math.max(board.at - at, 0) / YEAR;
    const vanilla = (k) => black(call, forward, k, years, this.vol(board, k, shock));
    return Math.max(0, vanilla(strike) - vanilla(call ? board.cap : board.floor));
  }

  payoff({ board, strike, call }, settlement) {
    const at = Math.min(Math.max(settlement, board.floor), board.cap);
    return Math.max(call ? at - strike : strike - at, 0);
  }

  greeks(name) {
    const { index } = this;
    const base = this.mark(name);
    const up = this.mark(name, { shift: 0.001 });
    const down = this.mark(name, { shift: -0.001 });
    return {
      delta: (up - down) / (0.002 * index),
      gamma: (up - 2 * base + down) / (0.001 * index) ** 2,
      vega: (this.mark(name, { points: 0.5 }) - this.mark(name, { points: -0.5 })) / 1,
      theta: this.mark(name, { at: Math.min(this.publishedAt + DAY, name.board.at) }) - base,
    };
  }

  /** Reads an instrument's name; `null` when it is none of ours. */
  read(text) {
    const found = /^BTC_USDC-([^-]+)-(\d+)-([CP])$/.exec(text ?? '');
    const board = found && this.expiries.find((each) => each.label === found[1]);
    if (!board || !board.strikes.includes(Number(found[2]))) return null;
    return { text, board, strike: Number(found[2]), call: found[3] === 'C' };
  }

  /** The next price, `seconds` later. */
  step(seconds, at) {
    const sd = this.level * Math.sqrt((seconds * 1_000) / YEAR);
    this.index = Math.round(this.index * Math.exp(sd * normal(this.random)) * 100) / 100;
    this.level = Math.max(0.3, this.level + (0.5 - this.level) * 0.0005 + 0.0004 * normal(this.random));
    this.tick += 1;
    this.publishedAt = at;
    if (at - this.surfaceAt > 60_000) this.surfaceAt = at;
  }
}
