/** The plot behind `BandChart.svelte`. */
import uPlot from 'uplot';
import { large } from '../num/format';
import { clock, date } from '../num/time';
import type { BandPoint } from './BandChart.svelte';

/** Points in uPlot's columns: seconds, low, high, mid. The middle comes last, so that the area does not cover it. */
export function columns(points: readonly BandPoint[]): uPlot.AlignedData {
  return [points.map((p) => p.time / 1_000), points.map((p) => p.low), points.map((p) => p.high), points.map((p) => p.mid)];
}

/** A colour of the page as a canvas needs it. */
export function colour(host: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  host.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

interface Look {
  host: HTMLElement;
  height: number;
  oncursor: (index: number | null) => void;
}

/** The look: axes and grid of the page's own colours, no points, no legend. */
export function options({ host, height, oncursor }: Look): uPlot.Options {
  const [line, muted, accent, wash] = [colour(host, 'line'), colour(host, 'muted'), colour(host, 'accent'), colour(host, 'accent-wash')];
  const font = `11px ${getComputedStyle(host).fontFamily}`;
  const axis = { stroke: muted, font, grid: { stroke: line, width: 1 }, ticks: { show: false } } as const;
  const edge = { stroke: accent, width: 1, points: { show: false } } as const;
  return {
    width: host.clientWidth || 480,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: true, y: false } },
    scales: { x: { time: true } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC'),
    axes: [
      {
        ...axis,
        size: 24,
        gap: 4,
        space: 90,
        values: (_, ticks, __, ___, step) => ticks.map((seconds) => moment(seconds, step)),
      },
      { ...axis, size: (_, labels) => room(labels), gap: 4, values: (_, ticks) => ticks.map((t) => compact(t, ticks)) },
    ],
    series: [
      {},
      { ...edge, label: 'low' },
      { ...edge, label: 'high' },
      { stroke: accent, width: 2, points: { show: false }, label: 'mid' },
    ] as uPlot.Series[],
    bands: [{ series: [2, 1], fill: wash }],
    hooks: { setCursor: [(plot) => oncursor(plot.cursor.idx ?? null)] },
  };
}

/** Pixels for the labels of an axis, the longest whole. */
export function room(labels: readonly string[] | null): number {
  const longest = Math.max(0, ...(labels ?? []).map((label) => label.length));
  return Math.max(40, Math.ceil(longest * 6.4) + 10);
}

/** A moment of an axis: its day, its minute or its second, as the step asks for. */
function moment(seconds: number, step: number): string {
  const ms = seconds * 1_000;
  if (step >= 86_400) return date(ms).replace(/ \d{4}$/, '');
  return step >= 60 ? clock(ms).replace(/:\d\d$/, '') : (clock(ms).split(' ').at(-1) ?? '');
}

/** Short figures of an axis, with as many decimals as its step asks for. */
export function compact(value: number, ticks: readonly number[]): string {
  const step = ticks.length > 1 ? Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0)) : Math.abs(value);
  const size = Math.max(...ticks.map(Math.abs));
  if (size < 1e3) return large(value);
  const [unit, letter] = size >= 1e9 ? [1e9, 'B'] : size >= 1e6 ? [1e6, 'M'] : [1e3, 'k'];
  const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9)));
  return `${(value / unit).toFixed(decimals).replace('-', '\u2212')} ${letter}`;
}
