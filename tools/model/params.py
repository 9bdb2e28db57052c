"""Parameters: defaults, bounds and cross-field rules, in the integers of the JSON."""

from ledger import RATIO, Refused


def ppm(x):
    return x * 1000


def seconds(x):
    return x * 1000


def days(x):
    return seconds(86_400 * x)


# name: (default, least, most)
MARKET = {
    "publishers_min": (1, 1, 16),
    "report_age_max": (seconds(30), seconds(1), days(1)),
    "commit_delay": (1_000, 0, seconds(600)),
    "cancel_timeout": (seconds(600), seconds(1), days(2)),
    "horizon": (days(7), days(1), days(30)),
    "variance_share": (ppm(500_000), ppm(10_000), ppm(700_000)),
    "vol_of_vol": (ppm(400_000), 0, ppm(600_000)),
    "vol_spread": (ppm(7_500), ppm(500), ppm(100_000)),
    "gross_share": (ppm(350_000), 0, ppm(1_000_000)),
    "vol_age": (ppm(50_000), 0, ppm(500_000)),
    "leg_min": (ppm(50), 0, ppm(1_000)),
    "confidence_min": (ppm(300), 0, ppm(10_000)),
    "latency_factor": (ppm(1_000_000), 0, ppm(10_000_000)),
    "fee_notional": (ppm(300), 0, ppm(2_000)),
    "fee_cap": (ppm(100_000), 0, ppm(200_000)),
    "fee_insurance": (ppm(100_000), 0, ppm(500_000)),
    "fee_treasury": (ppm(100_000), 0, ppm(500_000)),
    "delta_step_max": (ppm(50_000), ppm(1_000), ppm(1_000_000)),
    "jump_sigmas": (ppm(6_000_000), ppm(2_000_000), ppm(50_000_000)),
    "jump_floor": (ppm(10_000), ppm(1_000), ppm(500_000)),
    "confirmations": (1, 1, 10),
    "guard_timeout": (seconds(3_600), seconds(60), days(2)),
    "calm": (seconds(300), 0, days(1)),
    "calm_factor": (ppm(3_000_000), ppm(1_000_000), ppm(20_000_000)),
    "surface_age_max": (seconds(600), seconds(10), days(7)),
    "surface_step": (ppm(50_000), ppm(1_000), ppm(10_000_000)),
    "surface_step_day": (ppm(1_000_000), 0, ppm(100_000_000)),
    "band_sigmas_up": (ppm(4_000_000), ppm(2_000_000), ppm(8_000_000)),
    "band_sigmas_down": (ppm(5_000_000), ppm(2_000_000), ppm(8_000_000)),
    "band_min": (ppm(405_466), ppm(50_000), ppm(1_000_000)),
    "band_max_up": (ppm(916_291), ppm(100_000), ppm(3_000_000)),
    "band_max_down": (ppm(1_609_438), ppm(100_000), ppm(5_000_000)),
    "list_max": (days(100), days(1), days(400)),
    "list_min": (seconds(4 * 3_600), seconds(60), days(30)),
    "dailies": (2, 0, 4),
    "weeklies": (2, 0, 4),
    "monthlies": (2, 0, 4),
    "quarterlies": (2, 0, 4),
    "strikes_target": (16, 4, 32),
    "strike_sigmas": (ppm(1_650_000), ppm(500_000), ppm(3_500_000)),
    "settlement_window": (seconds(1_800), seconds(60), days(1)),
    "settlement_delay": (seconds(600), seconds(1), days(7)),
    "tick_gap_max": (seconds(300), seconds(1), days(1)),
    "fills_per_tick": (64, 1, 64),
    "keeper_fee": (1_000, 0, 100_000_000),
}

