import { describe, expect, it, vi } from 'vitest';
import HeatMap from '../chart/HeatMap.svelte';
import Payoff from '../chart/Payoff.svelte';
import DataTable from './DataTable.svelte';
import { step } from './roving';
import { press, render, said } from './testing';

const tick = () => new Promise((done) => setTimeout(done));
const focused = () => document.activeElement as HTMLElement;

describe('keys of a grid', () => {
  it.each([
    ['ArrowUp', false, [0, 3]],
    ['ArrowDown', false, [2, 3]],
    ['ArrowLeft', false, [1, 2]],
    ['ArrowRight', false, [1, 3]],
    ['Home', false, [1, 0]],
    ['End', false, [1, 3]],
    ['Home', true, [0, 0]],
    ['End', true, [9, 3]],
    ['PageDown', false, [9, 3]],
    ['PageUp', false, [0, 3]],
    ['x', false, null],
  ] as const)('%s (ctrl %s) from row 1, last column leads to %j', (key, ctrl, want) =>
    expect(step(key, ctrl, [1, 3], [10, 4], 8)).toEqual(want),
  );

  it('leave one cell in the tab order, also when rows come and go', async () => {
    const columns = [
      { key: 'a', head: 'A', text: (row: { id: number }) => String(row.id) },
      { key: 'b', head: 'B', text: (row: { id: number }) => `b${row.id}` },
    ];
    const onchoose = vi.fn();
    const root = render(DataTable as never, { label: 'x', columns, rows: [{ id: 1 }, { id: 2 }], id: (row: { id: number }) => row.id, onchoose });
    await tick();
    const open = () => [...root.querySelectorAll<HTMLElement>('tbody td')].filter((cell) => cell.tabIndex === 0);
    expect(open().map((cell) => said(cell))).toEqual(['1']);
    open()[0]?.focus();
    press(focused(), 'ArrowDown');
    press(focused(), 'ArrowRight');
    expect(said(focused())).toBe('b2');
    expect(open().map((cell) => said(cell))).toEqual(['b2']);
    press(focused(), 'Enter');
    expect(onchoose).toHaveBeenCalledWith({ id: 2 });
    focused().closest('tr')?.remove();
    await tick();
    expect(open().map((cell) => said(cell))).toEqual(['1']);
  });
});

describe('a map', () => {
  const props = {
    label: 'Profit',
    columns: ['-10%', '0%', '+10%'],
    rows: ['+10', '0'],
    values: [[-1500, 0, 40], [-100, 0, null]],
    across: 'index',
    down: 'vol',
    unit: 'USDC',
    centre: { column: 1, row: 1 },
  };
  it('is a table of numbers whose worst cell is said in words', () => {
    const root = render(HeatMap, props);
    expect([...root.querySelectorAll('td')].map((cell) => said(cell))).toEqual(['\u22121.5k', '0', '+40', '\u2212100', '0', '\u2014']);
    expect(said(root.querySelector('figcaption'))).toContain('Worst: \u22121,500.00 USDC at index -10%, vol +10');
    expect(root.querySelector('td.worst')?.getAttribute('title')).toBe('index -10%, vol +10: \u22121,500.00 USDC');
  });
  it('starts keys at no change', async () => {
    const root = render(HeatMap, props);
    await tick();
    const start = [...root.querySelectorAll<HTMLElement>('[role="gridcell"],[role="rowheader"]')].filter((cell) => cell.tabIndex === 0);
    expect(start.map((cell) => cell.hasAttribute('data-start'))).toEqual([true]);
  });
});

describe('a payoff', () => {
  const props = {
    expiry: [{ price: '60000', profit: '-500' }, { price: '100000', profit: '-500' }, { price: '150000', profit: '49500' }],
    band: { floor: '60000', cap: '150000' },
    index: '99000',
    breakEvens: ['100500'],
    strikes: [{ id: 'a', label: 'Buy 1 call', strike: '100000', options: ['95000', '100000', '105000'] }],
    unit: 'USDC',
  };
  it('says in a sentence what it draws, the band with it', () => {
    const root = render(Payoff, props);
    expect(root.querySelector('svg')?.getAttribute('aria-label')).toBe(
      'At expiry between \u2212500.00 and +49,500.00 USDC, break-even at 100,500. Settles between 60,000 and 150,000, flat beyond.',
    );
  });
  it('moves a strike by keys from one listed strike to the next, and not beyond the last', () => {
    const onstrike = vi.fn();
    const root = render(Payoff, { ...props, onstrike });
    const handle = root.querySelector('[role="slider"]')!;
    expect(handle.getAttribute('aria-valuetext')).toBe('100,000');
    for (const key of ['ArrowRight', 'ArrowLeft', 'Home', 'End']) press(handle, key);
    expect(onstrike.mock.calls.map((call) => call[1])).toEqual(['105000', '95000', '95000', '105000']);
    const last = render(Payoff, { ...props, strikes: [{ ...props.strikes[0]!, strike: '105000' }], onstrike });
    onstrike.mockClear();
    press(last.querySelector('[role="slider"]')!, 'ArrowRight');
    expect(onstrike).not.toHaveBeenCalled();
  });
});
