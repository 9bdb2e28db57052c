/** Keys of the page: registered with what they do, so that the overlay of `?` always tells the truth. */
import { untrack } from 'svelte';

export interface Binding {
  /** `q`, `/`, `?`, `[`, or a sequence like `g t`; `Ctrl+Enter` also in fields. */
  keys: string;
  /** What it does, in words. */
  does: string;
  /** Where it belongs in the overlay. */
  group: 'Go to' | 'Chain' | 'Ticket' | 'Page';
  run: () => void;
}

/** Keys that components handle themselves, for the overlay. */
export const WITHIN: readonly Omit<Binding, 'run'>[] = [
  { keys: 'Arrows', does: 'Move in a table or map; Home, End, Page Up and Page Down jump', group: 'Chain' },
  { keys: 'Enter', does: 'Buy ticket for the cell', group: 'Chain' },
  { keys: 'Shift+Enter', does: 'Sell ticket for the cell', group: 'Chain' },
  { keys: 'Up / Down', does: 'In the amount: one step more or less, with Shift ten', group: 'Ticket' },
  { keys: 'Escape', does: 'Close what is open; what you typed stays', group: 'Page' },
];

/** Two keys of a sequence come within this time, ms. */
const PATIENCE = 1_200;

class Keyboard {
  bindings = $state.raw<Binding[]>([]);
  overlay = $state(false);
  #prefix: { key: string; at: number } | null = null;

  /** Adds bindings until the returned function is called. */
  bind(bindings: Binding[]): () => void {
    // Effects bind; they must not depend on what others have bound.
    untrack(() => (this.bindings = [...this.bindings, ...bindings]));
    return () => untrack(() => (this.bindings = this.bindings.filter((binding) => !bindings.includes(binding))));
  }

  /** For the window's `keydown`. */
  press = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.metaKey || event.isComposing) return;
    if (event.ctrlKey) {
      if (event.key === 'Enter') this.#run('Ctrl+Enter', event);
      return;
    }
    if (isField(event.target) || event.key.length !== 1) return;
    const now = performance.now();
    const prefix = this.#prefix && now - this.#prefix.at < PATIENCE ? this.#prefix.key : null;
    this.#prefix = null;
    if (prefix && this.#run(`${prefix} ${event.key}`, event)) return;
    if (this.#run(event.key, event)) return;
    if (this.bindings.some((binding) => binding.keys.startsWith(`${event.key} `))) this.#prefix = { key: event.key, at: now };
  };

  #run(keys: string, event: KeyboardEvent): boolean {
    // The last one bound wins: a sheet over a page.
    const binding = this.bindings.findLast((each) => each.keys === keys);
    if (!binding) return false;
    event.preventDefault();
    binding.run();
    return true;
  }
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

export const keyboard = new Keyboard();
