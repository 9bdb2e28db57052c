"""Proposals, pauses and session keys (G1 to G4)."""

import params
from ledger import Refused
from surface import DAY_MS
from world import Market, Pool, hexed


class Session:
    """What a key may do for an account; what it spent is known between two bounds (credits count or not)."""

    def __init__(self, grant, before=None):
        self.trade, self.liquidity = grant["trade"], grant["liquidity"]
        self.cap, self.expires_at = grant["daily_cap"], grant["expires_at"]
        self.spent = {day: (0, high) for day, (_, high) in before.spent.items()} if before else {}

    def record(self, day, bounds):
        low, high = self.spent.get(day, (0, 0))
        self.spent[day] = (max(0, low + bounds[0]), max(0, high + bounds[1]))

    def check(self, ctx, bounds):
        """Refuses what the cap of the day cannot take."""
        low, high = self.spent.get(ctx.now // DAY_MS, (0, 0))
        if low + bounds[0] > self.cap:
            raise Refused("session_cap", f"G4: {low} and {bounds[0]} of {self.cap}")
        ctx.unclear(high + bounds[1] > self.cap, "session_cap", "G4: what a credit in the limit or a fill frees")


def grant_session(world, ctx, body):
    key = hexed(body["key"])
    ctx.unclear(key == ctx.actor, "invalid", "a session key that is the account itself")
    ctx.unclear(body["expires_at"] <= ctx.now, "invalid", "a session that has ended before it begins")
    ctx.unclear(not (body["trade"] or body["liquidity"]), "invalid", "a session that may do nothing")
    ctx.unclear(body["daily_cap"] < 0, "invalid", "a negative cap")
    sessions = world.account(ctx.actor).sessions
    ctx.unclear(key not in sessions and len(sessions) >= 4, "account_full", "sessions of an account")
    ctx.events.need("session_granted", account=ctx.actor, key=key, expires_at=body["expires_at"])
    sessions[key] = Session(body, sessions.get(key))


def revoke_session(world, ctx, body):
    key = hexed(body["key"])
    sessions = world.account(ctx.actor).sessions
    if key not in sessions:
        ctx.unclear(True, "session_refused", "RevokeSession of no session")
        ctx.events.take("session_revoked", account=ctx.actor, key=key)
        return
    ctx.events.need("session_revoked", account=ctx.actor, key=key)
    del sessions[key]


def _only(ctx, *holders):
    if ctx.actor not in {hexed(h) for h in holders}:
        raise Refused("forbidden", "G1")


def check_action(world, action):
    """G2."""
    ((kind, body),) = action.items()
    if kind == "create_pool":
        params.check_pool(body)
    elif kind == "set_pool":
        world.pool(body["pool"])
        params.check_pool(body["params"])
    elif kind == "create_market":
        pool = world.pool(body["pool"])
        params.check_market(body["params"])
        if len(world.markets_of(pool)) >= params.MARKETS_PER_POOL:
            raise Refused("too_many", "markets of a pool")
    elif kind == "set_market":
        market = world.market(body["market"])
        params.check_market(body["params"])
        for name in ("name", "price_tick"):
            if body["params"][name] != market.params[name]:
                raise Refused("invalid", f"G2: {name} never changes")


def propose(world, ctx, body):
    _only(ctx, world.powers["admin"])
    check_action(world, body["action"])
    ctx.unclear(len(world.proposals) >= 16, "too_many", "proposals")
    start = ctx.now + world.powers["timelock"]
    ctx.events.need("proposed", proposal=ctx.sequence, **{"from": start})
    world.proposals[ctx.sequence] = (body["action"], start)


def enact(world, ctx, body):
    if body["proposal"] not in world.proposals:
        raise Refused("proposal_not_found", "G1")
    action, start = world.proposals[body["proposal"]]
    if ctx.now < start:
        raise Refused("timelocked", f"until {start}")
    check_action(world, action)
    ctx.events.need("enacted", proposal=body["proposal"])
    del world.proposals[body["proposal"]]
    apply_action(world, action)


def apply_action(world, action):
    ((kind, body),) = action.items()
    if kind == "create_pool":
        number = max(world.pools, default=-1) + 1
        world.pools[number] = Pool(number, body)
    elif kind == "create_market":
        number = max(world.markets, default=-1) + 1
        world.markets[number] = Market(number, body["pool"], body["params"])
    elif kind == "set_pool":
        world.pools[body["pool"]].set_params(body["params"])
    elif kind == "set_market":
        world.markets[body["market"]].set_params(body["params"])
    elif kind == "set_powers":
        world.powers = body


def reject(world, ctx, body):
    _only(ctx, world.powers["admin"], world.powers["guardian"])
    if body["proposal"] not in world.proposals:
        raise Refused("proposal_not_found", "G1")
    ctx.events.need("proposal_rejected", proposal=body["proposal"])
    del world.proposals[body["proposal"]]


def pause(world, ctx, body):
    _set_pause(world, ctx, body["market"], True)


def resume(world, ctx, body):
    _set_pause(world, ctx, body["market"], False)


def _set_pause(world, ctx, number, paused):
    _only(ctx, world.powers["guardian"])
    target = world if number is None else world.market(number)
    ctx.unclear(target.paused == paused, "invalid", "a pause or resume that changes nothing")
    ctx.events.need("pause_set", market=number, paused=paused)
    target.paused = paused
