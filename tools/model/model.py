"""One door: a command, the engine's outcome, and what the rules say of it."""

import copy

import liquidity
import oracle
import orders
import powers
import roll
import transfers
from boards import settle_account
from ledger import Accepted, Events, Mismatch, Refused, code_of
from world import World, hexed

# What each command is, whether the account's settled boards go first (L5), and which right a session needs.
COMMANDS = {
    "deposit": (transfers.deposit, False, None),
    "withdraw": (transfers.withdraw, True, None),
    "push_price": (oracle.push_price, False, None),
    "publish_surface": (oracle.publish_surface, False, None),
    "place_order": (orders.place, True, "trade"),
    "cancel_order": (orders.cancel, False, "trade"),
    "fill": (orders.fill, False, None),
    "request_deposit": (liquidity.request_deposit, True, "liquidity"),
    "request_withdraw": (liquidity.request_withdraw, False, "liquidity"),
    "claim": (liquidity.claim, False, "liquidity"),
    "roll": (roll.roll, False, None),
    "settle": (oracle.settle, False, None),
    "settle_account": (transfers.settle_named, False, None),
    "transfer_shares": (liquidity.transfer_shares, False, None),
    "transfer_position": (transfers.transfer_position, True, None),
    "take_position": (transfers.take_position, True, None),
    "revoke_offer": (transfers.revoke_offer, False, None),
    "propose": (powers.propose, False, None),
    "enact": (powers.enact, False, None),
    "reject": (powers.reject, False, None),
    "pause": (powers.pause, False, None),
    "resume": (powers.resume, False, None),
    "grant_session": (powers.grant_session, False, None),
    "revoke_session": (powers.revoke_session, False, None),
}


class Context:
    """Who, when, with what money; and whether the engine refused, for what the rules leave open."""

    def __init__(self, world, line, rejected):
        self.world, self.rejected = world, rejected
        self.sequence, self.now, self.funds = line["sequence"], line["now"], line["funds"]
        self.sender = hexed(line["sender"])
        self.principal = hexed(line["principal"]) if line.get("principal") is not None else None
        self.actor = self.principal or self.sender
        self.session = None
        self.postings = [] if rejected else line["result"]["ok"].get("postings") or []
        self.due = None  # what the model is about to compare: a claim's (shares, cash), whether a surface is clipped
        self.events = Events([] if rejected else normal_events(line["result"]["ok"]["events"]), dry=rejected)

    name = staticmethod(hexed)

    def unclear(self, condition, code, text):
        """The rules leave this open: whatever the engine did is taken, and noted."""
        if not condition:
            return
        if self.rejected:
            self.world.log.note(f"left open, the engine refuses: {text}")
            raise Refused(code, text)
        self.world.log.note(f"left open, the engine accepts: {text}")


def normal_events(events):
    """Events with every account in its short form."""
    out = copy.deepcopy(events)
    for event in out:
        if isinstance(event, dict):
            for body in event.values():
                for field in ("account", "key", "from", "to"):
                    if isinstance(body, dict) and isinstance(body.get(field), str):
                        body[field] = hexed(body[field])
    return out


class Model:
    def __init__(self, genesis):
        self.world = World(genesis)
        self.last_now = 0

    @property
    def log(self):
        return self.world.log

    def apply(self, line):
        """Replays one line; raises Mismatch when the engine and the rules part."""
        if line["now"] < self.last_now:
            raise Mismatch(f"time goes back from {self.last_now} to {line['now']}")
        self.last_now = line["now"]
        self.world.dumped_surfaces = (line.get("state") or {}).get("surfaces", {})
        if "rejected" in line["result"]:
            self._refused(line)
            return
        context = Context(self.world, line, rejected=False)
        try:
            run(self.world, context, line["command"])
        except Refused as refusal:
            raise Mismatch(f"the rules refuse what the engine carried out: {refusal}") from refusal
        if context.events.left():
            raise Mismatch(f"events that the rules do not explain: {context.events.left()}")
        self.world.ledger.check()
        for board in self.world.boards.values():
            board.check()

    def _refused(self, line):
        engine = code_of(line["result"]["rejected"])
        log, trial = self.world.log, copy.deepcopy(self.world)
        trial.log = log
        try:
            run(trial, Context(trial, line, rejected=True), line["command"])
        except Refused as refusal:
            log.codes[(refusal.code, engine)] += 1
            return
        except Accepted:
            pass
        raise Mismatch(f"the engine refuses with {engine}; the rules accept")


def run(world, context, command):
    kind, body = (command, {}) if isinstance(command, str) else next(iter(command.items()))
    handler, settles_first, right = COMMANDS[kind]
    if context.funds and kind != "deposit":
        raise Refused("wrong_funds", "L3")
    if context.principal is not None:
        authorise(world, context, right)
    settle_account(world, context.actor, context.events, required=settles_first)
    handler(world, context, body)


def authorise(world, context, right):
    """G4."""
    session = world.account(context.principal).sessions.get(context.sender)
    if session is None or right is None or not getattr(session, right):
        raise Refused("session_refused", "G4")
    if context.now > session.expires_at:
        raise Refused("session_refused", "G4: the session has ended")
    context.unclear(context.now == session.expires_at, "session_refused", "G4: at the end of a session")
    context.session = session
