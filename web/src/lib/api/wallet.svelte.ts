/** Who acts: keys of this browser, wallets, watched addresses; and the session keys that spare a wallet its popups. */
import {
  addressOf,
  type Command,
  type CommandsAnswer,
  keySigner,
  newKey,
  publicKey,
  randomHex,
  Sender,
  sessionKey,
  type Signer,
  wallet,
  WALLET_CHAIN,
  walletAddress,
  walletSigner,
} from '@cenote/client';
import { DAYS, HOURS } from '../num/time';
import { api, ask, Refusal } from './client';
import { venue } from './venue.svelte';

/** An account that this browser knows. */
export interface KnownAccount {
  address: string;
  /** The reader's own word for it. */
  name: string;
  /** `browser`: its key is here. `wallet`: a wallet signs. `watch`: nobody here can sign. */
  kind: 'browser' | 'wallet' | 'watch';
  /** Of `browser`, 64 hex digits. */
  key?: string | undefined;
  /** Of `browser`: the reader has taken a copy of the key. */
  saved?: boolean | undefined;
  /** A session key that may act for it, and until when, ms of market time. */
  session?: { key: string; address: string; expires: number; venue: string } | undefined;
}

const KEY = 'cenote.accounts';

function read(): { list: KnownAccount[]; chosen: string | null } {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as { list?: unknown; chosen?: unknown };
    const list = Array.isArray(kept.list) ? kept.list.filter(isKnownAccount) : [];
    return { list, chosen: typeof kept.chosen === 'string' ? kept.chosen : null };
  } catch {
    return { list: [], chosen: null };
  }
}

function isKnownAccount(value: unknown): value is KnownAccount {
  const account = value as Partial<KnownAccount> | null;
  return typeof account?.address === 'string' && typeof account.name === 'string' && ['browser', 'wallet', 'watch'].includes(account.kind ?? '');
}

const sender = new Sender(api, () => {
  if (venue.status) return { venue: venue.status.venue_id, time: venue.time, speed: venue.speed };
  throw new Refusal({ code: 'unreachable', message: 'The venue has not answered yet. Wait a moment and try again.' }, 0);
});

class Accounts {
  #kept = $state(read());

  get list(): readonly KnownAccount[] {
    return this.#kept.list;
  }
  /** The account that the page acts for; `null` while none was chosen. */
  readonly current: KnownAccount | null = $derived(this.#kept.list.find((account) => account.address === this.#kept.chosen) ?? null);
  get address(): string | null {
    return this.current?.address ?? null;
  }
  /** Why nothing can be signed; `null` when it can. */
  readonly cannotSign: string | null = $derived(
    this.current === null ? 'Choose a key' : this.current.kind === 'watch' ? 'This address is only watched' : null,
  );

  add(account: KnownAccount) {
    const list = this.#kept.list.filter((other) => other.address !== account.address);
    this.#keep({ list: [...list, account], chosen: account.address });
  }
  choose(address: string | null) {
    this.#keep({ ...this.#kept, chosen: address });
  }
  change(address: string, change: Partial<KnownAccount>) {
    const list = this.#kept.list.map((account) => (account.address === address ? { ...account, ...change } : account));
    this.#keep({ ...this.#kept, list });
  }
  forget(address: string) {
    const list = this.#kept.list.filter((account) => account.address !== address);
    this.#keep({ list, chosen: this.#kept.chosen === address ? (list[0]?.address ?? null) : this.#kept.chosen });
  }
  #keep(kept: { list: KnownAccount[]; chosen: string | null }) {
    this.#kept = kept;
    localStorage.setItem(KEY, JSON.stringify(kept));
  }

  /** A new key in this browser, chosen at once. */
  create(name: string, key = newKey(), saved = false): KnownAccount {
    const account: KnownAccount = { address: addressOf(publicKey(key)), name, kind: 'browser', key, saved };
    this.add(account);
    return account;
  }

