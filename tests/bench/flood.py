#!/usr/bin/env python3
"""Floods, and what they do to a ping through the router every 20 ms in either family: Weir, and a Linux of the same size.

    flood.py [--cards virtio-net-pci] [--guests weir,linux] [--rates 20000,50000] [--seconds 30] [KIND...]

What a kind is: tests/bench/tools/kinds.c. A frame that the host's tap does not take never reached the guest's ring; that
is told apart, pings among them, too. `lost` are pings that reached the ring and were not answered. Of Weir each frame
that came in must have been answered, or dropped and counted by a name; what is neither stands under `unexplained` (a
few are neighbours' own messages). Memory: packets in hands and objects of the heap after the flood, when times are over
(they are short here), above those before it. Needs root, for the namespaces."""
import argparse
import json
import re
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import netns  # noqa: E402
from frames import PROGRAM, fields, packet_socket  # noqa: E402
from netns import CARDS as MACS  # noqa: E402
from peer import Missing, Peer  # noqa: E402
from report import Failure  # noqa: E402
from rig import CARDS, Router  # noqa: E402

ETH_P_ALL = 3
RING, TYPED = 64, 40  # packets by which a ring that is being filled differs; objects that lines of the console's history are
KINDS = {  # name: kind, source, destination, what it is
    "scan4": ("scan", "10.1.0.3", "11.0.0.0", "random destinations in a connected /8"),
    "scan6": ("scan", "2001:db8:1::3", "2001:db8:2::", "random destinations in a connected /64"),
    "few4": ("few", "10.1.0.3", "11.0.0.0", "200 neighbours that are not there"),
    "few6": ("few", "2001:db8:1::3", "2001:db8:2::", "the same, IPv6"),
    "frag4": ("frag", "10.1.0.3", "10.1.0.1", "fragments never completed"),
    "frag6": ("frag", "2001:db8:1::3", "2001:db8:1::1", "the same, IPv6"),
    "tiny4": ("tiny", "10.1.0.3", "10.1.0.1", "1024 fragments of 8 bytes for each datagram"),
    "echo4": ("echo", "10.1.0.3", "10.1.0.1", "pings"),
    "echo6": ("echo", "2001:db8:1::3", "2001:db8:1::1", "the same, IPv6"),
    "ttl4": ("ttl", "10.1.0.3", "10.2.0.2", "TTL 1"),
    "ttl6": ("ttl", "2001:db8:1::3", "2001:db8:2::2", "the same, IPv6"),
    "arp": ("ask", "10.0.0.0", "10.1.0.1", "ARP asks, from senders that are not there"),
    "arp-claims": ("claim", "10.0.0.0", "10.1.0.1", "ARP claims of many addresses"),
    "nd": ("ask", "2001:db8:1::", "2001:db8:1::1", "NDP asks, likewise"),
    "nd-claims": ("claim", "2001:db8:1::", "2001:db8:1::1", "NDP claims"),
    "ra": ("ra", "2001:db8:1::3", "2001:db8:1::1", "routers that advertise themselves, heeded (accept_ra 2)")}
TIMES = """net.ipv4.ipfrag_time=5 net.ipv6.ip6frag_time=5
net.ipv4.neigh.default.gc_thresh1=1 net.ipv6.neigh.default.gc_thresh1=1
net.ipv4.neigh.default.gc_interval=5 net.ipv6.neigh.default.gc_interval=5
net.ipv4.neigh.eth0.gc_stale_time=5 net.ipv6.neigh.eth0.gc_stale_time=5
net.ipv4.neigh.eth1.gc_stale_time=5 net.ipv6.neigh.eth1.gc_stale_time=5
net.ipv6.conf.eth0.accept_ra=2""".split()
SIDE = """cd /proc/sys/net/ipv6/conf/tap{i}
echo 0 >accept_ra; echo 0 >accept_dad; echo 0 >router_solicitations; echo 0 >disable_ipv6
echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
ip -6 addr add 2001:db8:{n}::2/64 dev tap{i}; ip -6 addr add 2001:db8:{n}::3/64 dev tap{i}
ip addr add 10.{n}.0.3/24 dev tap{i}; ip -6 route add default via 2001:db8:{n}::1"""
NEIGHBOURS = ("10.1.0.2", "10.2.0.2", "2001:db8:1::2", "2001:db8:2::2")


