"""The Deribit-compatible API with NautilusTrader's Deribit adapter: instruments, live data, orders, fills, reports.

Reads CENOTE_NODE, CENOTE_API_ID and CENOTE_API_SECRET, those of a running `cenote up`. Prints one line a check. Optional: it ends well with
`skipped: why` where the package is not installed (`pip install nautilus_trader==1.231.0`, Python 3.12 or later, 1 GB).

A whole trading node runs, with its own data engine, execution engine and cache. Two things that the adapter of this version lacks in Python are put
in by `Factory`; everything else is as it is installed:

- its execution client makes its WebSocket client with `with_credentials(environment)`, which takes no address, and `base_url_ws` of its
  configuration is not read (`adapters/deribit/execution.py`); the same class is made here with this node's address;
- the WebSocket client hands fills over as `OrderFilled`, and `_handle_ws_message` of the execution client knows every other event but not this one
  ("Received unhandled message type"), so fills of its own orders would be seen by reconciliation alone; it is handed on here as the others are.

It makes positions from before again from the account's past orders in the order in which they are answered, newest first, so what it thinks was held
before may be wrong: what is compared is what it makes of its own fills. They come with prices of the instrument's two decimals, while a price here
has as many as its money needs: they are compared to the cent.
"""

import asyncio
import json
import os
import sys
import urllib.request
from decimal import Decimal

try:
    from nautilus_trader.adapters.deribit import DeribitDataClientConfig, DeribitExecClientConfig
    from nautilus_trader.adapters.deribit import DeribitLiveDataClientFactory, DeribitLiveExecClientFactory
    from nautilus_trader.config import InstrumentProviderConfig, LiveExecEngineConfig, LoggingConfig, TradingNodeConfig
    from nautilus_trader.core import nautilus_pyo3
    from nautilus_trader.live.node import TradingNode
    from nautilus_trader.model.enums import OrderSide, OrderStatus, TimeInForce
    from nautilus_trader.model.events import OrderFilled
    from nautilus_trader.model.identifiers import InstrumentId, Venue
    from nautilus_trader.model.objects import Currency
    from nautilus_trader.trading.strategy import Strategy
except ImportError as missing:
    print(f"skipped: {missing}; install nautilus_trader 1.231.0 to run this")
    sys.exit(0)

BASE, API_ID, SECRET = (os.environ[name] for name in ("CENOTE_NODE", "CENOTE_API_ID", "CENOTE_API_SECRET"))
DERIBIT, DAY_MS = "DERIBIT", 86_400_000
passed, failed = 0, 0


def native(path):
    with urllib.request.urlopen(BASE + path) as answer:
        return json.load(answer)


def check(name, good, seen=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"ok   {name}" if good else f"FAIL {name}: {str(seen)[:600]}", flush=True)


def near(a, b, tolerance):
    return abs(float(a) - float(b)) <= tolerance


class Factory(DeribitLiveExecClientFactory):
    """The execution client, pointed at this node, its fills handed on."""

    @staticmethod
    def create(loop, name, config, msgbus, cache, clock):
        client = DeribitLiveExecClientFactory.create(loop, name, config, msgbus, cache, clock)
        client._ws_client = nautilus_pyo3.DeribitWebSocketClient(
            url=config.base_url_ws, api_key=config.api_key, api_secret=config.api_secret, environment=config.environment
        )
        client._ws_client.set_account_id(client.pyo3_account_id)
        others, told = client._handle_ws_message, set()

        def handle(message):
            if not isinstance(message, nautilus_pyo3.OrderFilled):
                others(message)
            elif message.trade_id.value not in told:
                # It comes with the answer to the order and once more from the channel.
                told.add(message.trade_id.value)
                client._send_order_event(OrderFilled.from_dict(message.to_dict()))

        client._handle_ws_message = handle
        return client


