"""Replays a trace of the engine in the model and compares: `python3 tools/model/check.py TRACE.jsonl`."""

import argparse
import json
import sys

from compare import bucket_name, compare
from ledger import Mismatch
from model import Model


def net(postings):
    """What a list of postings does to each bucket."""
    change = {}
    for posting in postings:
        if posting["amount"] < 0:
            raise Mismatch(f"L1: a posting below zero: {posting}")
        for side, sign in (("from", -1), ("to", 1)):
            name = bucket_name(posting[side])
            change[name] = change.get(name, 0) + sign * posting["amount"]
    return {name: amount for name, amount in change.items() if amount}


def check_line(model, line):
    before = dict(model.world.ledger.buckets)
    model.apply(line)
    postings = line["result"].get("ok", {}).get("postings") if "ok" in line["result"] else None
    if postings is not None:
        after = model.world.ledger.buckets
        moved = {n: after[n] - before.get(n, 0) for n in after if after[n] != before.get(n, 0)}
        engine = net(postings)
        if engine != moved:
            wrong = {n: (engine.get(n, 0), moved.get(n, 0)) for n in set(engine) | set(moved)}
            wrong = {n: pair for n, pair in wrong.items() if pair[0] != pair[1]}
            raise Mismatch(f"postings by bucket (engine, model): {wrong}; {postings}")
    if line.get("state") is not None:
        compare(model.world, line["state"])


def check_trace(lines):
    """Replays lines; returns (model, commands replayed, failure or None)."""
    lines = iter(lines)
    first = json.loads(next(lines))
    model, count = Model(first["genesis"]), 0
    try:
        if first.get("state") is not None:
            compare(model.world, first["state"])
        for text in lines:
            if not text.strip():
                continue
            line = json.loads(text)
            count += 1
            model.log.where = f"line {count + 1}"
            check_line(model, line)
    except Mismatch as mismatch:
        where = "genesis" if count == 0 else f"line {count + 1}, sequence {line['sequence']}, {line['command']}"
        return model, count, f"{where}:\n  {mismatch}"
    return model, count, None


def report(log, strict_codes, out):
    print("worst differences, as a share of what is allowed:", file=out)
    for kind, (share, engine, value, tolerance) in sorted(log.worst.items()):
        print(f"  {kind}: {share:.3g} of {tolerance:.4g} ({engine} against {value!r}), {log.counts[kind]} checked", file=out)
    print("refusals (model, engine):", file=out)
    differ = 0
    for (mine, engine), count in sorted(log.codes.items()):
        differ += count if mine != engine else 0
        print(f"  {mine}, {engine}: {count}{'' if mine == engine else '  differs'}", file=out)
    if log.notes:
        print("notes:", file=out)
    for text, count in sorted(log.notes.items()):
        print(f"  {count} x {text}", file=out)
    return bool(strict_codes and differ)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trace")
    parser.add_argument("--strict-codes", action="store_true", help="fail when a refusal has another code")
    options = parser.parse_args()
    with open(options.trace, encoding="utf-8") as lines:
        model, count, failure = check_trace(lines)
    differ = report(model.log, options.strict_codes, sys.stdout)
    print(f"{count} commands replayed")
    for rule, (times, first) in sorted(model.log.contradictions.items()):
        print(f"CONTRADICTION {times} x {rule}; first at {first}")
    if failure:
        print(f"MISMATCH at {failure}")
    return 1 if failure or differ or model.log.contradictions else 0


if __name__ == "__main__":
    sys.exit(main())
