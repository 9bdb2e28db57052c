"""Listing is taken from the engine; bands, expiries, series and strikes are checked (R1 to R3, B1)."""

from datetime import datetime, timedelta, timezone
from math import ceil, exp, floor, log, sqrt

import params
import readings
from boards import Board, board_key
from ledger import Mismatch, Refused, ceil_div
from surface import YEAR_MS
from world import Unpriced

SERIES_MAX = 255


def _mornings(start_ms, end_ms):
    """08:00 UTC of every day inside, as (ms, datetime)."""
    day = datetime.fromtimestamp(start_ms / 1000, timezone.utc).replace(hour=8, minute=0, second=0, microsecond=0)
    out = []
    while True:
        ms = round(day.timestamp() * 1000)
        if ms > end_ms:
            return out
        if ms >= start_ms:
            out.append((ms, day))
        day += timedelta(days=1)


def _last_friday(day):
    return day.weekday() == 4 and (day + timedelta(days=7)).month != day.month


def calendar(rules, now):
    """R1: the expiries called for."""
    every = _mornings(now + rules.list_min, now + rules.list_max)
    kinds = (
        (rules.dailies, lambda d: True),
        (rules.weeklies, lambda d: d.weekday() == 4),
        (rules.monthlies, _last_friday),
        (rules.quarterlies, lambda d: _last_friday(d) and d.month % 3 == 0),
    )
    chosen = set()
    for count, fits in kinds:
        chosen |= set([ms for ms, day in every if fits(day)][:count])
    return chosen


def roll(world, ctx, body):
    market = world.market(body["market"])
    if world.paused or market.paused:
        raise Refused("paused", "G3")
    if market.tick is None:
        raise Refused("no_price", "R2")
    if market.held:
        raise Refused("guarded", "R3")
    if ctx.events.dry:
        world.log.note("Roll was refused: whether it has anything to do is not predicted")
        raise Refused("nothing_to_do")
    listed = []
    while ctx.events.has("board_listed"):
        listed.append(list_board(world, ctx, market, ctx.events.take("board_listed")))
    strikes(world, ctx, market)
    try:
        complete(world, ctx, market)
    except Unpriced:
        pass


def _forward_and_sd(world, market, expiry):
    surface = world.surface_of(market)
    tau = (expiry - market.tick.at) / YEAR_MS
    shorter = 2 * market.rules.settlement_window / YEAR_MS / 3 if readings.BAND_THETA_TIME == "variance" else 0.0
    return market.tick.price / 1e12 * exp(surface.carry(tau)), sqrt(surface.slice(tau - shorter)[0])


def list_board(world, ctx, market, event):
    """B1, R1, R2."""
    key = board_key(event["board"])
    _, expiry, series = key
    if key in world.boards or key[0] != market.id:
        raise Mismatch(f"R: board {key} cannot be listed")
    rules = market.rules
    if expiry not in calendar(rules, ctx.now):
        raise Mismatch(f"R1: expiry {expiry} is not in the calendar")
    live = [b for b in world.boards.values() if b.market == market.id and b.settlement is None]
    if len(live) >= params.BOARDS:
        raise Mismatch("R: more boards than a market may have")
    floor, cap, tick = event["floor"], event["cap"], market.params["price_tick"]
    if floor % tick or cap % tick or not 0 <= floor < cap:
        raise Mismatch(f"B1: band {floor} to {cap} is not on the price tick {tick}")
    forward = None
    try:
        forward, sd = _forward_and_sd(world, market, expiry)
        check_band(world, rules, forward, sd, floor, cap, tick)
        check_series(world, key, forward)
    except Unpriced:
        world.log.note("a band was not checked: no surface known")
    world.boards[key] = Board(key, floor, cap, market.pool, forward)
    return key


def check_band(world, rules, forward, sd, floor, cap, tick):
    share = rules.share
    least = share("band_min")
    up = min(max(share("band_sigmas_up") * sd, least), max(share("band_max_up"), 2.5 * sd))
    down = min(max(share("band_sigmas_down") * sd, least), share("band_max_down"))
    high, low = forward * exp(up) * 1e12, forward * exp(-down) * 1e12
    # Up to the tick and down to it: within one tick of the unrounded edge, on its outer side.
    world.log.close("R2: cap", cap, high + tick / 2, tick / 2 + 1e-9 * high)
    world.log.close("R2: floor", floor, low - tick / 2, tick / 2 + 1e-9 * low)


def beyond_half(board, forward):
    """R2: how far (in logs) the forward is beyond half of a board's band; below zero inside."""
    up, down = log(board.cap / 1e12 / board.forward), log(board.forward * 1e12 / max(board.floor, 1))
    moved = log(forward / board.forward)
    return max(moved - up / 2, -moved - down / 2)


def check_series(world, key, forward):
    siblings = sorted(k for k in world.boards if k[:2] == key[:2])
    if not siblings:
        if key[2] != 0:
            world.log.note("R2: a first series that is not number zero")
        return
    newest = world.boards[siblings[-1]]
    if key[2] != newest.key[2] + 1:
        raise Mismatch(f"R2: series {key[2]} follows {newest.key[2]}")
    if newest.forward is not None and beyond_half(newest, forward) < -1e-9:
        raise Mismatch(f"R2: series {key} is listed while the forward is inside half of the band before")