class Watcher(Strategy):
    """Keeps the first of each kind of data, and places what it is told to."""

    def __init__(self, name):
        super().__init__()
        self.name, self.seen = InstrumentId.from_str(f"{name}.{DERIBIT}"), {}

    def on_start(self):
        self.subscribe_quote_ticks(self.name)
        self.subscribe_order_book_deltas(self.name)
        self.subscribe_trade_ticks(self.name)
        self.subscribe_mark_prices(self.name)
        self.subscribe_option_greeks(self.name)

    def on_quote_tick(self, tick):
        self.seen["quote"] = tick

    def on_trade_tick(self, tick):
        self.seen["trade"] = tick

    def on_mark_price(self, price):
        self.seen["mark"] = price

    def on_option_greeks(self, greeks):
        self.seen["greeks"] = greeks

    async def place(self, order, until, seconds=10):
        """Submits an order and waits until it is as wanted, or for so long."""
        self.submit_order(order)
        await wait(lambda: until(order), seconds)
        return order

    def one(self):
        return self.cache.instrument(self.name).make_qty(Decimal(1))

    def market(self, side, **more):
        return self.order_factory.market(self.name, side, self.one(), **more)

    def limit(self, price, **more):
        price = self.cache.instrument(self.name).make_price(Decimal(price))
        return self.order_factory.limit(self.name, OrderSide.BUY, self.one(), price, **more)


async def wait(done, seconds=15):
    for _ in range(int(seconds * 20)):
        if done():
            return True
        await asyncio.sleep(0.05)
    return False


def at_the_money():
    """A call at the money that expires in two to nine days."""
    status = native("/v1/status")
    now, index = status["market_time_ms"], float(status["markets"][0]["index_price"])
    rows = [row for row in native("/v1/instruments")["instruments"] if row["option_type"] == "call"]
    rows = [row for row in rows if 2 * DAY_MS < row["expiration_timestamp"] - now < 9 * DAY_MS]
    return min(rows, key=lambda row: abs(float(row["strike"]) - index))


def make_node(loop, watcher):
    config = {
        "api_key": API_ID,
        "api_secret": SECRET,
        "product_types": (nautilus_pyo3.DeribitProductType.OPTION,),
        "environment": nautilus_pyo3.DeribitEnvironment.TESTNET,
        "base_url_http": BASE + "/api/v2",
        "base_url_ws": BASE.replace("http", "ws") + "/ws/api/v2",
        "instrument_provider": InstrumentProviderConfig(load_all=True),
        "max_retries": 1,
    }
    node = TradingNode(
        config=TradingNodeConfig(
            trader_id="TESTER-001",
            logging=LoggingConfig(log_level="OFF"),
            data_clients={DERIBIT: DeribitDataClientConfig(**config)},
            exec_clients={DERIBIT: DeribitExecClientConfig(**config)},
            exec_engine=LiveExecEngineConfig(reconciliation=True),
            timeout_connection=20,
            timeout_reconciliation=10,
            timeout_portfolio=10,
        ),
        loop=loop,
    )
    node.trader.add_strategy(watcher)
    node.add_data_client_factory(DERIBIT, DeribitLiveDataClientFactory)
    node.add_exec_client_factory(DERIBIT, Factory)
    node.build()
    return node


def account_of(name):
    return next(row["address"] for row in native("/v1/dev/accounts")["accounts"] if row["api_id"] == name)


def held(name):
    rows = native(f"/v1/accounts/{account_of(API_ID)}")["positions"]
    return next((float(row["size"]) for row in rows if row["instrument_name"] == name), 0.0)


def instruments(node, watcher, row):
    listed = native("/v1/instruments")["instruments"]
    check("instruments: as many as the engine lists", len(node.cache.instruments()) == len(listed), len(node.cache.instruments()))
    one = node.cache.instrument(watcher.name)
    check(
        "a call with its strike, expiry and currencies",
        float(one.strike_price) == float(row["strike"])
        and one.expiration_ns == row["expiration_timestamp"] * 1_000_000
        and (one.underlying.code, one.quote_currency.code, one.settlement_currency.code) == ("BTC", "USDC", "USDC"),
        one,
    )
    account = node.portfolio.account(Venue(DERIBIT))
    cash = native(f"/v1/accounts/{account_of(API_ID)}")["cash"]
    total = account and account.balance_total(Currency.from_str("USDC"))
    check("the account's cash", account and near(account.balance_free(Currency.from_str("USDC")).as_decimal(), cash, 0.01), (total, cash))


async def data(node, watcher, row):
    seen = watcher.seen
    await wait(lambda: {"quote", "mark", "greeks"} <= set(seen))
    quote, mark, greeks = seen.get("quote"), seen.get("mark"), seen.get("greeks")
    check("a quote: bid below ask", quote and 0 < quote.bid_price < quote.ask_price, quote)
    check("a mark between them", mark and quote and quote.bid_price < mark.value < quote.ask_price, (mark, quote))
    check("greeks of a call", greeks and 0 < greeks.delta < 1 and greeks.gamma > 0 and greeks.vega > 0 > greeks.theta, greeks)
    book = node.cache.order_book(watcher.name)
    await wait(lambda: book.best_bid_price() is not None)
    check("a book: best bid below best ask", book.best_bid_price() and book.best_bid_price() < book.best_ask_price(), book)


