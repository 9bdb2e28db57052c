/** Where the reader is: a path of one segment and a query that holds everything worth sharing. */

class Router {
  /** Like `/pool`. */
  path = $state(location.pathname);
  /** Without the question mark. */
  search = $state(location.search.slice(1));
  /** The query, parsed. */
  query = $derived(new URLSearchParams(this.search));

  constructor() {
    addEventListener('popstate', () => this.#read());
  }

  #read() {
    this.path = location.pathname;
    this.search = location.search.slice(1);
  }

  /** Goes to an address of this page. `replace` leaves no step to go back to. */
  go(href: string, { replace = false } = {}) {
    history[replace ? 'replaceState' : 'pushState'](null, '', href);
    this.#read();
  }

  /** Changes parts of the query in place; `null` takes one out. */
  set(changes: Record<string, string | null>) {
    const query = new URLSearchParams(this.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) query.delete(name);
      else query.set(name, value);
    }
    const search = query.toString();
    if (search !== this.search) this.go(`${this.path}${search ? `?${search}` : ''}`, { replace: true });
  }

  /** Follows a click on a link of this page without loading it anew; what the browser should do with it stays the browser's. */
  follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.pathname.startsWith('/v1/') || link.pathname.includes('.') || link.hash) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
    scrollTo(0, 0);
  };
}

export const router = new Router();
