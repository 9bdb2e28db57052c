/** An answer that a channel keeps up to date: asked for once, then whatever is pushed. */
import type { Resource } from '../../lib/api/resource.svelte';
import { venue } from '../../lib/api/venue.svelte';

/** Brings what a conflated channel says into a resource while the calling component is there. The resource stays what answers errors and retries. */
export function pushed<T>(made: Resource<T>, channel: () => string | null): Resource<T> {
  $effect(() => {
    void venue.epoch;
    const name = channel();
    if (!name) return;
    return venue.socket.subscribe(name, (data) => Object.assign(made, { value: data as T, error: null, fresh: true, at: Date.now() }));
  });
  return made;
}
