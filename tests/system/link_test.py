#!/usr/bin/env python3
"""`ip link` and `ethtool` at devices under traffic: what is set takes effect, frames go on afterwards, counts are those
of the frames that were sent, and `dump` typed at a fresh machine dumps the same."""
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import SLOW  # noqa: E402
from report import Failure, Report  # noqa: E402
from wires import PROBE, Bench, cross, dumps_again, frame, joined, wake  # noqa: E402

CARDS = ("virtio-net-pci", "e1000")
LENGTHS = [60 + 11 * i % 1454 for i in range(120)]


def want(m, line, pattern):
    said = m.command(line)
    if not re.search(pattern, said):
        raise Failure(f"`{line}` said\n{said}\nwanted: {pattern}")
    return said


def counts(m, dev):
    return json.loads(m.command(f"ip -j -s link show {dev}"))[0]["stats64"]


def both_ways(m, a, b):
    wake(a, b)
    before = counts(m, "eth0"), counts(m, "eth1")
    cross(a, b, LENGTHS)
    cross(b, a, LENGTHS)
    after = counts(m, "eth0"), counts(m, "eth1")
    for was, now in zip(before, after):
        for way in ("rx", "tx"):
            more = now[way]["packets"] - was[way]["packets"]
            more_bytes = now[way]["bytes"] - was[way]["bytes"]
            if more < len(LENGTHS) or more_bytes < sum(LENGTHS):
                raise Failure(f"{len(LENGTHS)} frames were sent, {more} were counted ({way})")


def set_and_cross(card):
    with Bench(card, cpus=2) as (m, a, b):
        joined(m)
        both_ways(m, a, b)
        for line in ("ethtool -G eth0 rx 128 tx 64", "ethtool -C eth0 adaptive-rx off rx-usecs 100",
                     "ip link set eth1 down; ip link set eth1 up txqueuelen 50", "ip link set eth0 mtu 1400 mtu 1500",
                     "echo 3000 > /sys/class/net/eth1/queues/tx-0/byte_queue_limits/limit_max"):
            m.command(line)
            both_ways(m, a, b)
        want(m, "ethtool -g eth0", r"settings:\nRX:\t\t128\n(?s:.*)TX:\t\t64\n")
        want(m, "ethtool -c eth0", r"Adaptive RX: off(?s:.*)\nrx-usecs: 100\n")
        want(m, "cat /sys/class/net/eth1/queues/tx-0/byte_queue_limits/limit_max", r"\A3000\Z")
        want(m, "cat /proc/interrupts", r" eth1\b" if card == "e1000" else r" eth0-input\.0\n(?s:.*) eth1-output\.0")
        want(m, "ethtool -i eth1", rf"driver: {'e1000' if card == 'e1000' else 'virtio_net'}\n")
        want(m, "cat /sys/class/net/eth1/speed", r"\A1000\Z" if card == "e1000" else r"\A-1\Z")


