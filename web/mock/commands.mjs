// Signed commands of the mock.
import { client } from '../scripts/client.mjs';
import { MILLION, Rejection, text, units } from './book.mjs';

const { addressOf, holds, payloadHash, publicKey } = client;

export function describe(payloadText) {
  const payload = JSON.parse(payloadText);
  const hash = payloadHash(payloadText);
  const lines = payload.commands.map((command, at) => `${at + 1}. ${JSON.stringify(command)}`);
  return { text: [`Cenote venue ${payload.venue}`, `Account ${payload.account}`, ...lines, `Nonce ${payload.nonce}, valid until ${payload.expires_at} ms`, `SHA-256 ${hash}`].join('\n'), hash };
}

export function report(signed) {
  let difference = null;
  let words = null;
  try {
    words = describe(signed.payload).text;
  } catch {
    difference = 'The payload is no JSON.';
  }
  const valid = holds(signed, words ?? '');
  if (!valid) difference ??= 'The signature is not that of this key over these bytes. Sign exactly the bytes of `payload`, SHA-256 first.';
  return {
    valid,
    canonical_bytes: Buffer.from(signed.payload).toString('hex'),
    text: words,
    digest: payloadHash(signed.payload),
    expected_address: /^[0-9a-f]{66}$/.test(signed.public_key) ? addressOf(signed.public_key) : null,
    recovered_addresses: valid ? [addressOf(signed.public_key)] : [],
    difference,
  };
}

/** Carries out a signed payload. */
export function execute(mock, signed) {
  const { book } = mock;
  const checked = report(signed);
  if (!checked.valid) throw new Rejection('unauthorised', `${checked.difference} POST the same body to /v1/debug/signature to see why.`, {}, 401);
  const payload = JSON.parse(signed.payload);
  if (payload.venue !== mock.venueId) throw new Rejection('wrong_venue', 'The payload is signed for another venue; sign it for the venue_id of /v1/status.', {}, 401);
  if (payload.expires_at <= mock.clock.now()) throw new Rejection('expired', 'expires_at is not after the market time of the venue; sign again.', { now: mock.clock.now() }, 409);
  const key = `${checked.expected_address} ${payload.nonce}`;
  const seen = book.seenNonces.get(key);
  if (seen) {
    if (seen.payload === signed.payload) return { ...seen.answer, duplicate: true };
    throw new Rejection('nonce_used', 'The signer has used this nonce for other bytes; use an unused one.', {}, 409);
  }
  const session = book.account(payload.account).sessions.some((row) => row.key === checked.expected_address);
  if (checked.expected_address !== payload.account && !session) throw new Rejection('forbidden', 'This key may not act for this account. Grant it a session first.', {}, 403);
  const results = payload.commands.map((command) => attempt(mock, payload.account, command));
  const answer = { results, duplicate: false, durable_seq: book.seq };
  book.seenNonces.set(key, { payload: signed.payload, answer });
  const first = results[0];
  if (results.every((result) => result.error)) throw Object.assign(new Rejection(first.error.code, first.error.message, first.error.data), { answer });
  return answer;
}

function attempt(mock, address, command) {
  try {
    const events = run(mock, address, command);
    return { status: 'done', seq: mock.book.seq, events };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return { status: 'refused', error: error.body.error };
  }
}

