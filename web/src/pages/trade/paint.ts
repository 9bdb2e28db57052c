/**
 * Prices of a chain, written into its cells. A chain of a hundred strikes has two thousand cells and changes with every tick: each row keeps what
 * its cells show, and only a figure that is another one is formatted and written.
 */
import type { ChainSeries, ChainStrike } from '@cenote/client';
import { DASH, type Figure, greek, percent, price, signedSize, size } from '../../lib/num/format';
import { flash } from '../../lib/ui/flash';
import type { ChainColumn } from './columns';

/** How rows are shown. */
export interface Look {
  /** Of prices. */
  decimals: number;
  /** How digits are grouped, and whatever else all figures are written by: all are written anew when it changes. */
  style: string;
  /** What the ticket does with a series. */
  chosen: (name: string) => 'buy' | 'sell' | null;
}

type Key = ChainColumn['key'];

/** The figure of a cell; `null` when there is none. */
function figure(series: ChainSeries, key: Key): Figure | null {
  switch (key) {
    case 'bid':
      return series.bid_price ?? null;
    case 'ask':
      return series.ask_price ?? null;
    case 'mark':
      return series.mark_price;
    case 'iv':
      return series.mark_iv ?? null;
    case 'delta':
      return series.greeks.delta;
    case 'oi':
      return series.open_interest;
    case 'pool':
      return series.pool_position;
  }
}

function written(value: Figure, key: Key, decimals: number): string {
  switch (key) {
    case 'bid':
    case 'ask':
    case 'mark':
      return price(value, decimals);
    case 'iv':
      return percent(value);
    case 'delta':
      return typeof value === 'number' ? greek(value) : value;
    case 'oi':
      return size(value, 2);
    case 'pool':
      return signedSize(value, 2);
  }
}

/** Why a cell is a dash. */
function missing(key: Key): string | null {
  if (key === 'bid') return 'The pool would not take this size';
  if (key === 'ask') return 'The pool cannot sell this size';
  return key === 'iv' ? 'No vol gives this price' : null;
}

/** One cell, and what it shows. */
class Cell {
  readonly #cell: HTMLElement;
  readonly #text: Text;
  readonly #column: ChainColumn;
  #value: Figure | null | undefined;
  #says = '';
  #name = '';
  #helps = false;
  #chosen = false;

  constructor(cell: HTMLElement, column: ChainColumn) {
    this.#cell = cell;
    this.#column = column;
    this.#text = document.createTextNode('');
    cell.replaceChildren(this.#text);
  }

  /** Shows a series; the cell when the figure is another one than a moment ago, of the same series. */
  show(series: ChainSeries, look: Look, anew: boolean): Moved | null {
    const { key, side } = this.#column;
    const same = series.instrument_name === this.#name;
    if (!same) {
      this.#name = series.instrument_name;
      this.#cell.dataset.name = this.#name;
    }
    if (side) {
      const helps = side === 'buy' ? series.buy_helps_pool : series.sell_helps_pool;
      if (helps !== this.#helps) this.#cell.classList.toggle('helps', (this.#helps = helps));
      const chosen = look.chosen(this.#name) === side;
      if (chosen !== this.#chosen) this.#cell.classList.toggle('chosen', (this.#chosen = chosen));
    }
    const now = figure(series, key);
    const before = this.#value;
    if (now === before && !anew) return null;
    this.#value = now;
    const says = now === null ? DASH : written(now, key, look.decimals);
    // The text itself, not the cell's content: nothing is taken out of the page and put back. What reads the same is left alone.
    if (says === this.#says) return null;
    this.#says = says;
    this.#text.data = says;
    const why = now === null ? missing(key) : null;
    if (why) this.#cell.title = why;
    else if (before === null) this.#cell.removeAttribute('title');
    return side && same && now !== null && before != null && now !== before ? { cell: this.#cell, now, before } : null;
  }
}

/** A figure that moved. */
interface Moved {
  cell: HTMLElement;
  now: Figure;
  before: Figure;
}

/** One strike: its call, itself, its put. */
export class Row {
  readonly #calls: Cell[];
  readonly #puts: Cell[];
  readonly #halves: HTMLElement[][];
  #shown: ChainStrike | undefined;
  #look: Look | undefined;
  #above: boolean | undefined;

  constructor(row: HTMLElement, calls: readonly ChainColumn[], puts: readonly ChainColumn[]) {
    const cells = [...row.children] as HTMLElement[];
    this.#halves = [cells.slice(0, calls.length), cells.slice(calls.length + 1)];
    const take = (columns: readonly ChainColumn[], half: HTMLElement[] | undefined) =>
      columns.flatMap((column, at) => (half?.[at] ? [new Cell(half[at], column)] : []));
    this.#calls = take(calls, this.#halves[0]);
    this.#puts = take(puts, this.#halves[1]);
  }

  /** Shows a strike; what moved is added to `moved`. `above` the forward the put is in the money, below it the call. */
  show(strike: ChainStrike, look: Look, above: boolean, moved: Moved[]) {
    if (strike === this.#shown && look === this.#look && above === this.#above) return;
    const anew = look.style !== this.#look?.style || look.decimals !== this.#look.decimals;
    if (above !== this.#above) {
      this.#halves[0]?.forEach((cell) => cell.classList.toggle('money', !above));
      this.#halves[1]?.forEach((cell) => cell.classList.toggle('money', above));
    }
    [this.#shown, this.#look, this.#above] = [strike, look, above];
    const each = (cells: readonly Cell[], series: ChainSeries) => {
      for (const cell of cells) {
        const one = cell.show(series, look, anew);
        if (one) moved.push(one);
      }
    };
    each(this.#calls, strike.call);
    each(this.#puts, strike.put);
  }
}

/** More figures than this at once and none flashes: what moves as a whole says nothing of its parts. */
const FLASHES_MAX = 40;

/** A wash over each figure that moved. */
export function wash(moved: readonly Moved[]) {
  if (moved.length <= FLASHES_MAX) for (const { cell, now, before } of moved) flash(cell, now, before);
}
