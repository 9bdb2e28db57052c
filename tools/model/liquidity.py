"""Shares, epochs, batches, exit rounds and claims (Q1 to Q9)."""

import params
from boards import POOL
from ledger import Mismatch, Refused, ceil_div, equal
from surface import DAY_MS
from world import Unpriced

OWNERLESS_CASH = 1_000_000  # A
PRICE_UNIT = 10**18
INDEX_UNIT = 10**27
ROUND_END = 10**12


class Epoch:
    def __init__(self):
        self.cash = self.shares = 0
        self.round = self.survival = self.index = None
        self.processed = self.refused = False
        self.made, self.unlock = 0, None


class Round:
    def __init__(self, number):
        self.number, self.survival, self.index, self.waiting = number, INDEX_UNIT, 0, 0


def epoch_of(pool, number):
    return pool.epochs.setdefault(number, Epoch())


def unlocked(world, account, pool, now):
    """Q8."""
    mine = world.account(account)
    return mine.shares.get(pool.id, 0) - sum(n for n, until in mine.locks.get(pool.id, []) if now < until)


def need_unlocked(world, ctx, account, pool, shares):
    free = unlocked(world, account, pool, ctx.now)
    if shares > free:
        raise Refused("insufficient_shares", f"{shares} of {free} unlocked")


def lock(mine, pool, shares, until, now):
    """Q8: one lock more than there is room for joins the latest."""
    locks = [(n, end) for n, end in mine.locks.get(pool.id, []) if now < end]
    if len(locks) >= params.LOCKS:
        n, end = max(locks, key=lambda at: at[1])
        locks.remove((n, end))
        shares, until = shares + n, max(until, end)
    mine.locks[pool.id] = [*locks, (shares, until)]


def orders_live(world, ctx):
    """L4."""
    if world.orders_of(ctx.actor):
        raise Refused("orders_live", "L4")


def _request(world, ctx, pool):
    """The account's request in the open epoch, made if there is room for it."""
    mine = world.account(ctx.actor)
    at = (pool.id, pool.open_epoch)
    if at not in mine.requests and sum(p == pool.id for p, _ in mine.requests) >= params.CLAIMS:
        raise Refused("account_full", "requests not yet claimed")
    return mine.requests.setdefault(at, {"cash": 0, "shares": 0, "paid": 0})


