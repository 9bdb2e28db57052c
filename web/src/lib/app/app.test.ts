import type { OrderLife } from '@cenote/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { keyboard } from './keyboard.svelte';
import { read } from './settings.svelte';
import { liquiditySteps, orderSteps } from './steps';
import { expiryWords, instrumentWords, legWords, readName, shortAddress } from './words';

const COST = { mark: '1', impact: '0', capital: '0', spread: '0', latency: '0', fee: '0', rounding: '0', total: '1' };
const LIFE: OrderLife = { legs: [], limit: '2', quoted: COST, state: 'signing' };

describe('the life of an order', () => {
  const states = (life: Partial<OrderLife>) => orderSteps({ ...LIFE, ...life }, 'USDC').map((step) => `${step.name} ${step.state}`);
  it.each([
    [{}, ['Signing now', 'Durable next', 'Due next', 'Filled next']],
    [{ state: 'sent' }, ['Sent done', 'Durable now', 'Due next', 'Filled next']],
    [{ state: 'durable', order: 7, dueAt: 1_000 }, ['Sent done', 'Durable done', 'Due now', 'Filled next']],
    [{ state: 'resting', order: 7 }, ['Sent done', 'Durable done', 'Due done', 'Resting now']],
    [{ state: 'filled', order: 7, cost: COST, tick: 9 }, ['Sent done', 'Durable done', 'Due done', 'Filled done']],
    [{ state: 'ended', order: 7, ended: 'not_filled' }, ['Sent done', 'Durable done', 'Due done', 'Not filled failed']],
    [{ state: 'ended', order: 7, ended: 'cancelled' }, ['Sent done', 'Durable done', 'Due done', 'Cancelled done']],
    [{ state: 'refused' }, ['Sent failed', 'Durable next', 'Due next', 'Refused failed']],
  ] as const)('%j', (life, want) => expect(states(life as Partial<OrderLife>)).toEqual(want));
});

describe('the life of a liquidity request', () => {
  const queue = { open_epoch: 41, closing_epoch: null, due_at: null, priced_from: 3_661_000, waiting: '0', lock_ms: 86_400_000 };
  const request = { epoch: 41, deposit: '0', exit: '5', paid: '0', due_at: null };
  it('is drawn by its state, out and in', () => {
    const states = (state: string, more = {}) => liquiditySteps({ ...request, ...more, state }, queue, 'USDC').map((step) => `${step.name} ${step.state}`);
    expect(states('requested')).toEqual(['Requested done', 'Priced now', 'Payable next', 'Paid next']);
    expect(states('priced')).toEqual(['Requested done', 'Priced done', 'Payable now', 'Paid next']);
    expect(states('closing', { deposit: '10' })).toEqual(['Requested done', 'Priced now', 'Claimable next', 'Shares next']);
    // Open or closing, what prices it is said; once priced, nothing is.
    const price = (state: string, due: number | null) => liquiditySteps({ ...request, state, due_at: due }, queue, 'USDC')[1]?.at;
    expect([price('requested', null), price('closing', 7_322_000), price('priced', 7_322_000)]).toEqual(['first price from 1 Jan 01:01:01', 'first price from 1 Jan 02:02:02', undefined]);
    expect(liquiditySteps({ ...request, state: 'waiting', paid: '3' }, queue, 'USDC')[2]?.note).toContain('3.00 USDC');
  });
});

describe('names', () => {
  it('are taken apart', () => {
    expect(readName('BTC_USDC-27MAR26-100000-C')).toEqual({ market: 'BTC_USDC', expiry: '27MAR26', strike: '100000', kind: 'call' });
    expect(readName('XRP_USDC-6JAN26~1-0d625-P')).toEqual({ market: 'XRP_USDC', expiry: '6JAN26~1', strike: '0.625', kind: 'put' });
    for (const wrong of ['', 'BTC', 'BTC-27MAR26-100000', 'BTC_USDC-27MAR26-100000-X']) expect(readName(wrong)).toBeNull();
  });
  it('are said in words', () => {
    expect(instrumentWords('BTC_USDC-27MAR26-100000-C')).toBe('27 MAR 26 100,000 call');
    expect(legWords({ instrument: 'BTC_USDC-6JAN26-90000-P', size: '-2.50' })).toBe('Sell 2.5 6 JAN 26 90,000 put');
    expect(expiryWords('27MAR26~1')).toBe('27 MAR 26 (band 1)');
    expect(instrumentWords('nonsense')).toBe('nonsense');
    expect(shortAddress('cenote1pxenvvpw98mc4hn9yyu05nzmepmfj94z9tphmr')).toBe('cenote1pxe\u2026phmr');
  });
});

describe('settings', () => {
  it.each([null, '', '{', '[]', '7', '{"theme":"pink","colours":7}'])('of %j are the defaults', (text) =>
    expect(read(text)).toEqual({ theme: 'system', colours: 'standard', grouping: 'comma' }),
  );
  it('are kept', () => expect(read('{"theme":"dark","grouping":"space"}')).toEqual({ theme: 'dark', colours: 'standard', grouping: 'space' }));
});

describe('keys', () => {
  const stops: (() => void)[] = [];
  afterEach(() => stops.splice(0).forEach((stop) => stop()));
  const bind = (keys: string) => {
    const run = vi.fn();
    stops.push(keyboard.bind([{ keys, does: '', group: 'Page', run }]));
    return run;
  };
  const type = (key: string, more: KeyboardEventInit = {}, target: EventTarget = document.body) => {
    const event = new KeyboardEvent('keydown', { key, cancelable: true, bubbles: true, ...more });
    target.addEventListener('keydown', (each) => keyboard.press(each as KeyboardEvent), { once: true });
    target.dispatchEvent(event);
  };

  it('run what is bound, sequences too, the last one bound first', () => {
    const [q, go, over] = [bind('q'), bind('g p'), bind('q')];
    type('q');
    type('g');
    type('p');
    type('p');
    expect([q.mock.calls.length, go.mock.calls.length, over.mock.calls.length]).toEqual([0, 1, 1]);
  });
  it('leave fields alone but for Ctrl+Enter', () => {
    const [q, send] = [bind('q'), bind('Ctrl+Enter')];
    const field = document.createElement('input');
    document.body.append(field);
    type('q', {}, field);
    type('Enter', { ctrlKey: true }, field);
    expect([q.mock.calls.length, send.mock.calls.length]).toEqual([0, 1]);
  });
});
