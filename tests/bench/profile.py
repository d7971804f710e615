#!/usr/bin/env python3
"""Where the instructions go: Weir's functions by what each costs a frame, or 1024 bytes of TCP, that passes through.

    profile.py [--card e1000] [--path xconnect|bridge|route|route6] [--load busy|single|paced|tcp] [--top 30]

The plugin (tests/bench/tools/insncount.c) counts what runs in each block of code; a block belongs to the function in
which it begins. One CPU, so that the counts are exact; what the idle machine needs is in them. Needs root, for the
namespaces."""
import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import netns  # noqa: E402
import scratch  # noqa: E402
from insn import ELSEWHERE, Counter, Text, symbols  # noqa: E402
from report import Failure  # noqa: E402
from rig import CARDS, IMAGE, Bridge, Rig, Router, Weir, bytes_through, entry_of  # noqa: E402
from router import ipv6_on  # noqa: E402
from wire import LOADS, WHAT  # noqa: E402

PATHS = {"xconnect": (Weir, 4), "bridge": (Bridge, 4), "route": (Router, 4), "route6": (Router, 6)}
UNITS = {**{load: WHAT[load] for load in LOADS}, "tcp": "1024 bytes of TCP"}


def run(rig, load, family):
    """How many units of the load passed."""
    return bytes_through(rig) / 1024 if load == "tcp" else rig.frames(*LOADS[load], family=family)


def profile(guest, family, card, load):
    """(units, all instructions, function -> instructions)"""
    text = Text(symbols(IMAGE, "tTwW"))
    with tempfile.TemporaryDirectory() as folder, netns.Between() as net:
        net.hush()
        counter = Counter(Path(folder) / "count", entry_of(Weir), text=text)
        with guest(net, card, 1, counter.words()) as m:
            m.ready()
            rig = Rig(net, m, counter)
            if family == 6:
                ipv6_on(net)
            rig.until_it_forwards(family=family)
            run(rig, load, family)
            total, blocks = counter.total(), counter.blocks()
            units = run(rig, load, family)
            total = counter.total() - total
            found = text.by_function(blocks, counter.blocks())
    if not units:
        raise Failure("nothing came through")
    return units, total, found


def table(units, total, found, top):
    """The first `top` functions, and the rest as one line, so that the sum is all of it."""
    order = sorted(found, key=lambda name: (-found[name], name))
    rows = [(name, found[name]) for name in order[:top]]
    rest = sum(found[name] for name in order[top:])
    rows += [(f"({len(order) - top} more)", rest)] if rest else []
    rows += [(ELSEWHERE, total - sum(found.values()))] if total > sum(found.values()) else []
    lines = ["| instructions | share | function |", "|---|---|---|"]
    lines += [f"| {count / units:.1f} | {100 * count / total:.1f} % | {name} |" for name, count in rows]
    return lines + [f"| {total / units:.1f} | | all, {units:,.0f} times |"]


def main():
    ask = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    ask.add_argument("--card", default="virtio-net-pci", choices=CARDS)
    ask.add_argument("--path", default="xconnect", choices=PATHS)
    ask.add_argument("--load", default="busy", choices=UNITS)
    ask.add_argument("--top", type=int, default=30)
    options = ask.parse_args()
    scratch.own()
    why = netns.missing()
    if why:
        print("SKIP profile: " + why)
        return 0
    try:
        print(f"{options.card}, {UNITS[options.load]}")
        print(*table(*profile(*PATHS[options.path], options.card, options.load), options.top), sep="\n")
    except (Failure, OSError) as e:
        print(f"FAIL profile: Weir, {options.card}: {e}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