async def trade(node, watcher, row):
    def net():
        return sum(position.signed_qty for position in node.cache.positions_open(instrument_id=watcher.name))

    name, before, net_before = row["instrument_name"], held(row["instrument_name"]), net()
    bought = await watcher.place(watcher.market(OrderSide.BUY), lambda order: order.is_closed)
    check("a market buy of one fills", bought.status == OrderStatus.FILLED and bought.filled_qty == 1, bought)
    cost = native(f"/v1/orders/{bought.venue_order_id}")["cost"]["total"] if bought.venue_order_id else 0
    check("at the order's whole cost, to the cent", bought.avg_px and near(bought.avg_px, cost, 0.005), (bought.avg_px, cost))
    await wait(lambda: "trade" in watcher.seen)
    check("the trade is public", "trade" in watcher.seen and watcher.seen["trade"].size == 1, watcher.seen)
    check("the venue holds one more", near(held(name), before + 1, 1e-9), (before, held(name)))
    check("and so does the node", near(net(), net_before + 1, 1e-9), (net_before, net()))
    far = await watcher.place(watcher.limit("0.5", time_in_force=TimeInForce.IOC), lambda order: order.is_closed)
    check("a limit far away, immediate or cancel, is cancelled", far.status == OrderStatus.CANCELED, far)
    rests = await watcher.place(watcher.limit("1"), lambda order: order.status == OrderStatus.ACCEPTED)
    check("a limit order rests", rests.status == OrderStatus.ACCEPTED and rests.is_open, rests)
    watcher.cancel_order(rests)
    await wait(lambda: rests.is_closed)
    check("and is cancelled", rests.status == OrderStatus.CANCELED, rests)
    posted = await watcher.place(watcher.limit("1", post_only=True), lambda order: order.is_closed)
    check("post only is rejected", posted.status == OrderStatus.REJECTED, posted)
    sold = await watcher.place(watcher.market(OrderSide.SELL, reduce_only=True), lambda order: order.is_closed)
    check("a market sale, reduce only, fills", sold.status == OrderStatus.FILLED, sold)
    check("the venue holds as before", near(held(name), before, 1e-9), (before, held(name)))
    return bought


async def reports(watcher, bought):
    client = nautilus_pyo3.DeribitHttpClient(API_ID, SECRET, BASE + "/api/v2", nautilus_pyo3.DeribitEnvironment.TESTNET)
    client.cache_instruments(await client.request_instruments(nautilus_pyo3.DeribitCurrency.ANY, nautilus_pyo3.DeribitProductType.OPTION))
    account, name = nautilus_pyo3.AccountId(f"{DERIBIT}-master"), nautilus_pyo3.InstrumentId.from_str(watcher.name.value)
    orders = await client.request_order_status_reports(account, name, None, None, False)
    mine = [r for r in orders if r.venue_order_id.value == bought.venue_order_id.value]
    check("the order's report", len(mine) == 1 and str(mine[0].order_status) == "FILLED", mine)
    check("has the client's own id", mine and mine[0].client_order_id.value == bought.client_order_id.value, mine)
    fills = await client.request_fill_reports(account, name)
    check("the fill's report", any(f.venue_order_id.value == bought.venue_order_id.value for f in fills), fills[:2])
    check("reports of positions", isinstance(await client.request_position_status_reports(account), list))
    bars = await client.request_bars(nautilus_pyo3.BarType.from_str(f"{watcher.name}-1-HOUR-LAST-EXTERNAL"))
    check("bars of an hour", len(bars) >= 1, bars)


async def walk(loop):
    row = at_the_money()
    watcher = Watcher(row["instrument_name"])
    node = make_node(loop, watcher)
    running = asyncio.ensure_future(node.run_async())
    started = await wait(lambda: watcher.is_running or running.done(), 40)
    check("the node connects, reconciles and starts", started and watcher.is_running, running)
    if watcher.is_running:
        instruments(node, watcher, row)
        await data(node, watcher, row)
        bought = await trade(node, watcher, row)
        await reports(watcher, bought)


if __name__ == "__main__":
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(walk(loop))
    except Exception as error:  # noqa: BLE001: whatever it is, the rest was not checked
        check("goes on", False, f"{type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed", flush=True)
    # The node's threads would outlive an orderly end by seconds; there is nothing to keep.
    os._exit(failed > 0)