def step_of(low, high, target):
    """R3: the smallest step of 1, 2, 2.5, 5 times a power of ten of which `target` span the range, in 1e-12."""
    size = 1
    while True:
        for tenths in (10, 20, 25, 50):
            step = tenths * size
            if step * target >= high - low:
                return step
        size *= 10


def listed_range(world, market, expiry):
    """(low, high, step) in 1e-12; the range ends on whole price ticks inside."""
    forward, sd = _forward_and_sd(world, market, expiry)
    reach = market.rules.share("strike_sigmas") * sd
    tick = market.params["price_tick"]
    low, high = forward * exp(-reach) * 1e12, forward * exp(reach) * 1e12
    low, high = ceil(low / tick) * tick, floor(high / tick) * tick
    return low, high, step_of(low, high, market.rules.strikes_target)


def strikes(world, ctx, market):
    while ctx.events.has("strike_listed"):
        event = ctx.events.take("strike_listed")
        board, strike = _named(world, market, event), event["strike"]
        if strike in board.strikes or not board.floor < strike < board.cap:
            raise Mismatch(f"B1: strike {strike} cannot be listed on {board.bucket}")
        _check_on_grid(world, market, board, strike)
        board.strikes.add(strike)
    while ctx.events.has("strike_retired"):
        event = ctx.events.take("strike_retired")
        board, strike = _named(world, market, event), event["strike"]
        if strike not in board.strikes or board.traded(strike) or named(world, board, strike):
            raise Mismatch(f"R3: strike {strike} of {board.bucket} cannot be retired")
        _check_outside(world, market, board, strike)
        board.strikes.discard(strike)
    for board in world.boards.values():
        if len(board.strikes) > params.STRIKES:
            raise Mismatch(f"R3: {board.bucket} has {len(board.strikes)} strikes")


def _named(world, market, event):
    board = world.boards.get(board_key(event["board"]))
    if board is None or board.market != market.id or board.settlement is not None:
        raise Mismatch(f"R: {event} names no live board")
    return board


def _check_on_grid(world, market, board, strike):
    try:
        low, high, step = listed_range(world, market, board.expiry)
    except Unpriced:
        return
    if not low * (1 - 1e-9) <= strike <= high * (1 + 1e-9):
        raise Mismatch(f"R3: strike {strike} is outside {low:.0f} to {high:.0f}")
    if strike % step:
        detail = f"{board.key} from {low:.0f} to {high:.0f}: {strike} is not a multiple of {step}"
        world.log.contradict("R3: the step of strikes", detail)


def _check_outside(world, market, board, strike):
    try:
        low, high, _ = listed_range(world, market, board.expiry)
    except Unpriced:
        return
    if low * (1 + 1e-9) < strike < high * (1 - 1e-9):
        raise Mismatch(f"R3: strike {strike} inside {low:.0f} to {high:.0f} is retired")


def named(world, board, strike):
    """Whether a live order names a strike."""
    return any(strike == k for o in world.orders.values() for k, _ in o.legs.get(board.key, ()))


def complete(world, ctx, market):
    """R1, R3: nothing that the calendar and the range call for is missing, nothing empty is left outside."""
    live = [b for b in world.boards.values() if b.market == market.id and b.settlement is None]
    have = {b.expiry for b in live}
    wanted = calendar(market.rules, ctx.now)
    if wanted - have and len(live) < params.BOARDS:
        raise Mismatch(f"R1: not listed: {sorted(wanted - have)}")
    for expiry in wanted & have:
        newest = max((b for b in live if b.expiry == expiry), key=lambda b: b.key)
        forward, _ = _forward_and_sd(world, market, expiry)
        full = len(live) >= params.BOARDS or newest.key[2] >= SERIES_MAX
        if newest.forward is not None and beyond_half(newest, forward) > 1e-9 and not full:
            raise Mismatch(f"R2: the next series of {expiry} is not listed")
    for board in live:
        if board.expiry > ctx.now:
            complete_strikes(world, market, board)


def complete_strikes(world, market, board):
    low, high, step = listed_range(world, market, board.expiry)
    first, last = ceil_div(int(low * (1 + 1e-9)), step) * step, int(high * (1 - 1e-9))
    tick = market.params["price_tick"]
    missing = [k for k in range(first, last + 1, step) if board.floor < k < board.cap and k not in board.strikes]
    missing = [k for k in missing if k % tick == 0]
    if missing and len(board.strikes) < params.STRIKES:
        raise Mismatch(f"R3: {board.bucket} lacks strikes {missing}")
    for k in board.strikes:
        outside = k < low * (1 - 1e-9) or k > high * (1 + 1e-9)
        if outside and not board.traded(k) and not named(world, board, k):
            raise Mismatch(f"R3: {board.bucket}: strike {k} outside {low:.0f} to {high:.0f} is not retired")
