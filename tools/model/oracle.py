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
RATIO = 10**9


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
    half_range = (prices[-(-3 * (n - 1) // 4)] - prices[(n - 1) // 4]) // 2
    confidence = max(median([r["confidence"] for r in fresh]), half_range)
    at = min(r["published_at"] for r in fresh)
    return Tick(median(prices), confidence, at, None), n


def push_price(world, ctx, body):
    market = world.market(body["market"])
    seen = set()
    if not body["reports"]:
        raise Refused("invalid", "P1: no reports")
    for report in body["reports"]:
        name = hexed(report["publisher"])
        if name not in market.publishers:
            raise Refused("forbidden", f"{name} does not publish for market {market.id}")
        if name in seen:
            raise Refused("invalid", "two reports of one publisher")
        seen.add(name)
        if report["price"] == 0 or report["confidence"] > report["price"]:
            raise Refused("invalid", "P1: a price of zero, or a confidence above the price")
        if report["published_at"] > ctx.now:
            raise Refused("from_the_future", "P1: a report from the future")
    for report in body["reports"]:
        name = hexed(report["publisher"])
        before = market.reports.get(name)
        if before is None or report["published_at"] > before["published_at"]:
            market.reports[name] = report
    tick, fresh = candidate(market, ctx.now)
    latest = max([market.tick.at if market.tick else -1, market.held.last_at if market.held else -1])
    if market.tick:
        orders.run(world, ctx, market)
    if tick is None or tick.at <= latest or (market.tick and orders.due(world, market)):
        keep(ctx, market, fresh)
        return
    consider(world, ctx, market, tick, fresh)


def keep(ctx, market, fresh):
    """P2: the reports are kept and nothing else happens."""
    kept = ctx.events.need("reports_kept", market=market.id)
    equal("reports kept", (kept["fresh"], kept["needed"]), (fresh, market.rules.publishers_min))


def measure(world, market, since, tick):
    """P3: bounds of the largest move that is no jump; the start of the hour's average leaves a little room."""
    rules = market.rules
    years = abs(tick.at - since.at) / YEAR_MS
    try:
        ref = world.surface_of(market).variance_ref()
    except Unpriced:
        ref = 0.0
    floor, sigmas = rules.share("jump_floor"), rules.share("jump_sigmas")
    return tuple(max(floor, sigmas * sqrt(max(ref, v) * years)) for v in market.hour_variance)


def learn(market, before, tick):
    """Guard: variance a year of the last hour, an average with a half-life of an hour. It starts at nothing or at
    the first move; the two agree after some hours."""
    years = (tick.at - before.at) / YEAR_MS
    move = log(tick.price / before.price) ** 2 / years
    weight = 1 - 0.5 ** ((tick.at - before.at) / HOUR_MS)
    low, high = market.hour_variance
    high = move if market.tick.number == 1 else high + weight * (move - high)
    market.hour_variance = (low + weight * (move - low), high)


def jumps(world, market, since, tick):
    """True, False, or None when the start of the hour's vol decides."""
    move = abs(log(tick.price / since.price))
    bounds = measure(world, market, since, tick)
    if move <= min(bounds) * (1 - 1e-9):
        return False
    return True if move > max(bounds) * (1 + 1e-9) else None


def consider(world, ctx, market, tick, fresh):
    """P3."""
    events, held = ctx.events, market.held
    if held and tick.at - held.tick.at > market.rules.guard_timeout:
        drop(market, ctx, tick)
        held = None
    if held:
        jump = jumps(world, market, held.tick, tick)
        agrees = (not events.has("jump_dropped", price=held.tick.price)) if jump is None else not jump
        if agrees:
            held.last_at = tick.at
            held.agreements += 1
            if held.agreements < market.rules.confirmations:
                keep(ctx, market, fresh)
                return
            market.held, market.calm = None, tick.at
            accept(world, ctx, market, held.tick)
            accept(world, ctx, market, tick, whole=True)
            return
        drop(market, ctx, tick)
    jump = jumps(world, market, market.tick, tick) if market.tick else False
    if jump is None:
        jump = events.has("jump_held", market=market.id, price=tick.price)
        world.log.note("P3: the start of the last hour's vol decided whether a move is a jump")
    if jump:
        events.need("jump_held", market=market.id, price=tick.price, in_force=market.tick.price)
        market.held, market.last_word = Held(tick), ctx.now
        return
    accept(world, ctx, market, tick, whole=True)


def drop(market, ctx, tick):
    ctx.events.need("jump_dropped", market=market.id, price=market.held.tick.price)
    market.held, market.calm = None, tick.at


def accept(world, ctx, market, tick, whole=False):
    """P5, in its order; `whole` is false for a held tick that its successor confirms."""
    if market.pending is not None:
        take_force(market)
    before = market.tick
    if before:
        learn(market, before, tick)
        for board in live_boards(world, market):
            board.count(before.price, before.at, tick.at, market.rules.settlement_window)
    market.tick = tick._replace(number=(before.number if before else 0) + 1)
    market.marks, market.last_word = {}, ctx.now
    for board in live_boards(world, market):
        if board.expiry <= tick.at:
            settle_at_tick(world, ctx, board)
    pool = world.pools[market.pool]
    pool.latest = max(pool.latest, tick.at)
    reset_capital(world, ctx, market, pool)
    if whole:
        liquidity.batch(world, ctx, pool, market)
        orders.run(world, ctx, market)


def take_force(market):
    """V3: the surface that takes force is the anchor once the one before is an hour old."""
    market.surface, market.pending = market.pending, None
    anchor = market.anchor
    if market.surface.published_at - anchor.published_at >= HOUR_MS:
        market.anchor = market.surface


def live_boards(world, market):
    return [b for _, b in sorted(world.boards.items()) if b.market == market.id and b.settlement is None]


def settle_at_tick(world, ctx, board):
    """E3 when a tick at or after expiry is accepted."""
    rules = world.markets[board.market].rules
    if not board.ticked_inside:
        settles = ctx.events.has("board_settled", board=boards.board_json(board.key))
        if settles and ctx.now < board.expiry + rules.settlement_delay:
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
    guarded = world.guarded(market)
    equal("P4: guarded", body["guarded"], guarded)


def publish_surface(world, ctx, body):
    """V1 to V3."""
    market, at = world.market(body["market"]), body["published_at"]
    check_shape(body["nodes"])
    if market.published_by is None or ctx.actor != market.published_by:
        raise Refused("forbidden", "V1: not the market's publisher")
    last = market.published
    if last is not None and at <= last.published_at:
        raise Refused("not_newer", "V1")
    if at > ctx.now:
        raise Refused("from_the_future", "V1")
    new = Surface.from_json(body["nodes"], at)
    rules = market.rules
    anchor = market.anchor
    g_max = max(vol_nodes(rules.share("vol_of_vol"))[0])
    if violations(new, anchor, g_max, 1e-9):
        raise Refused("surface_arbitrage", "V2: " + "; ".join(violations(new, anchor, g_max, 1e-9)))
    ctx.unclear(bool(violations(new, anchor, g_max, -1e-9)), "surface_arbitrage", "V2: a condition holds with equality")
    taken, share, nearness = new, 1.0, 1.0
    if anchor is not None:
        start = market.surface or anchor
        taken, share, nearness = clip(anchor, start, new, rules.share("surface_step"), rules.share("surface_step_day"))
    clipped = share < 1.0
    if clipped and violations(taken, None, g_max, 1e-9):
        raise Refused("surface_arbitrage", "V3: the clipped surface fails V2")
    ctx.due = clipped
    event = ctx.events.need("surface_published", market=market.id, published_at=at)
    if event["clipped"] != clipped and nearness > readings.REL:
        raise Mismatch(f"V3: clipped is {event['clipped']}, model {clipped}")
    taken.clipped = event["clipped"]
    market.pending = market.published = taken
    market.anchor = market.anchor or taken


def settle(world, ctx, body):
    """E3: the price in force counts to expiry."""
    key = boards.board_key(body["board"])
    board = world.boards.get(key)
    if board is None:
        raise Refused("board_not_found", f"{key}")
    if board.settlement is not None:
        ctx.unclear(True, "board_closed", "Settle of a settled board")
        return
    market = world.markets[board.market]
    if ctx.now < board.expiry + market.rules.settlement_delay:
        raise Refused("not_settleable", "E3: settlement_delay")
    held = market.held
    if held and ctx.now < held.tick.at + market.rules.guard_timeout:
        raise Refused("not_settleable", "E3: a tick is held")
    ctx.unclear(bool(held) and ctx.now == held.tick.at + market.rules.guard_timeout, "not_settleable", "E3: at the timeout")
    if market.tick is None:
        raise Refused("no_price", "E3")
    if market.tick.at < board.expiry:
        board.count(market.tick.price, market.tick.at, board.expiry, market.rules.settlement_window)
    boards.settle_board(world, board, market.rules.settlement_window, ctx.events)
