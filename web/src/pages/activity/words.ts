/** The journal's events in sentences, and how they are sorted into kinds that people look for. */
import type { ApiEvent } from '@cenote/client';
import { expiryWords, instrumentWords, legWords, shortAddress } from '../../lib/app/words';
import { absolute, sign } from '../../lib/num/decimal';
import { cash, price, signedSize, size } from '../../lib/num/format';
import { clock, dateTime, duration } from '../../lib/num/time';

type Type = ApiEvent['type'];

/** Kinds of events, in the order of the filter. Every type is in exactly one. */
export const KINDS: readonly { kind: string; types: readonly { type: Type; name: string }[] }[] = [
  {
    kind: 'Orders',
    types: [
      { type: 'order_placed', name: 'Order placed' },
      { type: 'order_filled', name: 'Order filled' },
      { type: 'order_rested', name: 'Order waits' },
      { type: 'order_ended', name: 'Order ended' },
      { type: 'cancel_requested', name: 'Cancel asked for' },
    ],
  },
  {
    kind: 'Money',
    types: [
      { type: 'deposited', name: 'Deposited' },
      { type: 'withdrawn', name: 'Withdrawn' },
      { type: 'position_transferred', name: 'Position given' },
      { type: 'short_offered', name: 'Short offered' },
      { type: 'offer_revoked', name: 'Offer taken back' },
    ],
  },
  {
    kind: 'Expiries',
    types: [
      { type: 'board_listed', name: 'Expiry listed' },
      { type: 'strike_listed', name: 'Strike listed' },
      { type: 'strike_retired', name: 'Strike retired' },
      { type: 'board_settled', name: 'Expiry settled' },
      { type: 'account_settled', name: 'Account settled' },
      { type: 'board_closed', name: 'Expiry closed' },
    ],
  },
  {
    kind: 'Liquidity',
    types: [
      { type: 'deposit_requested', name: 'Deposit requested' },
      { type: 'withdraw_requested', name: 'Withdrawal requested' },
      { type: 'epoch_closed', name: 'Epoch closed' },
      { type: 'epoch_processed', name: 'Batch ran' },
      { type: 'claimed', name: 'Claimed' },
      { type: 'shares_transferred', name: 'Shares given' },
    ],
  },
  {
    kind: 'Prices',
    types: [
      { type: 'ticked', name: 'Price' },
      { type: 'surface_published', name: 'Surface' },
      { type: 'reports_kept', name: 'Reports kept' },
      { type: 'jump_held', name: 'Jump held' },
      { type: 'jump_dropped', name: 'Jump dropped' },
    ],
  },
  {
    kind: 'Rules and keys',
    types: [
      { type: 'proposed', name: 'Change announced' },
      { type: 'enacted', name: 'Change in force' },
      { type: 'proposal_rejected', name: 'Change dropped' },
      { type: 'pause_set', name: 'Pause' },
      { type: 'session_granted', name: 'Session key granted' },
      { type: 'session_revoked', name: 'Session key ended' },
      { type: 'snapshot_taken', name: 'Snapshot' },
      { type: 'reverted', name: 'Went back' },
    ],
  },
];

const NAMES = new Map<string, string>(KINDS.flatMap(({ types }) => types.map(({ type, name }) => [type, name] as const)));

/** What comes with every price, tries of orders that wait included, and hides all else. */
export const FREQUENT: ReadonlySet<string> = new Set(['ticked', 'surface_published', 'reports_kept', 'order_rested']);

/** The type of an event in two or three words. */
export function typeName(type: string): string {
  return NAMES.get(type) ?? type.replaceAll('_', ' ');
}

/** Whose event it is: the account that it is about, or nobody's. */
export function accountOf(event: ApiEvent): string | null {
  if ('account' in event && event.account) return event.account;
  return event.type === 'shares_transferred' || event.type === 'position_transferred' || event.type === 'short_offered' || event.type === 'offer_revoked'
    ? event.from
    : null;
}

/** Whether an account is a part of an event. */
export function isOf(event: ApiEvent, address: string): boolean {
  return accountOf(event) === address || ('to' in event && event.to === address);
}

/** `legs for total`: what was bought or sold, and what it cost. */
function filled(event: Extract<ApiEvent, { type: 'order_filled' }>, unit: string): string {
  const { total } = event.cost;
  const money = `${cash(absolute(total))} ${unit}`;
  return `Order ${size(event.order)} at price ${size(event.tick)}: ${event.legs.map(legWords).join(', ')}, ${sign(total) < 0 ? 'received' : 'paid'} ${money}`;
}

const ENDED: Record<string, string> = { cancelled: 'was cancelled', expired: 'ran out of time', not_filled: 'did not fill', dropped: 'was dropped' };

/** Orders. */
function ofOrder(event: ApiEvent, unit: string): string | null {
  switch (event.type) {
    case 'order_placed':
      return `Order ${size(event.order)} waits for the first price from ${clock(event.due_at)}${event.label ? `, labelled "${event.label}"` : ''}`;
    case 'order_filled':
      return filled(event, unit);
    case 'order_rested':
      return `Order ${size(event.order)} was tried and goes on waiting: ${event.reason.message}`;
    case 'order_ended':
      return `Order ${size(event.order)} ${ENDED[event.ended] ?? event.ended}${event.reason ? `: ${event.reason.message}` : ''}`;
    case 'cancel_requested':
      return `Order ${size(event.order)} ends after the first price from ${clock(event.from)}`;
    default:
      return null;
  }
}

