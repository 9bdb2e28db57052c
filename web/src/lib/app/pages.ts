/** The pages that there are: every component in `src/pages`, each loaded when it is first asked for. The one of trading comes with the page itself. */
import type { Component } from 'svelte';

export interface PageEntry {
  /** Its path, one segment. */
  path: string;
  /** Its name in the navigation. */
  name: string;
  /** Its file in `src/pages`. */
  file: string;
  /** The key that follows `g`. */
  key?: string;
}

/** In the order of the navigation. */
const ENTRIES: readonly PageEntry[] = [
  { path: '/', name: 'Trade', file: 'Trade', key: 't' },
  { path: '/build', name: 'Builder', file: 'Builder', key: 'b' },
  { path: '/account', name: 'Positions', file: 'Positions', key: 'a' },
  { path: '/pool', name: 'Pool', file: 'Pool', key: 'p' },
  { path: '/surface', name: 'Surface', file: 'Surface', key: 's' },
  { path: '/activity', name: 'Activity', file: 'Activity', key: 'v' },
  { path: '/market', name: 'Market', file: 'Market', key: 'm' },
  { path: '/keys', name: 'Keys', file: 'Keys', key: 'k' },
  { path: '/docs', name: 'Docs', file: 'Docs', key: 'd' },
];

type Load = () => Promise<{ default: Component }>;

const found = import.meta.glob<{ default: Component }>('../../pages/*.svelte');
const loads = new Map<string, Load>(Object.entries(found).map(([path, load]) => [path.split('/').at(-1)?.replace('.svelte', '') ?? '', load]));

/** Those pages whose component exists. */
export const PAGES: readonly PageEntry[] = ENTRIES.filter((entry) => loads.has(entry.file));

/** How to load what is at a path; `null` when nothing is. */
export function pageAt(path: string): Load | null {
  // In development only: the name is a constant false in a build, and the gallery is left out.
  if (import.meta.env.DEV && path === '/gallery') return () => import('../../gallery/Gallery.svelte') as Promise<{ default: Component }>;
  const entry = PAGES.find((page) => page.path === path);
  return (entry && loads.get(entry.file)) ?? null;
}
