"""The engine's dumped state against the model's, to the unit."""

from boards import POOL, board_key
from ledger import Mismatch, equal
from world import hexed


def _differences(what, engine, model):
    keys = sorted(set(engine) | set(model), key=str)
    wrong = [(k, engine.get(k), model.get(k)) for k in keys if engine.get(k) != model.get(k)]
    if wrong:
        text = "; ".join(f"{k}: engine {a}, model {b}" for k, a, b in wrong[:8])
        raise Mismatch(f"{what}: {text}{' ...' if len(wrong) > 8 else ''}")


def bucket_name(name):
    kind, _, rest = name.partition(":")
    return f"account:{hexed(rest)}" if kind == "account" else name


def compare(world, state):
    if "buckets" in state:
        engine = {bucket_name(n): a for n, a in state["buckets"].items() if a}
        _differences("buckets", engine, world.ledger.nonzero())
    if "accounts" in state:
        _accounts(world, state["accounts"])
    for number, pool in state.get("pools", {}).items():
        _pool(world, int(number), pool)
    if "pools" in state:
        equal("pools", sorted(int(n) for n in state["pools"]), sorted(world.pools))
    if "boards" in state:
        _boards(world, state["boards"])
    if "orders" in state:
        equal("live orders", sorted(state["orders"]), sorted(world.orders))
    for number, market in state.get("markets", {}).items():
        _market(world, int(number), market)


def _accounts(world, dumped):
    dumped = {hexed(name): account for name, account in dumped.items()}
    names = set(dumped) | set(world.accounts)
    for board in world.boards.values():
        names |= set(board.holders())
    for name in sorted(names):
        engine = dumped.get(name, {})
        if "cash" in engine:
            equal(f"cash of {name}", engine["cash"], world.cash(name))
        positions = {(m, e, s, k, r): size for m, e, s, k, r, size in engine.get("positions", []) if size}
        mine = {(*key, strike, right): size for key, strike, right, size in world.positions(name)}
        _differences(f"positions of {name}", positions, mine)
        owed = {(m, e, s): amount for m, e, s, amount in engine.get("obligations", []) if amount}
        _differences(f"obligations of {name}", owed, _owed(world.boards.values(), name))
        held = world.accounts[name].shares if name in world.accounts else {}
        shares = {int(p): n for p, n in engine.get("shares", {}).items() if n}
        _differences(f"shares of {name}", shares, {p: n for p, n in held.items() if n})


def _owed(boards, holder):
    return {b.key: b.owed(holder) for b in boards if b.owed(holder)}


def _pool(world, number, dumped):
    if number not in world.pools:
        raise Mismatch(f"pool {number} is unknown to the model")
    pool = world.pools[number]
    if "cash" in dumped:
        equal(f"cash of pool {number}", dumped["cash"], world.ledger.of(pool.bucket))
    if pool.risk_capital is None:
        if dumped["risk_capital"] not in (0, pool.rules.risk_capital_min):
            raise Mismatch(f"R of new pool {number}: {dumped['risk_capital']}")
        pool.risk_capital = dumped["risk_capital"]
    equal(f"R of pool {number}", dumped["risk_capital"], pool.risk_capital)
    equal(f"shares of pool {number}", dumped["shares"], pool.shares)
    boards = [b for b in world.boards.values() if b.pool == number]
    owed = {(m, e, s): amount for m, e, s, amount in dumped.get("obligations", []) if amount}
    _differences(f"obligations of pool {number}", owed, _owed(boards, POOL))
    if "positions" in dumped:
        engine = {(m, e, s, k, r): size for m, e, s, k, r, size in dumped["positions"] if size}
        mine = {(*b.key, k, r): size for b in boards for (k, r), size in b.held(POOL).items()}
        _differences(f"positions of pool {number}", engine, mine)


def _boards(world, dumped):
    engine, model = {}, {}
    for board in dumped:
        key = board_key(board.get("id", board))
        engine[key] = (board["floor"], board["cap"], sorted(board["strikes"]), board["settlement"])
        if "escrow" in board and key in world.boards:
            equal(f"escrow of {key}", board["escrow"], world.ledger.of(world.boards[key].bucket))
    for key, board in world.boards.items():
        model[key] = (board.floor, board.cap, sorted(board.strikes), board.settlement)
    _differences("boards", engine, model)


def _market(world, number, dumped):
    market = world.markets.get(number)
    if market is None:
        raise Mismatch(f"market {number} is unknown to the model")
    if "clipped" in dumped:
        equal(f"market {number} clipped", dumped["clipped"], market.clipped)
    held = market.held.tick if market.held else None
    for name, mine in (("tick", market.tick), ("held", held)):
        if name in dumped:
            engine = dumped[name] and (dumped[name]["price"], dumped[name]["published_at"])
            equal(f"{name} of market {number}", engine, mine and (mine.price, mine.at))
