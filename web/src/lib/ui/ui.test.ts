import { flushSync } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { Unknown } from '../num/known';
import Bar from './Bar.svelte';
import CostTable from './CostTable.svelte';
import Delta from './Delta.svelte';
import ErrorBox from './ErrorBox.svelte';
import Field from './Field.svelte';
import Num from './Num.svelte';
import Segmented from './Segmented.svelte';
import Stale from './Stale.svelte';
import StatusStrip, { type Health, type Item } from './StatusStrip.svelte';
import Tabs from './Tabs.svelte';
import Timeline from './Timeline.svelte';
import { press, render, said, words } from './testing';
import type { Step } from './Timeline.svelte';

const COST = { mark: '100', impact: '2.5', capital: '0', spread: '1', latency: '-0.25', fee: '0.3', rounding: '0.000001', total: '103.550001' };

describe('figures', () => {
  it('say a change by sign, arrow, word and colour, and nothing of the kind for zero', () => {
    const of = (value: string | number) => {
      const root = render(Delta, { value });
      return [said(root), root.querySelector('.delta')?.className.match(/\b(up|down)\b/)?.[0] ?? ''];
    };
    expect(of('-12.5')).toEqual(['\u25bc down \u221212.50', 'down']);
    expect(of('0')).toEqual(['0.00', '']);
    expect(of(12.5)).toEqual(['\u25b2 up +12.50', 'up']);
  });
  it('that are not known are a dash with its reason, never zero', () => {
    for (const root of [render(Num, { value: new Unknown('no price yet') }), render(Delta, { value: new Unknown('no price yet') })]) {
      expect(said(root)).toBe('\u2014');
      expect(root.querySelector('[role="img"]')?.getAttribute('aria-label')).toContain('no price yet');
    }
  });
  it('keep every digit for the title and the clipboard', () => {
    const figure = render(Num, { value: '9624.800013', unit: 'USDC' }).querySelector<HTMLElement>('.figure');
    expect(said(figure)).toBe('9,624.80 USDC');
    expect([figure?.dataset.plain, figure?.title]).toEqual(['9624.800013', '9624.800013 USDC']);
  });
});

describe('a cost', () => {
  it('names every part and shows their sum', () => {
    const root = render(CostTable, { cost: COST, unit: 'USDC', keeper: '0.05' });
    const rows = [...root.querySelectorAll('tbody tr, tfoot tr')].map((row) => said(row));
    expect(rows.map((row) => row.replace(/ .*/, ''))).toEqual(['Base', 'Impact', 'Capital', 'Spread', 'Latency', 'Fee', 'Rounding', 'Total', 'Keeper']);
    expect(rows[1]).toBe('Impact of your size 2.50 +2.50%');
    expect(rows[7]).toBe('Total 103.55');
    expect(said(root)).not.toContain('do not add up');
  });
  it('says so when parts do not add up', () => {
    expect(said(render(CostTable, { cost: { ...COST, total: '103.55' }, unit: 'USDC' }))).toContain('do not add up');
  });
  it('shows what was quoted beside what was filled', () => {
    const root = render(CostTable, { cost: COST, quoted: { ...COST, total: '101' }, unit: 'USDC' });
    expect(said(root.querySelector('tfoot'))).toBe('Total 101.00 103.55');
  });
});

describe('errors', () => {
  it('have a sentence, a code, the numbers, the next action and a retry', () => {
    const onretry = vi.fn();
    const error = { code: 'insufficient_cash', message: 'It takes 5 and there are 3. Deposit 2.', data: { needed: '5', free: '3' } };
    const root = render(ErrorBox, { error, onretry, children: words('Use 3') });
    for (const part of ['It takes 5', 'insufficient_cash', 'needed 5', 'free 3', 'Use 3']) expect(said(root)).toContain(part);
    root.querySelector('button')?.click();
    expect(onretry).toHaveBeenCalledOnce();
  });
});