  /** A key with play money, in dev mode. */
  async createDemo(amount: string): Promise<KnownAccount> {
    const account = this.create('Demo');
    await ask(api.POST('/v1/dev/fund', { body: { account: account.address, amount } }));
    return account;
  }

  /** Asks the wallet of this browser who it is. Nothing is signed yet. */
  async connectWallet(): Promise<KnownAccount> {
    const found = wallet();
    if (!found) throw new Refusal({ code: 'no_wallet', message: 'This browser has no Keplr. Install it, or use a key in this browser.' }, 0);
    await found.enable(WALLET_CHAIN);
    const { address, name } = await walletAddress(found);
    const account: KnownAccount = { address, name, kind: 'wallet' };
    this.add(account);
    return account;
  }

  /** Whether the session key of an account may sign these. */
  #sessionFor(account: KnownAccount, commands: Command[]): string | null {
    const { session } = account;
    if (!session || session.venue !== venue.status?.venue_id || session.expires <= venue.time) return null;
    return commands.every((command) => ['place_order', 'cancel_order'].includes(command.type)) ? session.key : null;
  }

  /** Who signs these commands for an account. */
  #signer(account: KnownAccount, commands: Command[]): Signer {
    const key = account.key ?? this.#sessionFor(account, commands);
    if (key) return keySigner(key);
    const found = account.kind === 'wallet' ? wallet() : null;
    if (!found) throw new Refusal({ code: 'no_key', message: 'Nobody here can sign for this account. Choose a key.' }, 0);
    return walletSigner(found, account.address, async (payload) => (await ask(api.POST('/v1/commands/describe', { body: { payload } }))).text);
  }

  /** Signs commands for the account in use and sends them; `onsigned` is called between the two. */
  async send(commands: Command[], onsigned: () => void = () => {}): Promise<CommandsAnswer> {
    const account = this.current;
    if (!account || this.cannotSign) {
      throw new Refusal({ code: 'no_key', message: `${this.cannotSign ?? 'Choose a key'}. Keys are on their own page.` }, 0);
    }
    return sender.send(account.address, this.#signer(account, commands), commands, onsigned);
  }

  /** Makes a session key and grants it with one signature; trades need no wallet popup until it ends. */
  async openSession(grant: { trade: boolean; liquidity: boolean; daily_cap: string; hours: number }): Promise<CommandsAnswer> {
    const account = this.current;
    if (!account) throw new Refusal({ code: 'no_key', message: 'Choose a key first.' }, 0);
    const key = newKey();
    const address = addressOf(publicKey(key));
    const expires = Math.floor(venue.time + HOURS(grant.hours));
    const command: Command = {
      type: 'grant_session',
      key: address,
      trade: grant.trade,
      liquidity: grant.liquidity,
      daily_cap: grant.daily_cap,
      expires_at: expires,
    };
    const answer = await this.send([command]);
    if (grant.trade) {
      this.change(account.address, { session: { key, address, expires, venue: venue.status?.venue_id ?? '' } });
    }
    return answer;
  }

  /** Makes an id and a secret for the Deribit-compatible API: a session key that the venue holds, for seven days, trading alone. */
  async createApiKey(dailyCap: string): Promise<{ id: string; secret: string }> {
    const account = this.current;
    if (!account) throw new Refusal({ code: 'no_key', message: 'Choose a key first.' }, 0);
    const [id, secret] = [randomHex(8), randomHex(32)];
    const command: Command = {
      type: 'grant_session',
      key: addressOf(publicKey(sessionKey(secret))),
      trade: true,
      liquidity: false,
      daily_cap: dailyCap,
      expires_at: Math.floor(venue.time + DAYS(7)),
    };
    const grant = await sender.sign(account.address, this.#signer(account, [command]), [command]);
    await ask(api.POST('/v1/api-keys', { body: { id, secret, grant } }));
    return { id, secret };
  }
}

export const accounts = new Accounts();
