#!/usr/bin/env python3
"""`weir why` on a booted machine with real cards: what it says of a frame is what becomes of it, and asking is seen
nowhere: not on the wire, and not in a count."""
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import SLOW  # noqa: E402
from report import Failure, Report  # noqa: E402
from wires import Bench, joined, wake  # noqa: E402

SYN = "ip 10.1.0.2 10.2.0.2 tcp 40000 443 syn"
LONG = "ip 10.1.0.2 10.2.0.2 udp 1 2 len 1600"


def counts(m):
    return [m.command(line) for line in ("cat /proc/net/dev", "drops -a", "cat /proc/net/softnet_stat")]


def ask(m, packet, verdict):
    before = counts(m)
    said = m.command(f"weir why in eth0 {packet}")
    if not said.split("\n")[-1].startswith(verdict):
        raise Failure(f"{packet}: not {verdict!r}:\n{said}")
    after = counts(m)
    if before != after:
        raise Failure(f"asked about {packet}, and counts are others:\n" + "\n".join(before + after))


def frame(length):
    """Of the protocol 0, whatever that is, with a right header."""
    ip = bytes([0x45, 0]) + (length - 14).to_bytes(2, "big") + bytes([0, 0, 0, 0, 64, 0, 0, 0, 10, 1, 0, 2, 10, 2, 0, 2])
    total = sum(int.from_bytes(ip[i:i + 2], "big") for i in range(0, 20, 2))
    total = ~(total + (total >> 16)) & 0xffff
    ip = ip[:10] + total.to_bytes(2, "big") + ip[12:]
    return (b"\x52\x54\0\0\0\x0a\x02\0\0\0\0\x02\x08\0" + ip).ljust(length, b"\0")


def fate(m, a, b, what):
    """What became of a frame: "sent", or the reason by which it was dropped."""
    def drops():
        return {(d["reason"], d["ifname"]): d["drops"] for d in json.loads(m.command("drops -j"))}
    before = drops()
    a.send(what)
    if b.receive(1.0 * SLOW):
        return "sent by eth1"
    more = [reason for (reason, ifname), n in drops().items() if n != before.get((reason, ifname), 0)]
    return f"dropped: {more[0]}" if more else "nothing"


def both(m, a, b, packet, what):
    told = m.command(f"weir why in eth0 {packet}").split("\n")[-1]
    was = fate(m, a, b, what)
    if not told.startswith(was):
        raise Failure(f"{packet}: was told {told!r}, and it was {was!r}")
    ask(m, packet, was)


def card(name):
    with Bench(name, cpus=2) as (m, a, b):
        joined(m)
        wake(a, b)
        m.command("sysctl -qw kernel.printk=4")
        both(m, a, b, SYN, frame(60))
        m.command("ip link set eth1 mtu 1000")
        both(m, a, b, "ip 10.1.0.2 10.2.0.2 udp 1 2 len 1400", frame(1400))
        m.command("ip link set eth1 mtu 1500")
        m.monitor.do("set_link", name="nic1", up=False)
        until = time.monotonic() + 20 * SLOW
        while "link down" not in m.command("dmesg | tail -n 1") and time.monotonic() < until:
            pass
        both(m, a, b, SYN, frame(60))
        m.command("ip link set eth1 down")
        both(m, a, b, SYN, frame(60))
        m.command("weir xconnect del eth0")
        both(m, a, b, SYN, frame(60))
        ask(m, LONG, "dropped: IP_NO_ROUTE")
        if b.receive(0.5):
            raise Failure("something was sent that nobody sent")


def main():
    report = Report()
    for name in ("virtio-net-pci", "e1000"):
        report.run(f"why_{name}", card, name)
    report.end()


if __name__ == "__main__":
    main()
