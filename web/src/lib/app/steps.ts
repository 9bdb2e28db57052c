/** The lives of orders and of liquidity requests as steps of a timeline. */
import type { Account, LpQueue, LpRequest, OrderLife } from '@cenote/client';
import { isZero } from '../num/decimal';
import { cash, size } from '../num/format';
import { clock, dateTime, duration } from '../num/time';
import type { Step } from '../ui/Timeline.svelte';

const ENDED: Record<string, string> = {
  cancelled: 'Cancelled',
  expired: 'Its time was up',
  not_filled: 'Not filled',
  dropped: 'Dropped',
};

/** An order: signed and sent, durable, due, filled (or resting, or ended). */
export function orderSteps(life: OrderLife, unit: string): Step[] {
  const over = life.state === 'filled' || life.state === 'ended';
  const durable = life.order !== undefined;
  const steps: Step[] = [
    {
      name: life.state === 'signing' ? 'Signing' : 'Sent',
      state: life.state === 'signing' ? 'now' : life.state === 'refused' && !durable ? 'failed' : 'done',
      note: life.state === 'signing' ? 'Nothing has been sent yet.' : undefined,
    },
    {
      name: 'Durable',
      state: durable ? 'done' : life.state === 'sent' ? 'now' : 'next',
      at: durable ? `order ${size(String(life.order))}` : undefined,
    },
    {
      name: 'Due',
      state: over || life.state === 'resting' ? 'done' : life.state === 'durable' ? 'now' : 'next',
      at: life.dueAt !== undefined && !over ? `first price from ${clock(life.dueAt)}` : undefined,
    },
  ];
  if (life.state === 'filled' && life.cost) {
    steps.push({
      name: 'Filled',
      state: 'done',
      at: life.tick === undefined ? undefined : `at tick ${size(String(life.tick))}`,
      note: `${cash(life.cost.total)} ${unit}`,
    });
  } else if (life.state === 'ended' || life.state === 'refused') {
    const name = life.state === 'refused' ? 'Refused' : (ENDED[life.ended ?? ''] ?? 'Ended');
    steps.push({ name, state: life.ended === 'cancelled' ? 'done' : 'failed', note: life.reason?.message });
  } else {
    const resting = life.state === 'resting';
    steps.push({ name: resting ? 'Resting' : 'Filled', state: resting ? 'now' : 'next', note: resting ? life.reason?.message : undefined });
  }
  return steps;
}

/** A liquidity request: requested, priced by its batch, payable, paid. */
export function liquiditySteps(request: LpRequest, queue: LpQueue, unit: string): Step[] {
  const entering = !isZero(request.deposit);
  const at = ['requested', 'closing', 'priced', 'waiting'].indexOf(request.state);
  const priced = at >= 2;
  // What is still in the open epoch has no time of its own: the next price closes it, and a price made well after that is its own.
  const from = request.due_at ?? queue.priced_from;
  return [
    {
      name: 'Requested',
      state: 'done',
      at: `epoch ${size(String(request.epoch))}`,
      note: entering ? `${cash(request.deposit)} ${unit} set aside` : `${size(request.exit)} shares frozen`,
    },
    {
      name: 'Priced',
      state: priced ? 'done' : 'now',
      at: from && !priced ? `first price from ${clock(from)}` : undefined,
      note: priced ? undefined : 'Everyone of an epoch gets one price, made after it closed.',
    },
    {
      name: entering ? 'Claimable' : 'Payable',
      state: request.state === 'priced' ? 'now' : request.state === 'waiting' ? 'now' : 'next',
      note: request.state === 'waiting' ? `Paid so far: ${cash(request.paid)} ${unit}. The rest waits until the pool has freed the cash.` : undefined,
    },
    {
      name: entering ? 'Shares' : 'Paid',
      state: 'next',
      note: entering ? `Locked for ${duration(queue.lock_ms)} after their batch.` : undefined,
    },
  ];
}

/** When a stake's last lock ends, in words. */
export function lockWords(stake: Account['stakes'][number]): string | null {
  return stake.locked_until ? `${size(stake.locked)} shares locked until ${dateTime(stake.locked_until)}` : null;
}