class Flooded(Router):
    CONF = Router.CONF + "ip addr add 11.0.0.1/8 dev eth1\n" + "".join(f"sysctl -qw {t}\n" for t in TIMES)
    COUNTERS = ("IcmpOutEchoReps", "Icmp6OutEchoReplies", "Ip6RaHeard")

    def drops(self):
        """name -> how many, of all interfaces"""
        found = {}
        for d in json.loads(self.command("drops -j") or "[]"):
            found[d["reason"]] = found.get(d["reason"], 0) + d["drops"]
        return found

    def packets(self, dev, way):
        return json.loads(self.command(f"ip -j -s link show {dev}"))[0]["stats64"][way]["packets"]

    def counters(self):
        found = dict(re.findall(r"^(\S+) +(\d+)", self.command("nstat -az"), re.M))
        return {c: int(found.get(c, 0)) for c in self.COUNTERS}

    def memory(self):
        """(packets in hands, objects of the heap)"""
        pools = json.loads(self.command("weir pools -j"))
        objects = re.findall(r"^kmalloc-\S+ +(\d+)", self.command("cat /proc/slabinfo"), re.M)
        return sum(p["used"] for p in pools), sum(map(int, objects))

    def known(self):
        said = self.command("ip neigh")
        return [a for a in NEIGHBOURS if re.search(rf"^{re.escape(a)} .*lladdr", said, re.M)]


class LinuxFlooded(Peer):
    def ready(self, seconds=60):
        super().ready(seconds)
        self.ipv6_on()
        self.command("ip addr add 11.0.0.1/8 dev eth1")
        for t in TIMES:
            name, value = t.split("=")
            self.command(f"echo {value} > /proc/sys/{name.replace('.', '/')}")


def sides(net):
    for i, end in enumerate((net.client, net.server)):
        netns.run(*end.inside(["sh", "-c", SIDE.format(i=i, n=i + 1)]))


def flood(net, kind, rate, seconds):
    """What the program tells, by name."""
    what, source, destination, _ = KINDS[kind]
    with ExitStack() as opened:
        tx = opened.enter_context(packet_socket(net.client, 0))  # protocol 0: it receives nothing
        rx = opened.enter_context(packet_socket(net.client, ETH_P_ALL))
        command = [str(PROGRAM), "-i", str(tx.fileno()), "-o", str(rx.fileno()), "-m", MACS[0], "-M", net.client.mac(),
                   "-s", source, "-d", destination, "-k", what, "-r", str(rate), "-p", "20", "-t", str(seconds)]
        p = subprocess.run(net.inside(command), pass_fds=(tx.fileno(), rx.fileno()), stdin=subprocess.DEVNULL,
                           capture_output=True, text=True, check=False)
    if p.returncode:
        raise Failure(p.stderr.strip())
    return {k: int(v) for k, v in fields(p.stdout).items()}


def taken(kind, told, counters, sent):
    """Frames of the flood that were no drop: answered, or heeded."""
    what = KINDS[kind][0]
    if what == "echo":
        return counters["IcmpOutEchoReps"] + counters["Icmp6OutEchoReplies"]
    if what == "ask":
        return sent - told["answered"]
    return counters["Ip6RaHeard"] if what == "ra" else 0


def less(after, before):
    return {k: v - before.get(k, 0) for k, v in after.items() if v != before.get(k, 0)}


