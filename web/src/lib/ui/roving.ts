/** Keys of an ARIA grid: one cell is in the tab order, arrows move between cells, Home and End along the row, with Ctrl to the corners. */
import type { Attachment } from 'svelte/attachments';

const CELLS = '[role="gridcell"],[role="rowheader"]';

export interface RovingOptions {
  /** Rows that Page Up and Page Down jump. */
  page?: number;
  /** Enter on a cell; `shift` is held. */
  onenter?: (cell: HTMLElement, shift: boolean) => void;
  /** A cell got the focus. */
  onfocus?: (cell: HTMLElement) => void;
}

/** The rows that hold cells, each with its cells. */
function cellsOf(grid: HTMLElement): HTMLElement[][] {
  const rows = [...grid.querySelectorAll<HTMLElement>('[role="row"]')];
  return rows.map((row) => [...row.querySelectorAll<HTMLElement>(CELLS)]).filter((cells) => cells.length > 0);
}

/** Where a key leads from a cell; `null` when it is no key of a grid. */
export function step(key: string, ctrl: boolean, at: [number, number], size: [number, number], page: number): [number, number] | null {
  const [row, column] = at;
  const [rows, columns] = size;
  const clip = (n: number, most: number) => Math.min(Math.max(n, 0), most - 1);
  switch (key) {
    case 'ArrowUp':
      return [clip(row - 1, rows), column];
    case 'ArrowDown':
      return [clip(row + 1, rows), column];
    case 'ArrowLeft':
      return [row, clip(column - 1, columns)];
    case 'ArrowRight':
      return [row, clip(column + 1, columns)];
    case 'PageUp':
      return [clip(row - page, rows), column];
    case 'PageDown':
      return [clip(row + page, rows), column];
    case 'Home':
      return [ctrl ? 0 : row, 0];
    case 'End':
      return [ctrl ? rows - 1 : row, columns - 1];
    default:
      return null;
  }
}

/** Makes the element behave as a grid. Rows may come and go. */
export function roving(options: RovingOptions = {}): Attachment<HTMLElement> {
  return (grid) => {
    let current: HTMLElement | null = null;

    /** Exactly one cell can be tabbed to. */
    const settle = () => {
      const cells = cellsOf(grid).flat();
      if (!current || !grid.contains(current)) current = cells.find((cell) => cell.matches('[data-start]')) ?? cells[0] ?? null;
      for (const cell of cells) cell.tabIndex = cell === current ? 0 : -1;
    };

    const focus = (event: FocusEvent) => {
      const cell = (event.target as HTMLElement).closest<HTMLElement>(CELLS);
      if (!cell || !grid.contains(cell)) return;
      if (current && current !== cell) current.tabIndex = -1;
      current = cell;
      cell.tabIndex = 0;
      options.onfocus?.(cell);
    };

    const press = (event: KeyboardEvent) => {
      const cell = (event.target as HTMLElement).closest<HTMLElement>(CELLS);
      // Inside of a field or a button in a cell the keys are its own.
      if (!cell || event.target !== cell) return;
      if (event.key === 'Enter' && options.onenter && !event.ctrlKey) {
        event.preventDefault();
        options.onenter(cell, event.shiftKey);
        return;
      }
      const rows = cellsOf(grid);
      const row = rows.findIndex((cells) => cells.includes(cell));
      const column = rows[row]?.indexOf(cell) ?? 0;
      const widest = Math.max(...rows.map((cells) => cells.length));
      const to = step(event.key, event.ctrlKey, [row, column], [rows.length, widest], options.page ?? 8);
      if (!to) return;
      event.preventDefault();
      const target = rows[to[0]];
      const next = target?.[Math.min(to[1], target.length - 1)];
      next?.focus();
      next?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    };

    grid.addEventListener('focusin', focus);
    grid.addEventListener('keydown', press);
    const watcher = new MutationObserver(settle);
    watcher.observe(grid, { childList: true, subtree: true });
    settle();
    return () => {
      watcher.disconnect();
      grid.removeEventListener('focusin', focus);
      grid.removeEventListener('keydown', press);
    };
  };
}