describe('fields', () => {
  it('step by arrows, ten times with Shift, and never below the least', () => {
    const typed: string[] = [];
    const root = render(Field, { label: 'Amount', value: '0.3', step: '0.1', least: '0.1', unit: 'BTC', oninput: (text: string) => typed.push(text) });
    const input = root.querySelector('input')!;
    for (const [key, shiftKey] of [['ArrowUp', false], ['ArrowUp', true], ['ArrowDown', true]] as const) press(input, key, { shiftKey });
    expect(typed).toEqual(['0.4', '1.3', '0.1']);
    expect(press(input, 'a')).toBe(false);
  });
  it('are told apart by their labels and say what is wrong under them', () => {
    const root = render(Field, { label: 'Limit', value: 'x', oninput: () => {}, error: 'Write an amount.' });
    const input = root.querySelector('input')!;
    expect(input.getAttribute('aria-invalid')).toBe('true');
    expect(said(root.querySelector(`#${input.getAttribute('aria-describedby')}`))).toBe('Write an amount.');
    expect(root.querySelector('label')?.htmlFor).toBe(input.id);
  });
});

describe('tabs and choices', () => {
  const tabs = ['a', 'b', 'c'].map((id) => ({ id, label: id }));
  it('move by arrows around the end, and only the chosen one can be tabbed to', () => {
    const chosen: string[] = [];
    const root = render(Tabs, { label: 'x', tabs, chosen: 'c', onchoose: (id: string) => chosen.push(id) });
    const list = root.querySelector('[role="tablist"]')!;
    for (const key of ['ArrowRight', 'ArrowLeft', 'Home', 'End']) press(list, key);
    expect(chosen).toEqual(['a', 'b', 'a', 'c']);
    expect([...root.querySelectorAll<HTMLElement>('[role="tab"]')].map((tab) => tab.tabIndex)).toEqual([-1, -1, 0]);
  });
  it('of a few are radio buttons with a name', () => {
    const onchoose = vi.fn();
    const root = render(Segmented, { label: 'Side', choices: tabs, chosen: 'a', onchoose });
    expect(said(root.querySelector('legend'))).toBe('Side');
    root.querySelectorAll('input')[1]?.click();
    expect(onchoose).toHaveBeenCalledWith('b');
  });
});

describe('states', () => {
  it('keep what is old in view with its age in words', () => {
    const root = render(Stale, { ms: 12_000, children: words('4,812.40') });
    expect(said(root)).toBe('12 s old 4,812.40');
    expect(said(render(Stale, { ms: 2_000, children: words('4,812.40') }))).toBe('4,812.40');
    expect(said(render(Stale, { ms: null, children: words('4,812.40') }))).toBe('4,812.40');
  });
  it('of the venue are a word, not a colour alone', () => {
    const health: Health = { level: 'bad', word: 'Closed', why: 'Paused by the guardian.' };
    const items: Item[] = [{ name: 'Price', text: '12 s ago', level: 'warn' }, { name: 'Index', text: new Unknown('no price yet') }];
    const root = render(StatusStrip, { health, items });
    expect(said(root)).toBe('Closed Price 12 s ago late Index \u2014 Paused by the guardian.');
    expect(root.querySelector('[title="no price yet"]')).not.toBeNull();
  });
  it('of a bar are said as words, the cap with them', () => {
    const root = render(Bar, { label: 'Utilisation', value: 91.4, cap: 85 });
    expect(said(root)).toBe('Utilisation 91.4% of 85.0% allowed (over the cap)');
    expect(said(render(Bar, { label: 'x', value: new Unknown('no price'), cap: 85 }))).toContain('\u2014');
  });
  it('of a way are words for screen readers, with one current step', () => {
    const steps: Step[] = [{ name: 'Sent', state: 'done' }, { name: 'Due', state: 'now' }, { name: 'Filled', state: 'next' }];
    const root = render(Timeline, { label: 'x', steps });
    expect(said(root)).toBe('Sent, done Due, now Filled, to come');
    expect(root.querySelectorAll('[aria-current="step"]').length).toBe(1);
    flushSync();
  });
});