/** Prices, expiries. */
function ofMarket(event: ApiEvent, unit: string): string | null {
  switch (event.type) {
    case 'ticked':
      return `Price ${size(event.tick)} of ${event.market.replace('_', '/')}: ${price(event.price)} \u00b1 ${price(event.confidence)} ${unit}${event.guarded ? '; the market is on guard' : ''}`;
    case 'surface_published':
      return `A new surface takes force at the next price${event.clipped ? ', cut to the largest step allowed' : ''}`;
    case 'reports_kept':
      return `${event.fresh} of ${event.needed} reports needed for a price`;
    case 'jump_held':
      return `A jump from ${price(event.in_force)} to ${price(event.price)} ${unit} waits for confirmation`;
    case 'jump_dropped':
      return `The jump to ${price(event.price)} ${unit} was not confirmed and is dropped`;
    case 'board_listed':
      return `${expiryWords(event.expiry)} is listed; it settles ${dateTime(event.expiration_timestamp)} between ${price(event.floor, 0)} and ${price(event.cap, 0)} ${unit}`;
    case 'strike_listed':
      return `${expiryWords(event.expiry)} ${price(event.strike, 0)} is listed`;
    case 'strike_retired':
      return `${expiryWords(event.expiry)} ${price(event.strike, 0)} was empty and is retired`;
    case 'board_settled':
      return `${expiryWords(event.expiry)} settled at ${price(event.price)} ${unit} (average ${price(event.average)}, longest silence ${duration(event.silence_ms)}${event.stale ? ', no price inside the window' : ''})`;
    case 'account_settled':
      return `${expiryWords(event.expiry)} paid ${cash(event.payoff)} ${unit}; with what was locked, ${cash(event.paid)} ${unit} came back`;
    case 'board_closed':
      return `${expiryWords(event.expiry)} has no holder left; ${cash(event.dust)} ${unit} of roundings went to the pool`;
    default:
      return null;
  }
}

/** Money and liquidity. */
function ofMoney(event: ApiEvent, unit: string): string | null {
  switch (event.type) {
    case 'deposited':
      return `${cash(event.amount)} ${unit} came in from the wallet`;
    case 'withdrawn':
      return `${cash(event.amount)} ${unit} went out to the wallet`;
    case 'deposit_requested':
      return `${cash(event.amount)} ${unit} set aside for shares of pool ${event.pool}, epoch ${size(event.epoch)}`;
    case 'withdraw_requested':
      return `${size(event.shares)} shares of pool ${event.pool} frozen to be paid out, epoch ${size(event.epoch)}`;
    case 'epoch_closed':
      return `Epoch ${size(event.epoch)} of pool ${event.pool} takes no more requests; its batch runs at the first price from ${clock(event.due_at)}`;
    case 'epoch_processed':
      return `Batch of epoch ${size(event.epoch)} of pool ${event.pool}: ${cash(event.cash_in)} ${unit} in for ${size(event.shares_in)} shares, ${size(event.shares_paid)} of ${size(event.shares_out)} shares paid ${cash(event.cash_out)} ${unit}`;
    case 'claimed':
      return `Epoch ${size(event.epoch)} of pool ${event.pool} handed over ${size(event.shares)} shares and ${cash(event.cash)} ${unit}`;
    case 'shares_transferred':
      return `${size(event.shares)} shares of pool ${event.pool} went to ${shortAddress(event.to)}`;
    case 'position_transferred':
      return `${signedSize(event.size)} ${instrumentWords(event.instrument)} went to ${shortAddress(event.to)} with ${cash(event.payment)} ${unit}`;
    case 'short_offered':
      return `A short position is offered to ${shortAddress(event.to)}, offer ${size(event.offer)}`;
    case 'offer_revoked':
      return `Offer ${size(event.offer)} was taken back`;
    default:
      return null;
  }
}

/** What happened, in a sentence without a full stop. */
export function eventWords(event: ApiEvent, unit: string): string {
  const said = ofOrder(event, unit) ?? ofMarket(event, unit) ?? ofMoney(event, unit);
  if (said) return said;
  switch (event.type) {
    case 'proposed':
      return `Change ${size(event.proposal)} is announced; it can take force from ${dateTime(event.from)}`;
    case 'enacted':
      return `Change ${size(event.proposal)} took force`;
    case 'proposal_rejected':
      return `Change ${size(event.proposal)} was dropped`;
    case 'pause_set':
      return `${event.market ? event.market.replace('_', '/') : 'Every market'} ${event.paused ? 'is paused: what adds risk is refused' : 'goes on'}`;
    case 'session_granted':
      return `Session key ${shortAddress(event.key)} may act until ${dateTime(event.expires_at)}`;
    case 'session_revoked':
      return `Session key ${shortAddress(event.key)} has ended`;
    case 'reverted':
      return `The venue went back to the snapshot "${event.name}"; what happened from ${size(event.to_seq)} on no longer holds`;
    case 'snapshot_taken':
      return `Snapshot "${event.name}" was taken`;
    default:
      return typeName(event.type);
  }
}
