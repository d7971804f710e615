#!/usr/bin/env python3
"""What a full table costs: a router with 3 routes, and with the 900,000 of an IPv4 view, loaded by `ip -b`.

    routes.py [--routes 900000] [--card virtio-net-pci] [--top N]

Prefixes are at random, of the lengths that a full view has; the file comes with the boot. A batch is loaded twice: by the
clock without the counter, and counted. Frames go to random addresses within the routes, the same with either table.
--top: the functions that loading takes. Needs root, for the namespaces."""
import argparse
import random
import re
import struct
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import frames  # noqa: E402
import netns  # noqa: E402
import scratch  # noqa: E402
from insn import Counter, Text, symbols  # noqa: E402
from peer import cpio  # noqa: E402
from profile import table  # noqa: E402
from report import Failure  # noqa: E402
from rig import CARDS, IMAGE, RUNS, Rig, Router, entry_of, middle  # noqa: E402
from router import cpu_seconds  # noqa: E402

LENGTHS = {24: 595, 23: 100, 22: 112, 21: 50, 20: 45, 19: 26, 18: 14, 17: 8, 16: 14, 15: 2, 14: 2, 13: 1, 12: 1, 32: 10,
           29: 8, 28: 5, 27: 3, 26: 2, 25: 2}  # of a thousand
GATEWAYS = range(2, 10)
OWN = (0, 10, 127)  # first bytes of what is no route's
LOAD = ["-r", "60000"]


def text_of(address):
    return ".".join(map(str, struct.pack("!I", address)))


def prefixes(n):
    """n different ones: (address, bits)"""
    rand, found = random.Random(1), {}
    while len(found) < n:
        for bits in rand.choices([*LENGTHS], LENGTHS.values(), k=n - len(found)):
            address = rand.randrange(1 << 24, 224 << 24)
            if bits > 24:  # customers of one provider
                address = 100 << 24 | address & 0x3ffff
            if address >> 24 not in OWN:
                found[address & -1 << 32 - bits, bits] = True
    return list(found)


def batch(routes):
    return "".join(f"route add {text_of(a)}/{bits} via 10.2.0.{GATEWAYS[i % len(GATEWAYS)]}\n"
                   for i, (a, bits) in enumerate(routes))


def within(routes, n=1 << 18):
    """n addresses at random within routes at random, as bytes"""
    rand = random.Random(2)
    chosen = rand.choices(routes, k=n)
    return struct.pack(f"!{n}I", *(a | rand.getrandbits(32) & (1 << 32 - bits) - 1 for a, bits in chosen))


class Full(Router):
    """The router, with a file of routes in its /etc."""
    def __init__(self, net, nic, lines, extra=()):
        self.lines = lines
        super().__init__(net, nic, extra=extra, limit=600, mem=256)

    def boot_module(self):
        return cpio({"weir.conf": (0o100644, self.CONF.encode()), "routes": (0o100644, self.lines.encode())})

    def neighbours(self):
        for n in GATEWAYS:
            self.command(f"ip neigh replace 10.2.0.{n} lladdr {self.net.server.mac()} dev eth1 nud permanent")
        self.command("ip route add default via 10.2.0.2")

    def used(self):
        """KiB"""
        return int(re.search(r"Mem: +\d+ +(\d+)", self.command("free -k")).group(1))

    def load(self):
        """Seconds until the prompt is back."""
        began = time.monotonic()
        said = self.command("ip -b /etc/routes", 500)
        if said.strip():
            raise Failure("ip -b: " + said)
        return time.monotonic() - began


def by_clock(card, lines):
    """(seconds, those of the CPU's thread, KiB more in use)"""
    with netns.Between() as net:
        net.hush()
        with Full(net, card, lines) as m:
            m.ready()
            m.neighbours()
            before, cpu = m.used(), cpu_seconds(m)
            return m.load(), cpu_seconds(m) - cpu, m.used() - before


def packet(rig, file):
    """Instructions of a frame: the middle of some runs. Order is kept within a flow, and each frame is of another."""
    found = []
    for _ in range(RUNS):
        units, insns = rig.counted(lambda: frames.send(rig.net, rig.machine.frames_to(), "-t", "1.5", *LOAD, "-a",
                                                       str(file))["received"])
        found.append(insns / units)
    return middle(found)


def counted(card, lines, addresses, top):
    """(instructions to load, of a frame with 3 routes, with all); the functions are printed where `top` are wished"""
    text = Text(symbols(IMAGE, "tTwW")) if top else None
    with tempfile.TemporaryDirectory() as folder, netns.Between() as net:
        net.hush()
        file = Path(folder) / "addresses"
        file.write_bytes(addresses)
        counter = Counter(Path(folder) / "count", entry_of(Router), text=text)
        with Full(net, card, lines, counter.words()) as m:
            m.ready()
            m.neighbours()
            rig = Rig(net, m, counter)
            rig.until_it_forwards()
            rig.idle()
            packet(rig, file)  # what comes first pays for what is made once
            few = packet(rig, file)
            total, blocks = counter.total(), counter.blocks() if top else None
            m.load()
            loaded = counter.total() - total
            if top:
                print(*table(lines.count("\n"), loaded, text.by_function(blocks, counter.blocks()), top), "", sep="\n")
            return loaded, few, packet(rig, file)


def show(n, card, top):
    routes = prefixes(n)
    lines = batch(routes)
    seconds, cpu, kib = by_clock(card, lines)
    insns, few, many = counted(card, lines, within(routes), top)
    print("| what | figure | wanted |", "|---|---|---|",
          f"| {n:,} routes loaded by `ip -b`, under TCG | {seconds:.1f} s | <= 10 s |",
          f"| seconds of the virtual CPU's thread in these, which others do not stretch | {cpu:.1f} s | |",
          f"| instructions of each | {insns / n:,.0f} | |",
          f"| memory in use for them, by `free` | {kib / 1024:.1f} MiB | <= 64 MiB |",
          f"| instructions of a frame to random destinations, {card}, 3 routes | {few:,.0f} | |",
          f"| the same, {n:,} routes | {many:,.0f} | |", sep="\n")


def main():
    ask = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    ask.add_argument("--routes", type=int, default=900000)
    ask.add_argument("--card", default="virtio-net-pci", choices=CARDS)
    ask.add_argument("--top", type=int, default=0)
    options = ask.parse_args()
    scratch.own()
    why = netns.missing()
    if why:
        print("SKIP routes: " + why)
        return 0
    try:
        show(options.routes, options.card, options.top)
    except (Failure, OSError) as e:
        print(f"FAIL routes: {e}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
