#!/usr/bin/env python3
"""VLANs at both cards: tags come off and go on, of one kind and of two, by the card and among the bytes; what is set at
a device below shows at its VLANs; `dump` typed at a fresh machine dumps the same."""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import SLOW  # noqa: E402
from report import Failure, Report  # noqa: E402
from wires import OWN, PROBE, Bench, dumps_again, frame, wake  # noqa: E402

CARDS = ("virtio-net-pci", "e1000")
COUNT = 60


def tagged(plain, *tags):
    return plain[:12] + b"".join(bytes.fromhex(t) for t in tags) + plain[12:]


def take(wire, seconds=10.0):
    while True:
        got = wire.receive(seconds * SLOW)
        if got is None or (not got.endswith(PROBE[12:]) and got[6:12] not in OWN):
            return got


def crosses(here, there, sent, wanted):
    """Each of `sent` is sent; what comes at the other side is `wanted`, in that order, and nothing else."""
    for one in sent:
        here.send(one)
    for i, one in enumerate(wanted):
        got = take(there)
        if got != one:
            raise Failure(f"frame {i} of {len(wanted)}: {got and got[:40].hex()} instead of {one[:40].hex()}")
    got = take(there, 0.3)
    if got is not None:
        raise Failure(f"a frame too many: {got[:40].hex()}")


def says(m, line, pattern):
    said = m.command(line)
    if not re.search(pattern, said):
        raise Failure(f"`{line}` said\n{said}\nwanted: {pattern}")


def done(m, line):
    said = m.command(line)
    if said:
        raise Failure(f"`{line}` said\n{said}")


def awake(m, a, b):
    """Promiscuous before they are up: the card's deaf second is spent once, joined as they are."""
    done(m, "weir xconnect eth0 eth1")
    wake(a, b)
    done(m, "weir xconnect del eth0")


def tags_off_and_on(card, cpus):
    plain = [frame(i, 60 + 23 * i % 1450) for i in range(COUNT)]
    with Bench(card, cpus=cpus) as (m, a, b):
        awake(m, a, b)
        done(m, "ip link add link eth0 name eth0.10 type vlan id 10; ip link set eth0.10 up")
        done(m, "ip link add link eth1 name s type vlan id 100 protocol 802.1ad; ip link set s up")
        done(m, "ip link add link s name s.20 type vlan id 20 egress-qos-map 0:3; ip link set s.20 up")
        done(m, "ip link set eth0 promisc on; ip link set eth1 promisc on; sleep 1.5")
        done(m, "weir xconnect eth0.10 s.20")
        one = [tagged(p, "8100000a") for p in plain]
        two = [tagged(p, "88a80064", "81006014") for p in plain]
        crosses(a, b, one, two)
        crosses(b, a, two, one)
        others = [plain[0], tagged(plain[1], "8100000b"), tagged(plain[2], "88a8000a"), tagged(plain[3], "8100f00a")]
        crosses(a, b, others, [two[3]])
        says(m, "drops", r"(?m)^VLAN_UNKNOWN +eth0 +2 ")
        says(m, "cat /proc/net/vlan/eth0.10", rf"total frames received +{COUNT + 1}\n")
        says(m, "ip -s link show s.20", rf"s.20@s: (?s:.*)TX:.*\n +\d+ +{COUNT + 1} ")


def sifted(card):
    """The card lets in tags of VLANs that are used alone: another's is not even counted as dropped."""
    with Bench(card) as (m, a, b):
        done(m, "ip link set eth0 up; ip link add link eth0 name v type vlan id 7; ip link set v up")
        m.command("sleep 1.5")
        says(m, "ethtool -k eth0", r"(?m)^rx-vlan-filter: on \[fixed\]$")
        mine = bytes.fromhex("52540000000a") + frame(1, 60)[6:]
        for tag in ("81000008", "81000007", "81006000", "88a80009", "81000009"):
            a.send(tagged(mine, tag))
        says(m, "sleep 0.5; drops", r"(?m)^VLAN_UNKNOWN +eth0 +1 ")
        says(m, "cat /proc/net/vlan/v", r"total frames received +1\n")
        m.command("ip link set eth0 promisc on; sleep 1.5")
        a.send(tagged(mine, "81000008"))
        says(m, "sleep 0.5; drops", r"(?m)^VLAN_UNKNOWN +eth0 +2 ")


def follows(card):
    with Bench(card) as (m, a, b):
        done(m, "ip link set eth0 up; ip link add link eth0 name v type vlan id 7; ip link set v up")
        m.monitor.do("set_link", name="nic0", up=False)
        m.expect("v: link down")
        m.recover()
        says(m, "ip link show v", r"v@eth0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 .* state LOWERLAYERDOWN ")
        m.monitor.do("set_link", name="nic0", up=True)
        m.expect("v: link up")
        m.recover()
        done(m, "ip link set eth0 mtu 1400")
        says(m, "ip link show v", r"v@eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1400 .* state UP ")
        done(m, "ip link set eth0 address 02:00:00:00:00:44")
        says(m, "cat /sys/class/net/v/address", r"\A02:00:00:00:00:44\Z")
        m.command("ethtool -G eth0 rx 128")  # the link goes and comes
        says(m, "ip -br link show v", r"v@eth0 +UP ")


def dumped_again(card):
    with Bench(card) as (m, _, _):
        for line in ("ip link set eth0 name wan mtu 1450 up", "ip link add link wan name wan.5 up type vlan id 5",
                     "ip link add link wan.5 name q type vlan id 6 protocol 802.1ad ingress-qos-map 1:5",
                     "ip link add dummy0 type dummy", "ip link add v0 type veth peer name v1", "ip link set v1 up"):
            done(m, line)
        text = m.command("dump")
    dumps_again(card, text)


def main():
    report = Report()
    for card in CARDS:
        for cpus in (1, 4):
            report.run(f"tags_off_and_on {card} {cpus}", tags_off_and_on, card, cpus)
        report.run(f"sifted {card}", sifted, card)
        report.run(f"follows {card}", follows, card)
        report.run(f"dumped_again {card}", dumped_again, card)
    report.end()


if __name__ == "__main__":
    main()
