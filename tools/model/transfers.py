"""Money in and out, positions that change hands, offers of shorts (L3, T1 to T3)."""

import params
from boards import board_json, board_key, settle_account
from ledger import Accepted, Refused, equal
from liquidity import orders_live


def deposit(world, ctx, body):
    ctx.unclear(ctx.funds == 0, "invalid", "a deposit of nothing")
    ctx.events.need("deposited", account=ctx.actor, amount=ctx.funds)
    world.ledger.post("external", f"account:{ctx.actor}", ctx.funds)


def withdraw(world, ctx, body):
    amount = body["amount"]
    if amount <= 0:
        raise Refused("invalid", "amount")
    orders_live(world, ctx)
    if world.cash(ctx.actor) < amount:
        raise Refused("insufficient_cash", f"{amount} of {world.cash(ctx.actor)}")
    ctx.events.need("withdrawn", account=ctx.actor, amount=amount)
    world.ledger.post(f"account:{ctx.actor}", "external", amount)


def settle_named(world, ctx, body):
    """E6: anybody names an account."""
    account = ctx.name(body["account"])
    settle_account(world, account, ctx.events, required=True)
    if ctx.events.dry:
        raise Accepted("settle_account")


def transfer_position(world, ctx, body):
    """T1 for a long, T2's offer for a short."""
    to, size = ctx.name(body["to"]), body["size"]
    key, instrument = board_key(body["board"]), (body["strike"], body["right"])
    if size == 0 or (size > 0 and body["payment"] != 0) or body["payment"] < 0:
        raise Refused("invalid", "size or payment")
    ctx.unclear(to == ctx.actor, "invalid", "a transfer to oneself")
    held = world.boards[key].size(ctx.actor, instrument) if key in world.boards else 0
    if held * size <= 0 or abs(held) < abs(size):
        raise Refused("position_too_small", f"{size} of {held}")
    orders_live(world, ctx)
    if size > 0 and world.orders_of(to):
        raise Refused("orders_live", "L4: of the receiver")
    try:
        board = _open_board(world, ctx, key)
    except Refused as refusal:
        if size > 0 or ctx.events.dry or not ctx.events.has("short_offered"):
            raise
        world.log.contradict("E5: a short of an expired board is offered", refusal)
    if size > 0:
        give_long(world, ctx, to, board, instrument, size)
        return
    offers = world.account(ctx.actor).offers
    if len(offers) >= params.OFFERS:
        raise Refused("account_full", "offers")
    event = ctx.events.need("short_offered", **{"from": ctx.actor}, to=to)
    if event["offer"] in offers:
        raise Refused("invalid", "an offer's number is used twice")
    offers[event["offer"]] = {"to": to, "board": key, "instrument": instrument, "size": size, "payment": body["payment"]}


def _open_board(world, ctx, key):
    board = world.boards.get(key)
    if board is None:
        raise Refused("board_not_found", f"{key}")
    if board.settlement is not None or board.expiry <= ctx.now:
        raise Refused("board_closed", "E5")
    return board


def _room(world, ctx, account, board, instrument, by_transfer):
    if board.size(account, instrument):
        return
    held = len(world.positions(account))
    if held >= params.POSITIONS:
        raise Refused("account_full", account)
    if by_transfer:
        mine = world.account(account)
        mine.received = {i for i in mine.received if i[0] in world.boards and world.boards[i[0]].size(account, i[1:])}
        if len(mine.received) >= params.POSITIONS_BY_TRANSFER:
            raise Refused("account_full", f"T3: {account}")
        ctx.unclear(held >= params.POSITIONS_BY_TRANSFER, "account_full", "T3: whether own positions count")


def _paid(world, ctx, account, needed):
    if world.cash(account) < needed:
        raise Refused("insufficient_cash", f"{account}: {needed} of {world.cash(account)}")


def give_long(world, ctx, to, board, instrument, size):
    """T1."""
    _room(world, ctx, to, board, instrument, by_transfer=True)
    _paid(world, ctx, ctx.actor, board.obligation_change(ctx.actor, {instrument: -size}))
    _paid(world, ctx, to, board.obligation_change(to, {instrument: size}))
    named = {"board": board_json(board.key), "strike": instrument[0], "right": instrument[1]}
    ctx.events.need(
        "position_transferred", **{"from": ctx.actor}, to=to, instrument=named, size=size, payment=0
    )
    if not board.size(to, instrument):
        world.account(to).received.add((board.key, *instrument))
    board.change(world.ledger, ctx.actor, {instrument: -size})
    board.change(world.ledger, to, {instrument: size})


def take_position(world, ctx, body):
    """T2: the taker takes the short, its payment and its obligation."""
    giver = ctx.name(body["from"])
    offer = world.account(giver).offers.get(body["offer"])
    if offer is None:
        raise Refused("offer_not_found", "offer")
    if offer["to"] != ctx.actor:
        raise Refused("offer_not_found", "offered to somebody else")
    settle_account(world, giver, ctx.events, required=True)
    instrument, size, payment = offer["instrument"], offer["size"], offer["payment"]
    held = world.boards[offer["board"]].size(giver, instrument) if offer["board"] in world.boards else 0
    if held > size:
        raise Refused("position_too_small", f"{size} of {held}")
    orders_live(world, ctx)
    if world.orders_of(giver):
        raise Refused("orders_live", "T2: of the giver")
    board = _open_board(world, ctx, offer["board"])
    _room(world, ctx, ctx.actor, board, instrument, by_transfer=False)
    _paid(world, ctx, giver, payment + board.obligation_change(giver, {instrument: -size}))
    _paid(world, ctx, ctx.actor, board.obligation_change(ctx.actor, {instrument: size}) - payment)
    event = ctx.events.need("position_transferred", **{"from": giver}, to=ctx.actor, payment=payment)
    equal("size taken", event["size"], size)
    world.ledger.post(f"account:{giver}", f"account:{ctx.actor}", payment)
    board.change(world.ledger, giver, {instrument: -size})
    board.change(world.ledger, ctx.actor, {instrument: size})
    del world.account(giver).offers[body["offer"]]


def revoke_offer(world, ctx, body):
    offers = world.account(ctx.actor).offers
    if body["offer"] not in offers:
        raise Refused("offer_not_found", "offer")
    ctx.events.need("offer_revoked", **{"from": ctx.actor}, offer=body["offer"])
    del offers[body["offer"]]
