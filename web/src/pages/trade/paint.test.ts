import type { ChainStrike } from '@cenote/client';
import { beforeEach, describe, expect, it } from 'vitest';
import { columnsFor, mirrored } from './columns';
import { type Look, Row } from './paint';

const calls = columnsFor(2_000);
const puts = mirrored(calls);
const look = (more: Partial<Look> = {}): Look => ({ decimals: 2, style: '', chosen: () => null, ...more });
const series = (name: string, bid: string | null, ask: string | null, delta = 0.5) =>
  ({ instrument_name: name, bid_price: bid, ask_price: ask, mark_price: 1234.5, mark_iv: 50.12, greeks: { delta }, open_interest: '3', pool_position: '-2', buy_helps_pool: true, sell_helps_pool: false }) as ChainStrike['call'];
const strike = (expiry: string, bid: string | null, ask: string | null, delta?: number) =>
  ({ strike: '100000', call: series(`${expiry}-C`, bid, ask, delta), put: series(`${expiry}-P`, '1', '2') }) as ChainStrike;

let element: HTMLElement;
let row: Row;
beforeEach(() => {
  element = document.createElement('tr');
  for (const column of [...calls, null, ...puts]) {
    const cell = document.createElement(column ? 'td' : 'th');
    if (column) cell.className = column.key;
    element.append(cell);
  }
  row = new Row(element, calls, puts);
});
const says = (key: string) => element.querySelector(`.${key}`)?.textContent;
const show = (of: ChainStrike, by: Look = look(), above = false) => {
  const moved: Parameters<Row['show']>[3] = [];
  row.show(of, by, above, moved);
  return moved.map(({ cell, before, now }) => `${cell.className.split(' ')[0]} ${before} ${now}`);
};

describe('a row of the chain', () => {
  it('shows every figure of its strike, and why one is missing', () => {
    expect(show(strike('27MAR26', null, '12.5'))).toEqual([]);
    expect(['oi', 'pool', 'delta', 'iv', 'mark', 'bid', 'ask'].map(says)).toEqual(['3', '\u22122', '0.500', '50.1%', '1,234.50', '\u2014', '12.50']);
    const bid = element.querySelector<HTMLElement>('.bid');
    expect([bid?.title, bid?.dataset.name]).toEqual(['The pool would not take this size', '27MAR26-C']);
    show(strike('27MAR26', '11', '12.5'));
    expect([bid?.title, says('bid')]).toEqual(['', '11.00']);
  });
  it('tells what moved, of the same series alone', () => {
    show(strike('27MAR26', '10', '12'));
    expect(show(strike('27MAR26', '10', '13'))).toEqual(['ask 12 13']);
    expect(show(strike('27MAR26', '10', null))).toEqual([]);
    expect(show(strike('3APR26', '20', '21'))).toEqual([]);
    expect([says('bid'), says('ask'), element.querySelector<HTMLElement>('.ask')?.dataset.name]).toEqual(['20.00', '21.00', '3APR26-C']);
  });
  it('leaves alone what reads the same', () => {
    show(strike('27MAR26', '10', '12', 0.50001));
    const text = element.querySelector('.delta')?.firstChild as Text;
    let written = 0;
    Object.defineProperty(text, 'data', { set: () => (written += 1), get: () => '' });
    show(strike('27MAR26', '10', '12', 0.50002));
    expect(written).toBe(0);
    show(strike('27MAR26', '10', '12', 0.6));
    expect(written).toBe(1);
  });
  it('marks the money, what is in the ticket and what helps the pool, and writes all anew when prices are written otherwise', () => {
    const one = strike('27MAR26', '10', '12');
    show(one);
    expect(element.querySelectorAll('.money').length).toBe(calls.length);
    expect(element.querySelectorAll('.helps').length).toBe(2);
    show(one, look({ chosen: (name) => (name === '27MAR26-P' ? 'buy' : null), decimals: 0 }), true);
    expect([...element.querySelectorAll('.chosen')].map((cell) => cell.className)).toEqual(['ask helps money chosen']);
    expect([...element.children].findIndex((cell) => cell.classList.contains('money'))).toBe(calls.length + 1);
    expect(says('ask')).toBe('12');
  });
});
