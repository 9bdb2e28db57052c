/** The account that the page acts for, kept up to date by its own events and by ticks. */
import type { Account } from '@cenote/client';
import { api, ask } from './client';
import { type Resource, resource } from './resource.svelte';
import { venue } from './venue.svelte';
import { accounts } from './wallet.svelte';

/** The account of an address, by default of the one that the page acts for. Reloads on each of its events, and with prices at most once a second. */
export function liveAccount(of: () => string | null = () => accounts.address): Resource<Account> {
  let touched = $state(0);
  $effect(() => {
    const address = of();
    return address ? venue.follow(address, () => (touched += 1)) : undefined;
  });
  const made = resource(
    () => {
      const address = of();
      return address ? { address } : null;
    },
    (path, signal) => ask(api.GET('/v1/accounts/{address}', { params: { path }, signal })),
    { every: () => `${venue.tick} ${venue.connections}`, gap: 1_000 },
  );
  $effect(() => {
    // An event of the account does not wait for the next price.
    if (touched > 0) made.reload();
  });
  return made;
}
