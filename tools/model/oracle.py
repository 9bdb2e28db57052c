"""Price reports, medians, jumps and confirmations, and what accepting a tick does (P1 to P5), and surfaces."""

from math import log, sqrt

import boards
import liquidity
import orders
import readings
from ledger import Mismatch, Refused, equal
from surface import YEAR_MS, Surface, check_shape, clip, violations, vol_nodes
from world import Tick, Unpriced, hexed

HOUR_MS = 3_600_000


class Held:
    """A tick that jumped and waits."""

    def __init__(self, tick):
        self.tick, self.agreements, self.last_at = tick, 0, tick.at


def median(values):
    values = sorted(values)
    n = len(values)
    if n % 2:
        return values[n // 2]
    return (values[n // 2 - 1] + values[n // 2]) // 2


def candidate(market, now):
    """P1: (Tick or None, fresh reports)."""
    fresh = [
        r
        for name, r in market.reports.items()
        if name in market.publishers and now - r["published_at"] <= market.rules.report_age_max
    ]
    n = len(fresh)
    if n < market.rules.publishers_min or n == 0:
        return None, n
    prices = sorted(r["price"] for r in fresh)
    half_range = (prices[3 * (n - 1) // 4] - prices[(n - 1) // 4]) // 2
    confidence = max(median([r["confidence"] for r in fresh]), half_range)
    at = min(r["published_at"] for r in fresh)
    return Tick(median(prices), confidence, at, None), n


def push_price(world, ctx, body):
    market = world.market(body["market"])
    seen = set()
    ctx.unclear(not body["reports"], "invalid", "a push without reports")
    for report in body["reports"]:
        name = hexed(report["publisher"])
        if name not in market.publishers:
            raise Refused("unauthorized", f"{name} does not publish for market {market.id}")
        if name in seen:
            raise Refused("invalid", "two reports of one publisher")
        seen.add(name)
        if report["published_at"] > ctx.now:
            raise Refused("from_future", "P1: a report from the future")
        if report["price"] == 0:
            raise Refused("invalid", "a price of zero")
    for report in body["reports"]:
        name = hexed(report["publisher"])
        before = market.reports.get(name)
        if before is None or report["published_at"] > before["published_at"]:
            market.reports[name] = report
    tick, fresh = candidate(market, ctx.now)
    latest = max([t.at for t in (market.tick, market.held and market.held.tick) if t], default=-1)
    if tick is None or tick.at <= latest:
        kept = ctx.events.take("reports_kept", market=market.id)
        if kept is not None:
            equal("reports kept", (kept["fresh"], kept["needed"]), (fresh, market.rules.publishers_min))
        return
    consider(world, ctx, market, tick)


def measure(world, market, since, tick):
    """P3: bounds of the largest move that is no jump; the vol of the last hour is only known to lie in a range."""
    rules = market.rules
    years = abs(tick.at - since.at) / YEAR_MS
    try:
        ref = sqrt(world.surface_of(market).variance_ref())
    except Unpriced:
        ref = 0.0
    recent = sum(m for at, m in market.moves if at > tick.at - 24 * HOUR_MS)
    most = max(ref, 2 * sqrt(recent / (HOUR_MS / YEAR_MS)))
    floor, sigmas = rules.share("jump_floor"), rules.share("jump_sigmas")
    return tuple(max(floor, sigmas * s * sqrt(years)) for s in (ref, most))


def jumps(world, market, since, tick):
    """True, False, or None when the hour's vol decides."""
    move = abs(log(tick.price / since.price))
    least, most = measure(world, market, since, tick)
    if move <= least * (1 - 1e-9):
        return False
    return True if move > most * (1 + 1e-9) else None


def consider(world, ctx, market, tick):
    events, held = ctx.events, market.held
    if held and tick.at - held.tick.at > market.rules.guard_timeout:
        drop(market, ctx, tick)
        held = None
    if held:
        jump = jumps(world, market, held.tick, tick)
        accepted = events.has("ticked", published_at=held.tick.at)
        dropped = events.has("jump_dropped", price=held.tick.price)
        agrees = (not dropped) if jump is None else not jump
        if agrees:
            repeated = tick.at <= held.last_at
            held.last_at = max(held.last_at, tick.at)
            held.agreements += 1
            if repeated:
                world.log.note("P3: a candidate was delivered twice while a tick is held")
                held.agreements -= 0 if accepted else 1
            if held.agreements < market.rules.confirmations:
                events.take("jump_held", market=market.id) or events.take("reports_kept", market=market.id)
                return
            market.held = None
            market.calm = (ctx.now, tick.at)
            accept(world, ctx, market, held.tick, whole=False)
            accept(world, ctx, market, tick, whole=True)
            return
        drop(market, ctx, tick)
    jump = jumps(world, market, market.tick, tick) if market.tick else False
    if jump is None:
        jump = events.has("jump_held", market=market.id, price=tick.price)
        world.log.note("P3: the vol of the last hour decided whether a move is a jump")
    if jump:
        events.need("jump_held", market=market.id, price=tick.price, in_force=market.tick.price)
        market.held = Held(tick)
        return
    accept(world, ctx, market, tick, whole=True)


def drop(market, ctx, tick):
    ctx.events.need("jump_dropped", market=market.id, price=market.held.tick.price)
    market.held = None
    market.calm = (ctx.now, tick.at)


def accept(world, ctx, market, tick, whole):
    """P5, in its order."""
    if market.pending is not None:
        market.surface, market.pending = market.pending, None
    before = market.tick
    if before:
        market.moves.append((tick.at, log(tick.price / before.price) ** 2))
        for board in live_boards(world, market):
            board.count(before.price, before.at, tick.at, market.rules.settlement_window)
    market.tick = tick._replace(number=(before.number if before else 0) + 1)
    market.marks, market.last_tick_now = {}, ctx.now
    for board in live_boards(world, market):
        if board.expiry <= tick.at:
            settle_at_tick(world, ctx, board)
    pool = world.pools[market.pool]
    pool.latest = max(pool.latest, tick.at)
    reset_capital(world, ctx, market, pool)
    if whole:
        liquidity.batch(world, ctx, pool, market)
        orders.run(world, ctx, market)


def live_boards(world, market):
    return [b for _, b in sorted(world.boards.items()) if b.market == market.id and b.settlement is None]


def settle_at_tick(world, ctx, board):
    """E3 when a tick at or after expiry is accepted."""
    rules = world.markets[board.market].rules
    if not board.ticked_inside:
        settles = ctx.events.has("board_settled", board=boards.board_json(board.key))
        if settles and not board.ticked_edge and ctx.now < board.expiry + rules.settlement_delay:
            raise Mismatch(f"E3: {board.bucket} settled early on an empty window")
        if not settles:
            return
    boards.settle_board(world, board, rules.settlement_window, ctx.events)


def reset_capital(world, ctx, market, pool):
    """R at the tick, taken from the engine after a check of the equity."""
    tick, events = market.tick, ctx.events
    body = events.need("ticked", market=market.id, published_at=tick.at)
    equal(f"price of tick {tick.at}", body["price"], tick.price)
    equal(f"number of tick {tick.at}", body["number"], tick.number)
    wide = tick.confidence * market.rules.calm_factor
    if body["confidence"] not in (tick.confidence, wide // 10**9, -(-wide // 10**9)):
        raise Mismatch(f"P1: confidence {body['confidence']}, model {tick.confidence}")
    try:
        value, tolerance = world.equity(pool)
        world.log.close("equity at a tick", body["equity"], value, tolerance)
        market.delta_at_tick = world.book(pool).delta.get(market.id, 0.0)
    except Unpriced:
        world.log.note("equity not checked: no surface known")
    equal("R at the tick", body["risk_capital"], max(body["equity"], pool.rules.risk_capital_min))
    pool.risk_capital, pool.equity = body["risk_capital"], body["equity"]
    guarded, stale = world.guarded(market), world.stale(market, ctx.now)
    if body["guarded"] != guarded:
        if not (body["guarded"] and stale is not False):
            raise Mismatch(f"P4: guarded is {body['guarded']}, model {guarded}")
        world.log.note("P4: the tick's `guarded` counts a stale or missing surface")


def publish_surface(world, ctx, body):
    """V1 to V3."""
    market, at = world.market(body["market"]), body["published_at"]
    if market.published_by is None or ctx.actor != market.published_by:
        raise Refused("unauthorized", "V1: not the market's publisher")
    if at > ctx.now:
        raise Refused("from_future", "V1")
    last = market.published
    if last is not None and at <= last.published_at:
        raise Refused("not_later", "V1")
    check_shape(body["nodes"])
    new = Surface.from_json(body["nodes"], at)
    rules = market.rules
    g_max = max(vol_nodes(rules.share("vol_of_vol"))[0])
    if violations(new, last, g_max, 1e-9):
        raise Refused("arbitrage", "V2: " + "; ".join(violations(new, last, g_max, 1e-9)))
    ctx.unclear(bool(violations(new, last, g_max, -1e-9)), "arbitrage", "V2: a condition holds with equality")
    taken, clipped = new, False
    if last is not None:
        taken, share, nearness = clip(last, new, rules.share("surface_step"), rules.share("surface_step_day"))
        clipped = share < 1.0
        if clipped and violations(taken, None, g_max, 1e-9):
            raise Refused("arbitrage", "V3: the clipped surface fails V2")
    ctx.due = clipped
    event = ctx.events.need("surface_published", market=market.id, published_at=at)
    if event["clipped"] != clipped and nearness > readings.REL:
        raise Mismatch(f"V3: clipped is {event['clipped']}, model {clipped}")
    market.pending = market.published = taken
    market.clipped = event["clipped"]


def settle(world, ctx, body):
    """E3: the price in force counts to expiry."""
    key = boards.board_key(body["board"])
    board = world.boards.get(key)
    if board is None:
        raise Refused("not_found", f"board {key}")
    if board.settlement is not None:
        ctx.unclear(True, "settled", "Settle of a settled board")
        return
    market = world.markets[board.market]
    if ctx.now < board.expiry + market.rules.settlement_delay:
        raise Refused("too_early", "E3: settlement_delay")
    held = market.held
    if held and ctx.now < held.tick.at + market.rules.guard_timeout:
        raise Refused("guarded", "E3: a tick is held")
    ctx.unclear(bool(held) and ctx.now == held.tick.at + market.rules.guard_timeout, "guarded", "E3: at the timeout")
    if market.tick is None:
        raise Refused("no_price", "E3")
    if market.tick.at < board.expiry:
        ticks = board.ticked_inside, board.ticked_edge
        board.count(market.tick.price, market.tick.at, board.expiry, market.rules.settlement_window)
        board.ticked_inside, board.ticked_edge = ticks
    boards.settle_board(world, board, market.rules.settlement_window, ctx.events)