def link_lost(card):
    with Bench(card) as (m, a, b):
        joined(m)
        wake(a, b)
        m.monitor.do("set_link", name="nic1", up=False)
        m.expect("eth1: link down")
        m.recover()
        want(m, "ip link show eth1", r"<NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc pfifo state DOWN ")
        a.send(b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x88\xb5" + bytes(46))
        want(m, "sleep 0.5; drops", r"(?m)^TX_NO_CARRIER +eth1 +\d+  the interface that it was to leave by has no link$")
        want(m, "drops -l -n 1", r"\A +\d+\.\d{6} s  eth1  TX_NO_CARRIER  60 bytes  02:00:00:00:00:02 > "
                                 r"02:00:00:00:00:01 ethertype 0x88b5\Z")
        m.monitor.do("set_link", name="nic1", up=True)
        m.expect("eth1: link up")
        m.recover()
        want(m, "ip -br link show eth1", r"\Aeth1 +UP +52:54:00:00:00:0b <BROADCAST,MULTICAST,UP,LOWER_UP> *\Z")
        both_ways(m, a, b)


def pour_mixed(a, b, first, count):
    """Numbered frames, every third a large one, with few under way; gives how many of the large ones did not come. The
    small ones all come, and in order, as do those of the large ones that come."""
    sent = {n: frame(n, 8000 if n % 3 == 0 else 60 + n % 1300) for n in range(first, first + count)}
    seen, lost = first - 1, 0
    for n, what in sent.items():
        a.send(what)
        while n - seen > 12 or (n == first + count - 1 and seen < n - (n % 3 == 0)):
            got = b.receive(10 * SLOW)
            if got is None:
                raise Failure(f"nothing has come after frame {seen}")
            if got[6:14] != what[6:14] or got == PROBE:
                continue
            came = int.from_bytes(got[14:18], "big")
            if came <= seen or got != sent.get(came) or any(k % 3 for k in range(seen + 1, came)):
                raise Failure(f"frame {came} of {len(got)} bytes after frame {seen}")
            lost += came - seen - 1
            seen = came
    return lost + first + count - 1 - seen


def dropped(m):
    return {(reason, dev): int(n) for reason, dev, n in re.findall(r"(?m)^(\w+) +(eth\d) +(\d+) ", m.command("drops"))}


def mtu_changed(card):
    """While large frames come: what is too long is counted by the name that is the same for all cards, on the way in and
    on the way out; nothing else is lost, and all cross when the MTU is as it was."""
    def pour(count):
        nonlocal at
        at += count
        return pour_mixed(a, b, at - count, count)

    with Bench(card, cpus=2) as (m, a, b):
        m.command("ip link set eth0 mtu 9000; ip link set eth1 mtu 9000")
        joined(m)
        wake(a, b)
        lost, at = {("RX_TRUNCATED", "eth0"): 0, ("TX_TOO_LONG", "eth1"): 0}, 0
        for reason, dev in lost:
            for mtu, cut in ((1500, True), (1400, True), (9000, False)):
                m.type(f"ip link set {dev} mtu {mtu}\r")  # and the frames do not wait for it
                lost[reason, dev] += pour(600)
                m.recover()
                late = pour(60)
                if late != (20 if cut else 0):
                    raise Failure(f"with {dev} at {mtu} {late} of 20 large frames were lost")
                lost[reason, dev] += late
                if dropped(m) != {of: n for of, n in lost.items() if n}:
                    raise Failure(f"lost are {lost}:\n" + m.command("drops"))
        cross(a, b, [8000, 60, 9014] * 4)
        cross(b, a, [9014, 1514] * 4)


def dumped_again(card):
    with Bench(card) as (m, _, _):
        for line in ("ip link set eth0 name tmp", "ip link set eth1 name eth0", "ip link set tmp name eth1",
                     "ip link set eth0 mtu 1400 promisc on alias 'to the world' up", "ip link set eth1 txqueuelen 77",
                     "ethtool -K eth1 gro off tso off", "ethtool -G eth0 rx 64", "ethtool -C eth0 rx-usecs 20",
                     "echo 20000 > /sys/class/net/eth1/gro_flush_timeout"):
            m.command(line)
        text = m.command("dump")
        for wanted in ("name rename2", "alias 'to the world'", "ethtool -G eth0 rx 64", "gro_flush_timeout"):
            if wanted not in text:
                raise Failure(f"{wanted} is not in\n{text}")
    dumps_again(card, text)


def main():
    report = Report()
    for card in CARDS:
        report.run(f"set_and_cross {card}", lambda card=card: set_and_cross(card))
        report.run(f"mtu_changed {card}", lambda card=card: mtu_changed(card))
        report.run(f"link_lost {card}", lambda card=card: link_lost(card))
        report.run(f"dumped_again {card}", lambda card=card: dumped_again(card))
    report.end()


if __name__ == "__main__":
    main()
