/** Columns of one side of the chain, from the outside towards the strike. Puts show the prices in the same order as calls. */

export interface ChainColumn {
  key: 'oi' | 'pool' | 'delta' | 'iv' | 'mark' | 'bid' | 'ask';
  head: string;
  /** Its entry in the glossary. */
  term?: string;
  /** What a click on it opens. */
  side?: 'buy' | 'sell';
  /** Shown from this width of the chain on, px. */
  from: number;
}

const ALL: readonly ChainColumn[] = [
  { key: 'oi', head: 'OI', term: 'oi', from: 700 },
  { key: 'pool', head: 'Pool', term: 'pool', from: 1_040 },
  { key: 'delta', head: '\u0394', term: 'delta', from: 0 },
  { key: 'iv', head: 'IV', term: 'iv', from: 0 },
  { key: 'mark', head: 'Mark', term: 'mark', from: 820 },
  { key: 'bid', head: 'Bid', side: 'sell', from: 0 },
  { key: 'ask', head: 'Ask', side: 'buy', from: 0 },
];

/** The columns that fit. */
export function columnsFor(width: number): ChainColumn[] {
  return ALL.filter((column) => width >= column.from);
}

/** Those of puts: outside out, but bid before ask. */
export function mirrored(columns: readonly ChainColumn[]): ChainColumn[] {
  const prices = columns.filter((column) => column.side);
  return [...prices, ...columns.filter((column) => !column.side).reverse()];
}
