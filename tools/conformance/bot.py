"""The Deribit-compatible API with the client that most bots use: ccxt, REST and WebSocket, unmodified.

Reads CENOTE_NODE, CENOTE_API_ID and CENOTE_API_SECRET, those of a running `cenote up`. Prints one line a check.
"""

import asyncio
import json
import os
import sys
import time
import urllib.request

import ccxt
import ccxt.pro

BASE, API_ID, SECRET = (os.environ[name] for name in ("CENOTE_NODE", "CENOTE_API_ID", "CENOTE_API_SECRET"))
WS = BASE.replace("http", "ws") + "/ws/api/v2"
passed, failed = 0, 0


def native(path, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(BASE + path, data=data, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def check(name, good, seen=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"{'ok  ' if good else 'FAIL'} {name} {seen if not good else ''}", flush=True)


def refused(name, kind, call):
    try:
        answer = call()
        check(name, False, f"expected {kind.__name__}, got {str(answer)[:200]}")
    except ccxt.BaseError as error:
        check(name, type(error) is kind, f"expected {kind.__name__}, got {type(error).__name__}: {error}")


def near(a, b, tolerance=1e-6):
    return abs(a - b) <= tolerance * max(1.0, abs(a), abs(b))


def rest():
    x = ccxt.deribit({"apiKey": API_ID, "secret": SECRET, "urls": {"api": {"rest": BASE}}})
    markets = x.load_markets()
    listed = native("/v1/instruments")["instruments"]
    check("load_markets: as many as the engine lists", len(markets) == len(listed), f"{len(markets)} of {len(listed)}")
    chain = native("/v1/chain")
    expiry = chain["expiries"][4]
    strike = min(expiry["strikes"], key=lambda s: abs(float(s["strike"]) - expiry["forward"]))
    name = strike["call"]["instrument_name"]
    symbol = x.markets_by_id[name][0]["symbol"]
    market = x.market(symbol)
    check("a market is a linear option in the quote", market["option"] and market["linear"] and market["settle"] == "USDC", market)
    check("fetch_time is now", abs(x.fetch_time() - time.time() * 1000) < 5_000)
    check("fetch_status", x.fetch_status()["status"] == "ok")
    ticker = x.fetch_ticker(symbol)
    check("fetch_ticker: bid below ask", 0 < ticker["bid"] < ticker["ask"], ticker)
    check("fetch_tickers", len(x.fetch_tickers(params={"code": "BTC"})) == len(listed))
    check("fetch_option_chain", len(x.fetch_option_chain("BTC")) == len(listed))
    check("fetch_option", x.fetch_option(symbol)["markPrice"] > 0)
    for _ in range(5):
        before = native(f"/v1/chain?expiry={expiry['expiry']}")
        greeks = x.fetch_greeks(symbol)
        after = native(f"/v1/chain?expiry={expiry['expiry']}")
        if before["tick"] == after["tick"]:
            break
    row = next(s["call"] for s in after["expiries"][0]["strikes"] if s["call"]["instrument_name"] == name)
    check("fetch_greeks equal the engine's", all(near(greeks[g], row["greeks"][g]) for g in ("delta", "gamma", "vega", "theta")), (greeks, row["greeks"]))
    book = x.fetch_order_book(symbol)
    asks, bids = [p for p, _ in book["asks"]], [p for p, _ in book["bids"]]
    check("fetch_order_book: asks rise, bids fall", asks == sorted(asks) and bids == sorted(bids, reverse=True) and asks and bids, book)
    check("fetch_ohlcv", len(x.fetch_ohlcv(symbol, "1h")) >= 1)
    check("fetch_trades", isinstance(x.fetch_trades(symbol), list))
    check("fetch_open_interest", x.fetch_open_interest(symbol) is not None)
    check("fetch_volatility_history", isinstance(x.fetch_volatility_history("BTC"), list))
    balance = x.fetch_balance()
    check("fetch_balance has cash", balance["USDC"]["free"] > 1_000, balance.get("USDC"))
    return trade(x, symbol, name)


def trade(x, symbol, name):
    address = native("/v1/dev/accounts")["accounts"][0]["address"]
    before = {p["instrument_name"]: float(p["size"]) for p in native(f"/v1/accounts/{address}")["positions"]}.get(name, 0.0)
    order = x.create_order(symbol, "market", "buy", 1)
    check("market buy of 1 fills at its tick", order["status"] == "closed" and order["filled"] == 1, order)
    fills = x.fetch_my_trades(symbol)
    own = [fill for fill in fills if fill["order"] == order["id"]]
    check("fetch_my_trades has it", len(own) == 1 and own[0]["amount"] == 1, fills[:2])
    kept = native(f"/v1/orders/{order['id']}")
    check("its price is the order's whole cost", near(own[0]["price"], float(kept["cost"]["total"])), (own, kept["cost"]))
    check("its fee is the quote's", own[0]["fee"]["currency"] == "USDC" and near(own[0]["fee"]["cost"], float(kept["cost"]["fee"])), own[0]["fee"])
    held = {p["info"]["instrument_name"]: p["info"]["size"] for p in x.fetch_positions()}
    held_natively = {p["instrument_name"]: float(p["size"]) for p in native(f"/v1/accounts/{address}")["positions"]}
    check("fetch_positions equals the native account", held == held_natively and near(held.get(name, 0), before + 1), (held, held_natively))
    far = x.create_order(symbol, "limit", "buy", 1, 0.5, {"timeInForce": "IOC"})
    check("a limit far away, IOC, is cancelled", x.fetch_order(far["id"], symbol)["status"] == "canceled", far)
    poor = next(a for a in native("/v1/dev/accounts")["accounts"] if a["name"] == "keeper")
    y = ccxt.deribit({"apiKey": poor["api_id"], "secret": poor["api_secret"], "urls": {"api": {"rest": BASE}}})
    y.load_markets()
    refused("an order above the account's cash", ccxt.InsufficientFunds, lambda: y.create_order(symbol, "market", "buy", 4))
    refused("post only", ccxt.NotSupported, lambda: x.create_order(symbol, "limit", "buy", 1, 1.0, {"postOnly": True}))
    unlisted = symbol.rsplit("-", 2)[0] + "-123456-C"
    refused("an option that is not listed", ccxt.ExchangeError, lambda: x.fetch_ticker(unlisted))
    refused("a wrong secret", ccxt.AuthenticationError, lambda: ccxt.deribit({"apiKey": API_ID, "secret": "no", "urls": {"api": {"rest": BASE}}}).fetch_balance())
    resting = x.create_order(symbol, "limit", "buy", 1, 1.0)
    open_orders = [o["id"] for o in x.fetch_open_orders(symbol)]
    check("a limit order rests, good til cancelled", resting["status"] == "open" and resting["id"] in open_orders, resting)
    cancelled = x.cancel_order(resting["id"], symbol)
    time.sleep(2.5)
    check("and is cancelled", x.fetch_order(resting["id"], symbol)["status"] == "canceled", cancelled)
    check("closed orders have it", resting["id"] in [o["id"] for o in x.fetch_closed_orders(symbol)])
    sold = x.create_order(symbol, "market", "sell", 1, None, {"reduceOnly": True})
    check("market sell, reduce only", sold["status"] == "closed", sold)
    refused("reduce only with nothing to reduce", ccxt.InvalidOrder, lambda: reduce_nothing(x, symbol, before))
    return symbol


def reduce_nothing(x, symbol, before):
    order = x.create_order(symbol, "market", "sell", max(before, 0) + 5, None, {"reduceOnly": True})
    if order["status"] != "closed":
        raise ccxt.InvalidOrder("ended without filling")
    return order


async def balance_of(x, currency):
    """Currencies come one by one; ccxt folds those before into each."""
    while True:
        balance = await x.watch_balance()
        if currency in balance:
            return balance[currency]


async def streams(symbol):
    x = ccxt.pro.deribit({"apiKey": API_ID, "secret": SECRET, "urls": {"api": {"rest": BASE, "ws": WS}}})
    await x.load_markets()

    async def watch(name, call, good):
        try:
            seen = await asyncio.wait_for(call(), 15)
            check(name, good(seen), str(seen)[:300])
        except Exception as error:  # noqa: BLE001: whatever it is, the check has failed
            check(name, False, f"{type(error).__name__}: {error}")

    await watch("watch_ticker", lambda: x.watch_ticker(symbol), lambda t: 0 < t["bid"] < t["ask"])
    await watch("watch_tickers", lambda: x.watch_tickers([symbol]), lambda t: symbol in t)
    await watch("watch_bids_asks", lambda: x.watch_bids_asks([symbol]), lambda t: symbol in t)
    await watch("watch_order_book", lambda: x.watch_order_book(symbol), lambda b: b["bids"] and b["asks"])
    await watch("watch_ohlcv", lambda: x.watch_ohlcv(symbol, "1m"), lambda c: len(c) >= 1)
    await watch("watch_balance", lambda: balance_of(x, "USDC"), lambda b: b)
    trades = asyncio.ensure_future(x.watch_trades(symbol))
    await asyncio.sleep(1)
    await x.create_order(symbol, "market", "buy", 1)
    await watch("watch_trades", lambda: trades, lambda t: t[0]["amount"] == 1)
    await x.close()


if __name__ == "__main__":
    asyncio.run(streams(rest()))
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)