POOL = {
    "risk_tolerance": (ppm(250_000), ppm(50_000), ppm(500_000)),
    "comovement": (ppm(800_000), 0, ppm(1_000_000)),
    "rent_base": (0, 0, ppm(100_000)),
    "rent_slope": (ppm(40_000), 0, ppm(500_000)),
    "rent_steep": (ppm(600_000), 0, ppm(5_000_000)),
    "utilisation_kink": (ppm(700_000), ppm(100_000), ppm(950_000)),
    "utilisation_max": (ppm(850_000), ppm(200_000), ppm(1_000_000)),
    "utilisation_exit": (ppm(750_000), ppm(150_000), ppm(1_000_000)),
    "load_max": (ppm(50_000_000), ppm(1_000_000), ppm(500_000_000)),
    "vega_max": (ppm(600), ppm(50), ppm(20_000)),
    "risk_capital_min": (10_000 * 10**6, 10**6, 10**9 * 10**6),
    "holding_time": (days(1), 0, days(30)),
}

# Bounds of the protocol.
LEGS = 8
POSITIONS = 64
POSITIONS_BY_TRANSFER = 32
ORDERS_PER_ACCOUNT = 16
ORDERS_PER_MARKET = 256
FILLS = 64
BOARDS = 16
STRIKES = 48
MARKETS_PER_POOL = 4
PUBLISHERS = 16
SURFACE_NODES = 12
STAKES = 8
CLAIMS = 8
LOCKS = 8
OFFERS = 4


class Rules:
    """One set of numbers; fields that the JSON leaves out have their defaults."""

    def __init__(self, table, given):
        unknown = set(given) - set(table)
        if unknown:
            raise ValueError(f"unknown parameters: {sorted(unknown)}")
        for name, (default, _, _) in table.items():
            setattr(self, name, given.get(name, default))

    def share(self, name):
        """A Ratio as a float."""
        return getattr(self, name) / RATIO


def market_rules(params):
    return Rules(MARKET, params.get("rules", {}))


def pool_rules(params):
    return Rules(POOL, params.get("rules", {}))


def _check_bounds(table, rules):
    for name, (_, least, most) in table.items():
        if not least <= getattr(rules, name) <= most:
            raise Refused("parameter_out_of_bounds", name)


def _check_name(name):
    if not 1 <= len(name) <= 16 or not all(c.isascii() and (c.isdigit() or c.isupper()) for c in name):
        raise Refused("invalid", "name")


def _require(condition, name):
    if not condition:
        raise Refused("invalid", name)


def account_key(text):
    return int(text, 16)


def check_market(params):
    """G2: the checks of a market's parameters."""
    _check_name(params["name"])
    rules = market_rules(params)
    _check_bounds(MARKET, rules)
    publishers = [account_key(p) for p in params["publishers"]]
    _require(1 <= len(publishers) <= PUBLISHERS, "publishers")
    _require(all(a < b for a, b in zip(publishers, publishers[1:])), "publishers")
    _require(rules.publishers_min <= len(publishers), "publishers_min")
    _require(0 < params["price_tick"] <= 10**15, "price_tick")
    smile = params["surface"].get("realised")
    if smile is not None:
        _require(ppm(50_000) <= smile["initial_vol"] <= ppm(5_000_000), "initial_vol")
        _require(ppm(1_000_000) <= smile["premium"] <= ppm(2_000_000), "premium")
        _require(abs(smile["rho"]) <= ppm(900_000) and 0 <= smile["slope"] <= ppm(1_000_000), "smile")
    _require(rules.report_age_max <= rules.settlement_delay, "settlement_delay")
    _require(rules.list_min > rules.settlement_window, "list_min")
    _require(rules.list_max > rules.list_min, "list_max")
    _require(rules.band_max_up >= rules.band_min and rules.band_max_down >= rules.band_min, "band_min")
    _require(rules.fee_insurance + rules.fee_treasury <= RATIO, "fee_treasury")
    _require(rules.fee_cap + ppm(250_000) <= ppm(500_000), "fee_cap")
    _require(rules.dailies + rules.weeklies + rules.monthlies + rules.quarterlies <= BOARDS, "dailies")


def check_pool(params):
    """G2: the checks of a pool's parameters."""
    _check_name(params["name"])
    rules = pool_rules(params)
    _check_bounds(POOL, rules)
    _require(rules.utilisation_kink < rules.utilisation_exit, "utilisation_exit")
    _require(rules.utilisation_exit <= rules.utilisation_max, "utilisation_max")
    _require(rules.rent_steep >= rules.rent_slope, "rent_steep")