def request_deposit(world, ctx, body):
    """Q2."""
    pool, amount = world.pool(body["pool"]), body["amount"]
    if amount <= 0:
        raise Refused("invalid", "amount")
    if ctx.session is not None:
        ctx.session.check(ctx, (amount, amount))
    if world.paused:
        raise Refused("paused", "G3")
    orders_live(world, ctx)
    ctx.unclear(any(m.paused for m in world.markets_of(pool)), "paused", "G3: a deposit while one market is paused")
    if world.cash(ctx.actor) < amount:
        raise Refused("insufficient_cash", f"{amount} of {world.cash(ctx.actor)}")
    request = _request(world, ctx, pool)
    epoch = pool.open_epoch
    ctx.events.need("deposit_requested", account=ctx.actor, pool=pool.id, epoch=epoch, amount=amount)
    world.ledger.post(f"account:{ctx.actor}", f"pool_pending:{pool.id}:{epoch}", amount)
    if ctx.session is not None:
        ctx.session.record(ctx.now // DAY_MS, (amount, amount))
    request["cash"] += amount
    epoch_of(pool, epoch).cash += amount


def request_withdraw(world, ctx, body):
    """Q2."""
    pool, shares = world.pool(body["pool"]), body["shares"]
    if shares <= 0:
        raise Refused("invalid", "shares")
    need_unlocked(world, ctx, ctx.actor, pool, shares)
    request = _request(world, ctx, pool)
    epoch = pool.open_epoch
    ctx.events.need("withdraw_requested", account=ctx.actor, pool=pool.id, epoch=epoch, shares=shares)
    world.account(ctx.actor).shares[pool.id] -= shares
    request["shares"] += shares
    epoch_of(pool, epoch).shares += shares


def transfer_shares(world, ctx, body):
    pool, shares, to = world.pool(body["pool"]), body["shares"], ctx.name(body["to"])
    if shares <= 0:
        raise Refused("invalid", "shares")
    need_unlocked(world, ctx, ctx.actor, pool, shares)
    theirs = world.account(to).shares
    if not theirs.get(pool.id) and sum(1 for n in theirs.values() if n) >= params.STAKES:
        ctx.unclear(True, "account_full", "pools of the receiver")
    ctx.unclear(to == ctx.actor, "invalid", "a transfer to oneself")
    ctx.events.need("shares_transferred", pool=pool.id, **{"from": ctx.actor}, to=to, shares=shares)
    world.account(ctx.actor).shares[pool.id] -= shares
    theirs[pool.id] = theirs.get(pool.id, 0) + shares


# The batch.


def batch(world, ctx, pool, market):
    """Q3, Q4: processes the closing epoch, closes the open one."""
    if pool.closing is not None:
        process_if_due(world, ctx, pool)
        return
    requests = epoch_of(pool, pool.open_epoch)
    if not (requests.cash or requests.shares or (pool.round and pool.round.waiting)):
        return
    event = ctx.events.need("epoch_closed", pool=pool.id, epoch=pool.open_epoch)
    equal("Q3: epoch due", event["due_at"], ctx.now + market.rules.commit_delay)
    pool.closing = (pool.open_epoch, event["due_at"])
    pool.open_epoch += 1


def ready(world, pool, due):
    """Q4: no market in which the pool holds something is uncertain or without a later tick."""
    for market in world.markets_of(pool):
        if any(b.held(POOL) for b in world.boards_of(pool) if b.market == market.id):
            if market.held or market.clipped or market.tick.at < due:
                return False
    return True


def process_if_due(world, ctx, pool):
    number, due = pool.closing
    verdict = ready(world, pool, due)
    event = ctx.events.take("epoch_processed", pool=pool.id, epoch=number)
    if event is None and verdict:
        raise Mismatch(f"Q4: epoch {number} of pool {pool.id} should be processed")
    if event is None:
        return
    if verdict is False:
        raise Mismatch(f"Q4: epoch {number} of pool {pool.id} was processed too early (due {due})")
    pool.closing = None
    process(world, ctx, pool, number, event)


def process(world, ctx, pool, number, event):
    """Q5 to Q7 with the engine's rounded numbers, each checked first."""
    epoch = epoch_of(pool, number)
    epoch.processed = True
    try:
        equity, tolerance = world.equity(pool)
        world.log.close("equity in a batch", event["equity"], equity, tolerance)
    except Unpriced:
        world.log.note("a batch was not priced: no surface known")
    is_open = any(b.held(POOL) for b in world.boards_of(pool))
    exits(world, ctx, pool, epoch, event, is_open)
    entries(world, ctx, pool, epoch, event, is_open)
    # Two units: whether ceil(f E) is taken of the rounded or of the exact equity.
    world.log.close("R after the batch", event["risk_capital"], pool.risk_capital, 2)
    pool.risk_capital = event["risk_capital"]


def exits(world, ctx, pool, epoch, event, is_open):
    """Q5, Q6."""
    if epoch.shares and pool.round is None:
        pool.round = Round(pool.next_round)
        pool.next_round += 1
    current = pool.round
    if epoch.shares:
        epoch.round, epoch.survival, epoch.index = current.number, current.survival, current.index
        current.waiting += epoch.shares
    waiting = current.waiting if current else 0
    equal("Q5: shares that wait", event["shares_out"], waiting)
    paid, cash = event["shares_paid"], event["cash_out"]
    if not waiting:
        equal("Q5: nothing waits, nothing is paid", (paid, cash), (0, 0))
        return
    check_exit(world, ctx, pool, event, waiting, is_open)
    leave = ceil_div(paid * max(0, event["equity"]), pool.shares)
    floor = pool.rules.risk_capital_min if is_open else 0
    pool.risk_capital = max(pool.risk_capital - leave, floor, 0)
    pool.shares -= paid
    world.ledger.post(pool.bucket, f"pool_claims:{pool.id}:{current.number}", cash)
    current.index += current.survival * cash // waiting
    current.survival = current.survival * (waiting - paid) // waiting
    current.waiting = waiting - paid
    if current.waiting == 0 or current.survival < ROUND_END:
        pool.ended_rounds[current.number] = current
        pool.round = None


def check_exit(world, ctx, pool, event, waiting, is_open):
    """Shares paid exactly as the integers say, cash within tolerance."""
    equity, paid = event["equity"], event["shares_paid"]
    locked = sum(b.owed(POOL) for b in world.boards_of(pool))
    reserve = ceil_div(locked * 10**9, pool.rules.utilisation_exit)
    free = world.ledger.of(pool.bucket)
    cap = max(0, min(free, pool.risk_capital - reserve))
    if equity <= 0:
        equal("Q5: shares paid without equity", paid, 0)
    elif waiting * equity <= cap * pool.shares:
        equal("Q5: all shares paid", paid, waiting)
    else:
        slack = 2 * pool.shares // equity + 2  # one unit of cash in cap, either way
        world.log.close("Q5: shares paid", paid, min(waiting, pool.shares * cap // equity), slack)
    if paid > waiting or event["cash_out"] > free or event["cash_out"] < 0:
        raise Mismatch(f"Q5: paid {paid} of {waiting} shares, {event['cash_out']} of {free} cash")
    try:
        value, slack = exit_cash(world, ctx, pool, paid, is_open)
        tolerance = slack + paid / pool.shares + 1
        world.log.close("Q5: cash paid", event["cash_out"], min(max(0.0, value), free), tolerance)
    except Unpriced:
        pass


def exit_cash(world, ctx, pool, paid, is_open):
    """f (E - spread) less the rise of Phi and Lambda, in units, with its tolerance."""
    book = world.book(pool)
    equity, _ = world.equity(pool)
    share = paid / pool.shares
    floor = pool.rules.risk_capital_min if is_open else 0
    after = max(pool.risk_capital - share * equity, floor, 0)
    value = share * (equity - 1e6 * book.spread(ctx.now))
    if after > 0:
        value -= 1e6 * (book.phi(after) - book.phi() + book.lam(after) - book.lam())
    return value, book.tolerance(value)


def entries(world, ctx, pool, epoch, event, is_open):
    """Q7."""
    equal("Q7: cash that asks to enter", event["cash_in"], epoch.cash)
    made, price = event["shares_in"], event["entry_price_e18"]
    if not epoch.cash:
        equal("Q7: shares made for nobody", made, 0)
        return
    starving = is_open and event["equity"] < pool.rules.risk_capital_min
    if starving or price == 0 or made == 0:
        equal("Q7: a refused entry", (price, made), (0, 0))
        if not starving:
            check_price(world, ctx, pool, epoch.cash, 0)
        epoch.refused = True
        return
    check_price(world, ctx, pool, epoch.cash, price)
    equal("Q7: shares made", made, epoch.cash * PRICE_UNIT // price)
    pool.shares += made
    number = event["epoch"]
    world.ledger.post(f"pool_pending:{pool.id}:{number}", pool.bucket, epoch.cash)
    pool.risk_capital += epoch.cash
    if not is_open:
        pool.risk_capital = max(world.ledger.of(pool.bucket), pool.rules.risk_capital_min)
    epoch.made, epoch.unlock = made, ctx.now + pool.rules.holding_time


def check_price(world, ctx, pool, deposit, price):
    """The entry price against the model's, in 1e-18 cash a share."""
    try:
        book = world.book(pool)
        after = pool.risk_capital + deposit
        locked = sum(b.owed(POOL) for b in world.boards_of(pool))
        held = OWNERLESS_CASH + world.ledger.of(pool.bucket) + locked
        value = held + 1e6 * (book.mark - book.phi(after) - book.lam(after) + book.spread(ctx.now))
    except Unpriced:
        return
    slack = book.tolerance(value) if book.loads or book.owed_units else 0.0
    tolerance = slack / pool.shares * 1e18 + 2 + 1e-15 * abs(price)
    world.log.close("Q7: entry price", price, max(0.0, value / pool.shares * 1e18), tolerance)


# Claims.


def claim(world, ctx, body):
    """Hands out what a processed batch owes (Q6, Q7)."""
    pool, owner, number = world.pool(body["pool"]), ctx.name(body["account"]), body["epoch"]
    request = world.account(owner).requests.get((pool.id, number))
    if request is None:
        raise Refused("nothing_to_claim", f"no request of {owner} in epoch {number}")
    epoch = epoch_of(pool, number)
    if not epoch.processed:
        raise Refused("nothing_to_claim", f"not processed: epoch {number}")
    shares = refund = paid = returned = 0
    if request["cash"]:
        if epoch.refused:
            refund = request["cash"]
        else:
            shares = request["cash"] * epoch.made // epoch.cash
    finished = True
    if request["shares"]:
        current = pool.ended_rounds.get(epoch.round) or pool.round
        owed = request["shares"] * (current.index - epoch.index) // epoch.survival
        paid = owed - request["paid"]
        finished = current.number in pool.ended_rounds
        if finished and current.waiting:
            returned = request["shares"] * current.survival // epoch.survival
    ctx.unclear(not (shares or refund or paid or returned or finished), "nothing_to_claim", "a claim of nothing")
    if shares + returned and not world.account(owner).shares.get(pool.id):
        others = sum(1 for n in world.account(owner).shares.values() if n)
        ctx.unclear(others >= params.STAKES, "account_full", "a claim beyond the pools an account may hold")
    ctx.due = (shares + returned, refund + paid)
    event = ctx.events.need("claimed", account=owner, pool=pool.id, epoch=number)
    equal("claimed (shares, cash)", (event["shares"], event["cash"]), ctx.due)
    hand_over(world, ctx.now, pool, owner, number, epoch, (shares, returned, refund, paid))
    request["cash"], request["paid"] = 0, request["paid"] + paid
    if finished:
        del world.account(owner).requests[(pool.id, number)]


def hand_over(world, now, pool, owner, number, epoch, due):
    shares, returned, refund, paid = due
    mine = world.account(owner)
    if shares or returned:
        mine.shares[pool.id] = mine.shares.get(pool.id, 0) + shares + returned
    if shares:
        lock(mine, pool, shares, epoch.unlock, now)
    if refund:
        world.ledger.post(f"pool_pending:{pool.id}:{number}", f"account:{owner}", refund)
    if paid:
        world.ledger.post(f"pool_claims:{pool.id}:{epoch.round}", f"account:{owner}", paid)
