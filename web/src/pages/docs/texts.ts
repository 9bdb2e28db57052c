/** Texts of the page of documents. */
import type { Step } from '../../lib/ui/Timeline.svelte';

/** An order's way to its price. */
export const ORDER: readonly Step[] = [
  { name: 'Sent', state: 'done', note: 'You sign the legs and a limit. There is no order without a limit.' },
  { name: 'Durable', state: 'done', note: 'It is on the disk of the venue and has a number. Nothing has been priced.' },
  { name: 'Due', state: 'now', note: 'It waits for the first price published after it, about a second. Nobody knows that price yet, you neither.' },
  { name: 'Filled', state: 'next', note: 'Whole, at that price, for at most your limit. Or it rests, or it ends, and says why.' },
];

/** Why it is so, and what follows. */
export const FILLS: readonly { asks: string; says: string }[] = [
  {
    asks: 'Why not at the price in view?',
    says: 'Whoever trades at a price that is already known trades against those who have not seen the next one. Here nobody can: the price of an order is made after the order. So the pool needs no wide spread to defend itself.',
  },
  {
    asks: 'What may differ from the quote?',
    says: 'Only what the price does in between. At the price of the quote the fill is the quote to the last unit. The suggested limit leaves room for a usual move; beyond your limit nothing is filled.',
  },
  {
    asks: 'Can I cancel?',
    says: 'Yes. A cancel takes effect after the first price that nobody can know yet, so nobody can look at a price and then take the order back. Until then it may still fill.',
  },
  {
    asks: 'What happens when there is no price?',
    says: 'Orders wait. After the cancel timeout they can be ended at once. What you hold stays fully reserved in the meantime.',
  },
  {
    asks: 'Several legs?',
    says: 'Up to eight in one order, priced together as one risk, filled whole or not at all.',
  },
];

export const RISKS: readonly { name: string; says: string }[] = [
  {
    name: 'You can lose what you pay, and what is locked',
    says: 'The worst case is shown before you send and set aside when you fill. It can be lost in full. There is no liquidation and no call for more.',
  },
  {
    name: 'Payoffs are cut at the band',
    says: 'A settlement price outside of the band of an expiry counts as its nearer edge. A call does not pay beyond the cap, a put not below the floor.',
  },
  {
    name: 'The settlement price is an average',
    says: 'Over the last minutes before expiry, of the prices that publishers signed. If they are wrong, it is wrong. A window without any price uses the last one, after a delay.',
  },
  {
    name: 'The price may move before you fill',
    says: 'Up to your limit. In a jump the market goes on guard, and only trades that take risk off are filled.',
  },
  {
    name: 'The pool may be full',
    says: 'Then it takes no more risk of that kind. A trade that closes a position is always quoted.',
  },
  {
    name: 'Liquidity bears the risk of every trade',
    says: 'Shares can lose value. Deposits are locked for a time, and withdrawals are paid at the price of their batch, as the pool frees cash: in calm times at the next batch, at worst when the last expiry settles.',
  },
  {
    name: 'Parameters can change',
    says: 'Within bounds, announced, after a lock. What is announced is on the page of the market.',
  },
  {
    name: 'Software and keys',
    says: 'Software can be wrong; every change is in a journal that anyone can carry out again and compare. A lost key is lost: nobody can give the account back.',
  },
];

/** Where programs look. */
export const LINKS: readonly { href: string; name: string; says: string }[] = [
  { href: '/openapi.json', name: 'OpenAPI', says: 'Every route and type of the HTTP API. Clients can be generated from it.' },
  { href: '/asyncapi.json', name: 'AsyncAPI', says: 'Channels of the WebSocket at /v1/ws, and what they say.' },
  { href: '/llms.txt', name: 'llms.txt', says: 'The whole API on one page of plain text.' },
  { href: '/metrics', name: 'Metrics', says: 'Counters and timings in the format of Prometheus.' },
  { href: '/v1/status', name: 'Status', says: 'How the venue is now; the identity that payloads are signed for.' },
];
