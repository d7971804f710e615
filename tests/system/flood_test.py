#!/usr/bin/env python3
"""Floods of a booted router beside pings through it (tests/bench/flood.py): of those that reached its ring none is lost,
who lives stays known, each frame was answered or dropped by name, and memory comes back. How many come a second is the
machine's affair. With TEST_LONG every kind, on either card."""
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/bench")]
import netns  # noqa: E402
from flood import KINDS, RING, TYPED, Flooded, Result, flood, sides  # noqa: E402
from frames import PROGRAM  # noqa: E402
from qemu import SLOW  # noqa: E402
from report import Failure, Report  # noqa: E402

LONG = bool(os.environ.get("TEST_LONG"))
CARDS = ("virtio-net-pci", "e1000")
STRAY = 200  # messages of the neighbours' own at most


def judged(m, net, kind):
    r = Result(m, net, kind, 10000, 10 if LONG else 2, 90 * SLOW)
    told = f"{r.told}, reached {r.reached}, dropped {r.drops}, answered {r.answered}, above before {r.above}, known {r.known}"
    if r.reached < 100:
        raise Failure(f"there was no flood: {told}")
    if r.lost:
        raise Failure(f"{r.lost} pings were lost: {told}")
    if len(r.known) != 4:
        raise Failure(f"neighbours that live are gone: {told}")
    if abs(r.unexplained) > STRAY:
        raise Failure(f"{r.unexplained} frames are neither answered nor dropped: {told}")
    if r.above[0] > RING or r.above[1] > TYPED:
        raise Failure(f"memory has not come back: {told}")


def main():
    report = Report()
    why = netns.missing()
    if why or not PROGRAM.exists():
        report.skip("floods", why or f"{PROGRAM} was not built")
        report.end()
    for card in CARDS if LONG else CARDS[:1]:
        with netns.Between() as net, Flooded(net, card, limit=2000) as m:
            m.ready()
            sides(net)
            flood(net, "echo4", 100, 3)  # all know each other
            for kind in KINDS if LONG else ("arp",):
                report.run(f"{card}_{kind}", judged, m, net, kind)
    report.end()


if __name__ == "__main__":
    main()
