/** The surface as text for spreadsheets: fields of the answer as they came, empty where nothing is known. */
import type { SmileSlice, Surface } from '@cenote/client';
import { plain } from '../../lib/num/format';

type Cell = string | number | null | undefined;

const line = (cells: readonly Cell[]) => cells.map((cell) => (cell == null ? '' : typeof cell === 'number' ? plain(cell) : cell)).join(',');

/** One line a strike; vols in percent, the moment in ms. */
export function smiles(slices: readonly SmileSlice[]): string {
  const rows = slices.flatMap((slice) =>
    slice.points.map((p) =>
      line([slice.expiry, slice.expiration_timestamp, slice.forward, slice.atm_iv, p.strike, p.mark_iv, p.bid_iv, p.ask_iv]),
    ),
  );
  return ['expiry,expiration_timestamp,forward,atm_iv,strike,mark_iv,bid_iv,ask_iv', ...rows, ''].join('\n');
}

/** One line a tenor. */
export function parameters(surface: Surface): string {
  const rows = surface.nodes.map((n) => line([n.days, n.theta, n.rho, n.psi, n.carry]));
  return ['days,theta,rho,psi,carry', ...rows, ''].join('\n');
}

/** Hands a text to the reader as a file. */
export function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  Object.assign(link, { href: url, download: name });
  link.click();
  // The download has its own hold on the bytes once it has started.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
