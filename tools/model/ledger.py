"""Buckets of cash, what a refusal and a contradiction are, and rounding with its direction in the name."""

from collections import Counter, defaultdict

EXACT_PER_CASH = 10**12  # 1e-18 quote in one unit of cash
RATIO = 10**9            # units of a Ratio in one


class Refused(Exception):
    """The rules refuse the command; the code says why."""

    def __init__(self, code, detail=""):
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class Accepted(Exception):
    """The rules would accept a command that the engine refused (dry runs only)."""


class Mismatch(Exception):
    """The engine did something that the rules do not allow."""


def ceil_div(a, b):
    """a / b toward plus infinity."""
    return -((-a) // b)


class Ledger:
    """L1, L2: cash sits in named buckets, and only postings move it."""

    def __init__(self):
        self.buckets = defaultdict(int)

    def post(self, source, target, amount):
        """Moves `amount`; a negative amount moves the other way."""
        self.buckets[source] -= amount
        self.buckets[target] += amount

    def of(self, bucket):
        return self.buckets.get(bucket, 0)

    def overdrawn(self):
        """Buckets below zero, which only External may be."""
        return [name for name, amount in self.buckets.items() if amount < 0 and name != "external"]

    def nonzero(self):
        return {name: amount for name, amount in self.buckets.items() if amount}

    def check(self):
        if self.overdrawn():
            names = self.overdrawn()
            raise Mismatch("L2: below zero: " + ", ".join(f"{n} = {self.buckets[n]}" for n in names))
        if sum(self.buckets.values()):
            raise Mismatch(f"L2: all buckets add up to {sum(self.buckets.values())}")


class Events:
    """The engine's events of one command; the model takes them one by one, and none may be left over."""

    def __init__(self, rendered, dry=False):
        self.dry = dry
        self.items = []
        for event in rendered:
            if isinstance(event, str):
                self.items.append((event, {}))
            else:
                ((kind, body),) = event.items()
                self.items.append((kind, body))
        self.taken = [False] * len(self.items)

    def find(self, kind, **fields):
        for index, (name, body) in enumerate(self.items):
            if not self.taken[index] and name == kind and all(body.get(k) == v for k, v in fields.items()):
                return index
        return None

    def has(self, kind, **fields):
        return self.find(kind, **fields) is not None

    def take(self, kind, **fields):
        """The first event of this kind with these fields, or None."""
        index = self.find(kind, **fields)
        if index is None:
            return None
        self.taken[index] = True
        return self.items[index][1]

    def need(self, kind, **fields):
        if self.dry:
            raise Accepted(kind)
        body = self.take(kind, **fields)
        if body is None:
            same = [b for (k, b), t in zip(self.items, self.taken) if k == kind and not t]
            raise Mismatch(f"expected event {kind} {fields}; the engine has {same or 'none of that kind'}")
        return body

    def next_of(self, kinds):
        """Index of the first event not yet taken among `kinds`."""
        for index, (name, _) in enumerate(self.items):
            if not self.taken[index] and name in kinds:
                return index
        return None

    def take_at(self, index):
        self.taken[index] = True
        return self.items[index]

    def left(self):
        return [item for item, taken in zip(self.items, self.taken) if not taken]


class Log:
    """What the comparison saw: notes by text, and the worst error of each kind in units of its tolerance."""

    def __init__(self):
        self.notes = Counter()
        self.worst = {}
        self.counts = Counter()
        self.codes = Counter()
        self.contradictions, self.where = {}, "?"
        self.precedence = set()  # (code named, code of another rule that refused too)

    def note(self, text):
        self.notes[text] += 1

    def contradict(self, rule, detail):
        """The engine broke a rule in a way that the replay can go on from."""
        count, first = self.contradictions.get(rule, (0, f"{self.where}: {detail}"))
        self.contradictions[rule] = (count + 1, first)

    def close(self, kind, engine, model, tolerance):
        """Refuses an engine value further than `tolerance` from the model's."""
        error = abs(engine - model)
        share = error / tolerance if tolerance else (0.0 if not error else float("inf"))
        self.counts[kind] += 1
        if share > self.worst.get(kind, (-1.0,))[0]:
            self.worst[kind] = (share, engine, model, tolerance)
        if not share <= 1:
            raise Mismatch(f"{kind}: engine {engine}, model {model}, off by {error:.6g}, allowed {tolerance:.6g}")


def equal(what, engine, model):
    if engine != model:
        raise Mismatch(f"{what}: engine {engine}, model {model}")


def code_of(rejection):
    """The code of a rejection, whichever way it is rendered."""
    if isinstance(rejection, str):
        return rejection
    if "code" in rejection:
        return rejection["code"]
    return next(iter(rejection), "?")
