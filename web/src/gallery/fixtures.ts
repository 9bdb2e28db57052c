/** Plausible things for the gallery. */
import type { CostParts, SmileSlice } from '@cenote/client';
import type { BandPoint } from '../lib/chart/BandChart.svelte';
import type { Step } from '../lib/ui/Timeline.svelte';

export const COST: CostParts = {
  mark: '9412.36',
  impact: '121.804211',
  capital: '18.22',
  spread: '42.5',
  latency: '6.1',
  fee: '23.8158',
  rounding: '0.000002',
  total: '9624.800013',
};
export const FILLED: CostParts = { ...COST, mark: '9398.11', impact: '122.010001', total: '9610.755803' };

export const EXPIRY = [
  { price: '62000', profit: '-9624.80' },
  { price: '100000', profit: '-9624.80' },
  { price: '120000', profit: '30375.20' },
  { price: '158000', profit: '30375.20' },
];
export const NOW = Array.from({ length: 41 }, (_, i) => {
  const price = 70_000 + i * 1_600;
  const up = Math.max(0, Math.min(1, (price - 92_000) / 40_000));
  return { price, profit: -9_000 + 36_000 * up * up * (3 - 2 * up) };
});
export const STRIKES = ['80000', '85000', '90000', '95000', '100000', '105000', '110000', '120000', '130000', '140000'];

export const SPOTS = ['\u221230%', '\u221220%', '\u221210%', '\u22125%', '0%', '+5%', '+10%', '+20%', '+30%'];
export const VOLS = ['+20', '+10', '0', '\u221210', '\u221220'];
export const PNL = VOLS.map((_, v) =>
  SPOTS.map((__, s) => {
    const spot = (s - 4) * 0.08;
    return spot * 14_000 - spot * spot * 160_000 * (1 - (2 - v) * 0.1) + (2 - v) * -900;
  }),
);

export const SMILE: SmileSlice = {
  expiry: '27MAR26',
  expiration_timestamp: Date.UTC(2026, 2, 27, 8),
  forward: 100_412,
  atm_iv: 51.3,
  points: [70, 75, 80, 85, 90, 95, 100, 105, 110, 115, 120, 130, 140].map((k) => {
    const x = Math.log(k / 100.4);
    const iv = 51.3 - 22 * x + 90 * x * x;
    return {
      strike: `${k}000`,
      mark_iv: iv,
      bid_iv: k > 130 ? null : iv - 0.9 - Math.abs(x),
      ask_iv: iv + 0.9 + Math.abs(x),
    };
  }),
};

export const NAV: BandPoint[] = Array.from({ length: 240 }, (_, i) => {
  const mid = 10_000_000 + i * 900 + 34_000 * Math.sin(i / 17) + 9_000 * Math.sin(i / 3.1);
  const width = 42_000 + 16_000 * Math.sin(i / 29);
  return { time: Date.UTC(2026, 1, 20) + i * 3_600_000, low: mid - width, mid, high: mid + width };
});

export const TIMELINES: { name: string; steps: Step[] }[] = [
  {
    name: 'An order on its way',
    steps: [
      { name: 'Sent', state: 'done' },
      { name: 'Durable', state: 'done', at: 'order 1,204' },
      { name: 'Due', state: 'now', at: 'first price from 20 Feb 14:03:07' },
      { name: 'Filled', state: 'next' },
    ],
  },
  {
    name: 'An order that filled',
    steps: [
      { name: 'Sent', state: 'done' },
      { name: 'Durable', state: 'done', at: 'order 1,204' },
      { name: 'Due', state: 'done' },
      { name: 'Filled', state: 'done', at: 'at tick 88,120', note: '9,610.76 USDC' },
    ],
  },
  {
    name: 'An order that was not filled',
    steps: [
      { name: 'Sent', state: 'done' },
      { name: 'Durable', state: 'done', at: 'order 1,205' },
      { name: 'Due', state: 'done' },
      { name: 'Not filled', state: 'failed', note: 'The cost of 9,702.11 is above your limit of 9,650.00. Raise the limit or make the order smaller.' },
    ],
  },
  {
    name: 'A withdrawal of liquidity',
    steps: [
      { name: 'Requested', state: 'done', at: 'epoch 41', note: '1,500 shares frozen' },
      { name: 'Priced', state: 'now', at: 'first price from 20 Feb 15:00:00', note: 'Everyone of an epoch gets one price, made after it closed.' },
      { name: 'Payable', state: 'next' },
      { name: 'Paid', state: 'next' },
    ],
  },
];

export const ROWS = [
  { name: '27 MAR 26 100,000 call', size: '2', average: 4812.4, mark: 4986.1, profit: '347.40', settled: false },
  { name: '27 MAR 26 120,000 call', size: '-2', average: 1102.9, mark: 1044.2, profit: '117.40', settled: false },
  { name: '20 FEB 26 90,000 put', size: '1.5', average: 640, mark: 0, profit: '-960', settled: true },
];
