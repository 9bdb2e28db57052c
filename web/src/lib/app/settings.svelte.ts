/** What a reader chose about how the page looks; kept in this browser. */
import { type Grouping, setGrouping } from '../num/format';

export type Theme = 'system' | 'light' | 'dark';
/** `standard` is blue and orange, `classic` green and red, `reversed` red and green as in East Asian markets. */
export type Colours = 'standard' | 'classic' | 'reversed';

const KEY = 'cenote.settings';

interface Kept {
  theme: Theme;
  colours: Colours;
  grouping: Grouping;
}

const CHOICES = {
  theme: ['system', 'light', 'dark'],
  colours: ['standard', 'classic', 'reversed'],
  grouping: ['comma', 'space', 'point'],
} as const satisfies { [K in keyof Kept]: readonly Kept[K][] };

/** What is kept, or the first choice of each where it is missing or was written by something else. */
export function read(text: string | null): Kept {
  let found: Record<string, unknown> = {};
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    if (value && typeof value === 'object') found = value as Record<string, unknown>;
  } catch {
    // Whatever is there is none of ours.
  }
  const pick = <K extends keyof Kept>(name: K) =>
    ((CHOICES[name] as readonly unknown[]).includes(found[name]) ? found[name] : CHOICES[name][0]) as Kept[K];
  return { theme: pick('theme'), colours: pick('colours'), grouping: pick('grouping') };
}

class Settings {
  #kept = $state(read(localStorage.getItem(KEY)));
  #dark = $state(matchMedia('(prefers-color-scheme: dark)').matches);

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => (this.#dark = event.matches));
    this.#apply();
  }

  get theme() {
    return this.#kept.theme;
  }
  get colours() {
    return this.#kept.colours;
  }
  get grouping() {
    return this.#kept.grouping;
  }
  /** Whether the page is dark now: for what is drawn on a canvas. */
  get dark() {
    return this.#kept.theme === 'system' ? this.#dark : this.#kept.theme === 'dark';
  }
  /** Changes with everything that a drawing depends on. */
  get look() {
    return `${this.dark} ${this.colours}`;
  }

  set(change: Partial<Kept>) {
    this.#kept = { ...this.#kept, ...change };
    localStorage.setItem(KEY, JSON.stringify(this.#kept));
    this.#apply();
  }

  #apply() {
    const root = document.documentElement;
    if (this.#kept.theme === 'system') root.removeAttribute('data-theme');
    else root.dataset.theme = this.#kept.theme;
    root.dataset.colours = this.#kept.colours;
    setGrouping(this.#kept.grouping);
  }
}

export const settings = new Settings();
