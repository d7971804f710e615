#!/usr/bin/env python3
"""Two cards bridged at both cards: frames of all lengths pass as they are, stations are learnt and shown, the machine
itself is one, a VLAN stands on the bridge; `why` tells the same; `dump` typed at a fresh machine dumps the same."""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import SLOW  # noqa: E402
from report import Failure, Report  # noqa: E402
from wires import OWN, PROBE, Bench, cross, dumps_again, frame, wake  # noqa: E402

CARDS = ("virtio-net-pci", "e1000")
HERE = ("ip link add br0 type bridge", "ip link set eth0 master br0", "ip link set eth1 master br0", "ip link set eth0 up",
        "ip link set eth1 up")
A, B = bytes.fromhex("020000000002"), bytes.fromhex("020000000001")  # who sends, and to whom, in wires.frame


def done(m, line):
    said = m.command(line)
    if said:
        raise Failure(f"`{line}` said\n{said}")


def says(m, line, pattern):
    said = m.command(line)
    if not re.search(pattern, said):
        raise Failure(f"`{line}` said\n{said}\nwanted: {pattern}")


def bridge(m):
    for line in HERE:
        done(m, line)
    m.command("ip link set br0 up")  # its link is told on the console
    says(m, "ip -br link show br0", r"\Abr0 +UP +52:54:00:00:00:0a <BROADCAST,MULTICAST,UP,LOWER_UP> \Z")


def back(plain):
    """The same frame, from the other station."""
    return A + B + plain[12:]


def take(wire, seconds=10.0):
    while True:
        got = wire.receive(seconds * SLOW)
        if got is None or (got[6:12] not in OWN and got[12:] != PROBE[12:] and got[12:14] not in (b"\x86\xdd", b"\x08\x06")):
            return got


def bridged(card, cpus):
    with Bench(card, cpus=cpus) as (m, a, b):
        bridge(m)
        wake(a, b)
        lengths = [60 + 37 * i % 1454 for i in range(200)] + [1514]
        cross(a, b, lengths)
        says(m, "bridge fdb show br br0", r"(?m)^02:00:00:00:00:02 dev eth[01] master br0 $")
        a.send(frame(1, 60))
        take(b)
        b.send(back(frame(2, 60)))
        if take(a) != back(frame(2, 60)):
            raise Failure("no answer came back")
        says(m, "bridge fdb show dynamic | sort",
             r"\A02:00:00:00:00:01 dev eth1 master br0 \n02:00:00:00:00:02 dev eth0 master br0 \Z")
        a.send(B[:5] + b"\x02" + frame(3, 60)[6:])  # to itself: it is behind the same port
        says(m, "sleep 0.3; drops", r"(?m)^BRIDGE_SAME_PORT +eth0 +1 ")
        says(m, "why in eth0 ether 02:00:00:00:00:02 02:00:00:00:00:01 type 0x88b5", r"behind eth1[^$]*sent by eth1")
        says(m, "why in eth0 ether 02:00:00:00:00:02 ff:ff:ff:ff:ff:ff type 0x88b5", r"to everybody[^$]*sent by eth1")
        says(m, "bridge link", r"(?m)^\d: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state forwarding "
                               r"priority 32 cost \d+ $")
        says(m, "ip -d link show br0", r"bridge ageing_time 30000 stp_state 0 ")
        says(m, "cat /sys/class/net/br0/address", r"\A52:54:00:00:00:0a\Z")


def arp(tag=b""):
    """Who has 10.9.0.1? 10.9.0.2 asks."""
    body = bytes.fromhex("0001080006040001") + A + bytes([10, 9, 0, 2]) + bytes(6) + bytes([10, 9, 0, 1])
    return (b"\xff" * 6 + A + tag + b"\x08\x06" + body).ljust(60, b"\0")


def answered(m, wire, tag):
    wire.send(arp(tag))
    while True:
        got = wire.receive(10 * SLOW)
        if got is None:
            raise Failure("nobody has 10.9.0.1")
        if got[:6] == A and got[12:14 + len(tag)] == tag + b"\x08\x06":
            return


def is_here(card):
    """The machine's address is reached from either side; and by a VLAN on the bridge."""
    with Bench(card) as (m, a, b):
        bridge(m)
        done(m, "ip addr add 10.9.0.1/24 dev br0")
        wake(a, b)
        answered(m, a, b"")
        answered(m, b, b"")
        done(m, "ip addr del 10.9.0.1/24 dev br0; ip link add link br0 name br0.5 type vlan id 5")
        done(m, "ip link set br0.5 up; ip addr add 10.9.0.1/24 dev br0.5")
        answered(m, a, bytes.fromhex("81000005"))
        answered(m, b, bytes.fromhex("81000005"))


def dumped_again(card):
    with Bench(card) as (m, _, _):
        m.command("ip link set eth1 up")
        for line in ("ip link set eth0 name lan up", "ip link add br0 type bridge ageing_time 1000",
                     "ip link add link eth1 name eth1.7 up type vlan id 7", "ip link set eth1.7 master br0",
                     "ip link set lan master br0", "ip link add link br0 name v type vlan id 5",
                     "bridge link set dev lan isolated on state disabled",
                     "bridge fdb add 02:00:00:00:00:aa dev eth1.7 master static",
                     "bridge fdb add 02:00:00:00:00:ab dev br0 self permanent"):
            done(m, line)
        m.command("ip link set br0 up")
        text = m.command("dump")
        if "ip link set dev lan master br0" not in text or "isolated on" not in text:
            raise Failure(f"dumped\n{text}")
    dumps_again(card, text)


def main():
    report = Report()
    for card in CARDS:
        for cpus in (1, 4):
            report.run(f"bridged {card} {cpus}", bridged, card, cpus)
        report.run(f"is_here {card}", is_here, card)
        report.run(f"dumped_again {card}", dumped_again, card)
    report.end()


if __name__ == "__main__":
    main()