class Result:
    """One flood of one Weir."""

    def __init__(self, m, net, kind, rate, seconds, patience=60):
        memory, drops, counters = m.memory(), m.drops(), m.counters()
        came, sent = m.packets("eth0", "rx") + m.packets("eth1", "rx"), m.packets("eth0", "tx")
        self.told = t = flood(net, kind, rate, seconds)
        self.known = m.known()
        until = time.monotonic() + patience
        while True:
            self.reached = m.packets("eth0", "rx") + m.packets("eth1", "rx") - came - 2 * t["answered"]
            self.drops = less(m.drops(), drops)
            now = m.memory()
            self.above = [a - b for a, b in zip(now, memory)]
            if (self.above[0] <= RING and self.above[1] <= TYPED) or time.monotonic() > until:
                break
            time.sleep(8)
        heeded = {c: v - counters[c] for c, v in m.counters().items()}
        self.answered = taken(kind, t, heeded, m.packets("eth0", "tx") - sent)
        if self.answered:  # what was answered, or heard, and lost behind that
            self.answered -= sum(n for why, n in self.drops.items() if why.startswith(("NEIGH", "TEND")))
        self.unexplained = self.reached - sum(self.drops.values()) - self.answered
        self.lost = t["pings"] - t["pings_refused"] - t["answered"]


def row(*words):
    print("| " + " | ".join(map(str, words)) + " |", flush=True)


def show(guest, card, kind, rate, m, net, seconds):
    text = KINDS[kind][3]
    if guest == "weir":
        r = Result(m, net, kind, rate, seconds)
        t = r.told
        named = ", ".join(f"{n} {c:,}" for n, c in sorted(r.drops.items(), key=lambda x: -x[1])[:4])
        row(text, card, f"{rate:,}", "Weir", f"{r.reached / seconds:,.0f}", f"{t['sent'] and t['refused'] / t['sent']:.0%}",
            t["pings"], t["pings_refused"], r.lost, f"{len(r.known)} of 4", named or "-", f"{r.answered:,}", r.unexplained,
            f"{r.above[0]:+}, {r.above[1]:+}")
    else:
        t = flood(net, kind, rate, seconds)
        row(text, card, f"{rate:,}", "Linux", "", f"{t['sent'] and t['refused'] / t['sent']:.0%}", t["pings"],
            t["pings_refused"], t["pings"] - t["pings_refused"] - t["answered"], "", "", "", "", "")
        time.sleep(8)


def main():
    ask = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    ask.add_argument("--cards", default=CARDS[0])
    ask.add_argument("--guests", default="weir,linux")
    ask.add_argument("--rates", default="20000,50000")
    ask.add_argument("--seconds", type=int, default=30)
    ask.add_argument("kinds", nargs="*", metavar="KIND", help=" ".join(KINDS))
    o = ask.parse_args()
    kinds = o.kinds or list(KINDS)
    if {*kinds} - {*KINDS}:
        ask.error("no such kind: " + " ".join({*kinds} - {*KINDS}))
    why = netns.missing()
    if why:
        print(f"SKIP flood: {why}")
        return 0
    row("flood", "card", "offered a second", "", "reached the ring, a second", "refused by the tap", "pings", "of them refused",
        "lost", "live neighbours still known", "dropped", "answered", "unexplained", "packets, objects above before")
    row(*["---"] * 14)
    failed = []
    for guest in o.guests.split(","):
        for card in o.cards.split(","):
            try:
                with netns.Between() as net, {"weir": Flooded, "linux": LinuxFlooded}[guest](net, card, limit=7200) as m:
                    m.ready()
                    sides(net)
                    flood(net, "echo4", 100, 3)  # all know each other
                    for kind in kinds:
                        for rate in map(int, o.rates.split(",")):
                            show(guest, card, kind, rate, m, net, o.seconds)
            except Missing as e:
                failed.append(f"SKIP flood: {guest}, {card}: {e}")
            except (Failure, OSError) as e:
                failed.append(f"FAIL flood: {guest}, {card}: {e}")
    print("", *failed, sep="\n")
    return any(f.startswith("FAIL") for f in failed)


if __name__ == "__main__":
    sys.exit(main())