function run(mock, address, command) {
  const { book } = mock;
  const account = book.account(address);
  if (command.type === 'place_order') return book.place(address, command);
  if (command.type === 'cancel_order') return book.cancel(address, command.order);
  const amount = command.amount === undefined ? 0 : units(command.amount);
  const take = (from, bucket, code) => {
    if (from < amount) throw new Rejection(code, `This takes ${command.amount} and there is ${text(from)} in ${bucket}. Ask for less.`, { needed: command.amount, free: text(from) });
  };
  book.seq += 1;
  switch (command.type) {
    case 'deposit':
      take(account.wallet, 'the wallet', 'insufficient_wallet');
      account.wallet -= amount;
      account.cash += amount;
      return [book.emit({ type: 'deposited', account: address, amount: command.amount })];
    case 'withdraw':
      take(account.cash, 'free cash', 'insufficient_cash');
      account.wallet += amount;
      account.cash -= amount;
      return [book.emit({ type: 'withdrawn', account: address, amount: command.amount })];
    case 'request_deposit':
      take(account.cash, 'free cash', 'insufficient_cash');
      account.cash -= amount;
      account.requests.push({ epoch: book.pool.epoch, state: 'requested', deposit: command.amount, exit: '0', paid: '0', due_at: null });
      return [book.emit({ type: 'deposit_requested', account: address, pool: 0, epoch: book.pool.epoch, amount: command.amount })];
    case 'request_withdraw':
      if (account.shares < units(command.shares)) throw new Rejection('insufficient_shares', `The account owns ${text(account.shares)} shares. Ask for less.`);
      account.shares -= units(command.shares);
      account.requests.push({ epoch: book.pool.epoch, state: 'requested', deposit: '0', exit: command.shares, paid: '0', due_at: null });
      return [book.emit({ type: 'withdraw_requested', account: address, pool: 0, epoch: book.pool.epoch, shares: command.shares })];
    case 'claim': {
      const mine = account.requests.filter((row) => row.epoch === command.epoch && row.state === 'priced');
      account.requests = account.requests.filter((row) => !mine.includes(row));
      const shares = mine.reduce((sum, row) => sum + units(row.deposit) / 1.0152, 0);
      const cash = mine.reduce((sum, row) => sum + units(row.exit) * 1.0152, 0);
      account.shares += Math.round(shares);
      account.cash += Math.round(cash);
      return [book.emit({ type: 'claimed', account: address, pool: 0, epoch: command.epoch, shares: text(shares), cash: text(cash) })];
    }
    case 'grant_session':
      account.sessions.push({ key: command.key, trade: command.trade ?? false, liquidity: command.liquidity ?? false, daily_cap: command.daily_cap, spent: '0', expires_at: command.expires_at });
      return [book.emit({ type: 'session_granted', account: address, key: command.key, expires_at: command.expires_at })];
    case 'revoke_session':
      account.sessions = account.sessions.filter((row) => row.key !== command.key);
      return [book.emit({ type: 'session_revoked', account: address, key: command.key })];
    default:
      throw new Rejection('not_supported', `The mock does not do \`${command.type}\`. Run a node and set CENOTE_NODE.`);
  }
}

/** Closes and prices the epoch's requests: on a node that takes its batch, here half a minute. */
export function runBatch(mock) {
  const { book } = mock;
  for (const account of book.accounts.values()) {
    for (const row of account.requests) if (row.state === 'requested') Object.assign(row, { state: 'closing', due_at: mock.clock.now() });
    else if (row.state === 'closing') row.state = 'priced';
  }
  book.pool.epoch += 1;
}

export const fund = (mock, ask) => {
  mock.book.seq += 1;
  mock.book.account(ask.account).cash += units(ask.amount);
  const event = mock.book.emit({ type: 'deposited', account: ask.account, amount: ask.amount });
  return { results: [{ status: 'done', seq: mock.book.seq, events: [event] }], duplicate: false, durable_seq: mock.book.seq };
};

export const devAccounts = () => ({
  accounts: ['alice', 'bob', 'carol', 'dave', 'lp1', 'lp2', 'keeper', 'oracle', 'admin'].map((name) => {
    const key = payloadHash(`still water runs deep in the cenote/${name}`);
    const secret = payloadHash(`still water runs deep in the cenote/api/${name}`);
    return { name, address: addressOf(publicKey(key)), private_key: key, api_id: name, api_secret: secret };
  }),
});

export function stock(mock) {
  for (const { name, address } of devAccounts().accounts) mock.book.account(address).cash = (name.startsWith('lp') ? 500_000 : 100_000) * MILLION;
}
