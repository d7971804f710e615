#!/usr/bin/env python3
"""Where the instructions of a frame go: Weir's functions by what each costs, while frames pass through.

    profile.py [--card e1000] [--load busy|single|paced] [--top 30]

The plugin counts what runs in each block of code (tests/bench/tools/insncount.c); a block belongs to the function in which it
begins. One CPU, so that the counts are exact; what the idle machine needs is in them. Needs root, for the namespaces."""
import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import netns  # noqa: E402
from insn import ELSEWHERE, Counter, Text, symbols  # noqa: E402
from report import Failure  # noqa: E402
from wire import IMAGE, LOADS, WHAT, Rig, Weir, entry_of  # noqa: E402


def profile(card, load):
    """(frames, all instructions, function -> instructions)"""
    text = Text(symbols(IMAGE, "tTwW"))
    with tempfile.TemporaryDirectory() as folder, netns.Between() as net:
        counter = Counter(Path(folder) / "count", entry_of(Weir), text=text)
        with Weir(net, card, 1, counter.words()) as m:
            m.ready()
            rig = Rig(net, m, counter)
            rig.until_it_forwards()
            rig.frames(*LOADS[load], seconds=1)
            total, blocks = counter.total(), counter.blocks()
            frames = rig.frames(*LOADS[load])["received"]
            total = counter.total() - total
            found = text.by_function(blocks, counter.blocks())
    if not frames:
        raise Failure("nothing came through")
    return frames, total, found


def table(frames, total, found, top):
    """The first `top` functions, and the rest as one line, so that the sum is all of it."""
    order = sorted(found, key=lambda name: (-found[name], name))
    rows = [(name, found[name]) for name in order[:top]]
    rest = sum(found[name] for name in order[top:])
    rows += [(f"({len(order) - top} more)", rest)] if rest else []
    rows += [(ELSEWHERE, total - sum(found.values()))] if total > sum(found.values()) else []
    lines = ["| instructions a frame | share | function |", "|---|---|---|"]
    lines += [f"| {count / frames:.1f} | {100 * count / total:.1f} % | {name} |" for name, count in rows]
    return lines + [f"| {total / frames:.1f} | | all, of {frames:,.0f} frames |"]


def main():
    ask = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    ask.add_argument("--card", default="virtio-net-pci")
    ask.add_argument("--load", default="busy", choices=LOADS)
    ask.add_argument("--top", type=int, default=30)
    options = ask.parse_args()
    why = netns.missing()
    if why:
        print("SKIP profile: " + why)
        return 0
    try:
        print(f"{options.card}, {WHAT[options.load]}")
        print(*table(*profile(options.card, options.load), options.top), sep="\n")
    except (Failure, OSError) as e:
        print(f"SKIP profile: Weir, {options.card}: {e}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
