#!/usr/bin/env python3
"""Each of virtio-net's features off, and on alone, with every backend of QEMU's.

One machine has many cards, each with other features; one at a time is looked at from all sides. What was agreed on the
device tells (QEMU's monitor). What it comes to is seen at the card's far end, a tap whose packet socket shows each frame
with virtio's header: whether a checksum was left to the other side, and a large TCP packet in one piece; the rest in
what the machine and QEMU say. Everything is looked at on every card, so that a feature that is off must be seen to be
off, and disturbs no other.

    tap0 -- [eth0, which has everything  == weir xconnect ==  ethN] -- tapN, or UDP, or QEMU's own user network"""
import os
import re
import select
import socket
import struct
import sys
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import netns  # noqa: E402
from qemu import SLOW, Machine, arguments  # noqa: E402
from report import Failure, Report  # noqa: E402
from wires import Wire, cross  # noqa: E402

# A feature, QEMU's word for it, and what it hangs on by virtio 1.2, 5.1.3.1 (any one of a tuple). A frame of 64 KiB comes
# to us in pieces or not at all, so that merged frames hang on MRG_RXBUF too.
FEATURES = {
    "CSUM": ("csum", []),
    "GUEST_CSUM": ("guest_csum", []),
    "MTU": ("host_mtu", []),
    "GUEST_TSO4": ("guest_tso4", ["GUEST_CSUM", "MRG_RXBUF"]),
    "GUEST_TSO6": ("guest_tso6", ["GUEST_CSUM", "MRG_RXBUF"]),
    "GUEST_ECN": ("guest_ecn", [("GUEST_TSO4", "GUEST_TSO6")]),
    "HOST_TSO4": ("host_tso4", ["CSUM"]),
    "HOST_TSO6": ("host_tso6", ["CSUM"]),
    "HOST_ECN": ("host_ecn", [("HOST_TSO4", "HOST_TSO6")]),
    "MRG_RXBUF": ("mrg_rxbuf", []),
    "STATUS": ("status", []),
    "CTRL_VQ": ("ctrl_vq", []),
    "CTRL_RX": ("ctrl_rx", ["CTRL_VQ"]),
    "CTRL_VLAN": ("ctrl_vlan", ["CTRL_VQ"]),
    "GUEST_ANNOUNCE": ("guest_announce", ["CTRL_VQ"]),
    "MQ": ("mq", ["CTRL_VQ"]),
    "CTRL_MAC_ADDR": ("ctrl_mac_addr", ["CTRL_VQ"]),
    "RSS": ("rss", ["CTRL_VQ"]),
    "INDIRECT_DESC": ("indirect_desc", []),
    "EVENT_IDX": ("event_idx", []),
    "PACKED": ("packed", []),
    "RING_RESET": ("queue_reset", []),
}
FIRECRACKER = {"CSUM", "GUEST_CSUM", "GUEST_TSO4", "GUEST_TSO6", "HOST_TSO4", "HOST_TSO6", "GUEST_UFO", "HOST_UFO",
               "MRG_RXBUF", "EVENT_IDX", "MTU"}
UNUSED = {"GSO": "gso", "CTRL_GUEST_OFFLOADS": "ctrl_guest_offloads", "CTRL_RX_EXTRA": "ctrl_rx_extra",
          "HASH_REPORT": "hash", "GUEST_UFO": "guest_ufo", "HOST_UFO": "host_ufo", "RSC_EXT": "guest_rsc_ext"}
WORDS = {**{f: word for f, (word, _) in FEATURES.items()}, **UNUSED}
OF_A_HEADER = {"CSUM", "GUEST_CSUM", "GUEST_TSO4", "GUEST_TSO6", "GUEST_ECN", "HOST_TSO4", "HOST_TSO6", "HOST_ECN"}
NUMBERS = {40: "RING_RESET", 57: "HASH_REPORT", 60: "RSS", 61: "RSC_EXT"}  # that QEMU has no word for
ALWAYS = {"MAC", "VERSION_1"}
HOST_MTU = 1600

SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 263, 15, 23
NEEDS_CSUM, TCP4, TCP6, ECN = 1, 1, 4, 0x80
CWR, ACK = 0x80, 0x10
MSS = 1400
LARGE = 65000  # bytes of TCP in one packet
OTHER_MAC = "52:54:00:00:77:{:02x}"


def agreed(offered):
    """Of what is offered, what shall be agreed on."""
    got = {f for f in FEATURES if f in offered}
    while True:
        lacking = {f for f in got for need in FEATURES[f][1]
                   if not got & set(need if isinstance(need, tuple) else (need,))}
        if not lacking:
            return got
        got -= lacking


def needs(feature):
    """It, and all that it hangs on."""
    return {feature}.union(*(needs(n[0] if isinstance(n, tuple) else n) for n in FEATURES[feature][1]))


def told(features):
    names = set(re.findall(r"VIRTIO_(?:NET_|RING_)?F_(\w+):", " ".join(features["dev-features"] + features["transports"])))
    unknown = features.get("unknown-dev-features", 0) | features.get("unknown-transports", 0)
    return {n for n in names if n in WORDS} | {n for bit, n in NUMBERS.items() if unknown >> bit & 1}


# ---- frames ----

def fold(data, total=0):
    total += sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


ENDS = {4: (bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])), 6: (bytes(15) + b"\x01", bytes(15) + b"\x02")}
TCP_AT = {4: 34, 6: 54}
PAYLOAD_AT = {4: 54, 6: 74}


def pseudo(family, length):
    return fold(b"".join(ENDS[family]), 6 + length)


def tcp(family, payload, flags=ACK):
    """A frame whose checksum is left to the other side."""
    length = 20 + len(payload)
    head = struct.pack("!HHIIBBHHH", 1000, 2000, 1, 1, 0x50, flags, 1000, pseudo(family, length), 0)
    if family == 4:
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 1, 0x4000, 64, 6, 0) + b"".join(ENDS[4])
        ip = ip[:10] + struct.pack("!H", 0xffff ^ fold(ip)) + ip[12:]
    else:
        ip = struct.pack("!IHBB", 6 << 28, length, 6, 64) + b"".join(ENDS[6])
    return b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02" + (b"\x08\0" if family == 4 else b"\x86\xdd") + ip + head + payload


def flags_of(family, frame):
    return frame[TCP_AT[family] + 13]


def is_sound(family, partial, frame):
    """The checksum is right, or rightly begun."""
    l4 = frame[TCP_AT[family]:]
    if partial:
        return int.from_bytes(l4[16:18], "big") == pseudo(family, len(l4))
    return fold(l4, pseudo(family, len(l4))) == 0xffff


class Tap:
    """A card's far end, with virtio's header before each frame."""

    def __init__(self, space, name):
        self.socket = space.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.socket.bind((name, 3))

    def send(self, family, frame, size=0, ecn=False):
        gso = (TCP4 if family == 4 else TCP6) | (ECN if ecn else 0) if size else 0
        start = TCP_AT[family]
        self.socket.send(struct.pack("=BBHHHH", NEEDS_CSUM, gso, start + 20, size, start, 16) + frame)

    def receive(self, seconds):
        """(header, frame) or None"""
        if not select.select([self.socket], [], [], seconds)[0]:
            return None
        data = self.socket.recv(70000)
        return struct.unpack("=BBHHHH", data[:10]), data[10:]

    def drain(self, seconds=0.0):
        while self.receive(seconds):
            pass


def passed(here, there, family, size, flags=ACK):
    """Sends one TCP packet of so many bytes, gives what comes of it: [(is its checksum left to others, its kind, flags)]"""
    payload = bytes(i * 7 & 0xff for i in range(size))
    ecn = bool(flags & CWR)
    there.drain()
    here.send(family, tcp(family, payload, flags), MSS if size > MSS else 0, ecn)
    got, frames, until = b"", [], time.monotonic() + 10 * SLOW
    while len(got) < size and time.monotonic() < until:
        one = there.receive(0.2)
        if not one or one[1][14 + 6 * (family == 6) + 9 * (family == 4):][:1] != b"\x06":
            continue
        (marks, kind, _, _, _, _), frame = one
        partial = bool(marks & NEEDS_CSUM)
        if not is_sound(family, partial, frame):
            raise Failure(f"IPv{family}, {size} bytes: a wrong checksum in piece {len(frames)}, {frame[:80].hex()}")
        got += frame[PAYLOAD_AT[family]:]
        frames.append((partial, kind, flags_of(family, frame)))
    if got != payload:
        raise Failure(f"IPv{family}, {size} bytes: {len(got)} have come, in {frames}")
    if [f & CWR for *_, f in frames] != [flags & CWR] + [0] * (len(frames) - 1):
        raise Failure(f"IPv{family}, {size} bytes with flags {flags:#x} came as {frames}")
    return frames


def whole(frames, family, ecn=False):
    return [kind for _, kind, _ in frames] == [(TCP4 if family == 4 else TCP6) | (ECN if ecn else 0)]


# ---- one card ----

class Card:
    def __init__(self, name, on, backend="tap", mmio=False):
        self.name, self.on, self.backend, self.mmio = name, on, backend, mmio
        self.n = self.far = None

    def words(self, n, netdev):
        """At its place behind the machine's host bridge: eight to a slot."""
        self.n = n
        each = ",".join(f"{word}={'on' if f in self.on else 'off'}" for f, word in WORDS.items() if f != "MTU")
        kind = "virtio-net-device" if self.mmio else \
            f"virtio-net-pci,romfile=,vectors=6,multifunction=on,addr={3 + n // 8:#x}.{n % 8}"
        return ["-netdev", netdev, "-device", f"{kind},netdev=n{n},id=nic{n},mac=52:54:00:00:66:{n:02x},{each},"
                f"host_mtu={HOST_MTU if 'MTU' in self.on else 0}"]

    def path(self):
        """Of the device proper, among QEMU's objects."""
        return f"/machine/peripheral/nic{self.n}" + ("" if self.mmio else "/virtio-backend")

    def offered(self):
        return self.on if self.backend == "tap" else self.on - OF_A_HEADER - {"HASH_REPORT", "GUEST_UFO", "HOST_UFO"}


def soon(look, wanted):
    """What it says in the end: at once if it is as wanted, else after a while."""
    until = time.monotonic() + (5 * SLOW if wanted else 0.1)
    while not (seen := look()) and time.monotonic() < until:
        time.sleep(0.02)
    return seen


def announces(m, card, expected):
    """The host says that it moved us: do we tell the neighbours ourselves, by ARP."""
    def heard():
        while one := card.far.receive(0):
            if one[1][12:14] == b"\x08\x06" and one[1][28:32] == bytes([10, 66, card.n, 1]):
                return True
        return False

    m.command(f"ip addr add 10.66.{card.n}.1/24 dev eth{card.n}")
    card.far.drain(0.01)
    m.monitor.do("announce-self", initial=10, max=20, rounds=1, step=1, interfaces=[f"nic{card.n}"])
    return soon(heard, expected)


def link_lost(m, card, expected):
    m.monitor.do("set_link", name=f"nic{card.n}", up=False)
    lost = soon(lambda: m.command(f"cat /sys/class/net/eth{card.n}/carrier") == "0", expected)
    m.monitor.do("set_link", name=f"nic{card.n}", up=True)
    if not soon(lambda: m.command(f"cat /sys/class/net/eth{card.n}/carrier") == "1", True):
        raise Failure("the link has not come back")
    return lost


def packed(m, card):
    """By what lies between the areas of a queue: an available ring would have no room there."""
    queue = m.monitor.do("x-query-virtio-queue-status", path=card.path(), queue=0)
    return 0 < queue["vring-used"] - queue["vring-avail"] < 6 + 2 * queue["vring-num"]


def told_of_it(m, card, expected):
    """What the machine and QEMU say of a card that is up and alone."""
    dev, nic, mac = f"eth{card.n}", f"nic{card.n}", OTHER_MAC.format(card.n)
    sifts = m.monitor.do("query-rx-filter", name=nic)[0]
    m.command(f"ip link set {dev} address {mac}")
    seen = {
        "PACKED": packed(m, card),
        "CTRL_RX": not sifts["promiscuous"],
        "CTRL_VLAN": sifts["vlan"] == "normal" and sifts["vlan-table"] == [0],
        "CTRL_MAC_ADDR": m.monitor.do("query-rx-filter", name=nic)[0]["main-mac"] == mac,
        "RSS": "IP SA\nIP DA\nL4" in m.command(f"ethtool -n {dev} rx-flow-hash tcp6"),
    }
    most = int(re.search(r"maxmtu (\d+)", m.command(f"ip -d link show {dev}")).group(1))
    seen["MTU"] = most == HOST_MTU
    if not seen["MTU"]:
        seen["MRG_RXBUF"] = most == 65521
    if card.backend == "tap":
        pairs = int(re.search(r"Combined:\t(\d+)", m.command(f"ethtool -l {dev}")).group(1))
        if "RSS" not in expected:  # which comes with pairs of its own
            seen["MQ"] = pairs == 2
        elif pairs != 2:
            raise Failure(f"with RSS there are {pairs} pairs")
        seen["GUEST_ANNOUNCE"] = announces(m, card, "GUEST_ANNOUNCE" in expected)
    seen["STATUS"] = link_lost(m, card, "STATUS" in expected)
    return seen


def seen_of_frames(here, there):
    """Whole frames and what is left of their checksums, from the first card's far end to this one's and back."""
    seen = {"CSUM": True, "GUEST_CSUM": True}
    for family in (4, 6):
        for way, a, b in (("HOST", here, there), ("GUEST", there, here)):
            small = passed(a, b, family, 100)
            seen["CSUM" if way == "HOST" else "GUEST_CSUM"] &= small[0][0]
            seen[f"{way}_TSO{family}"] = whole(passed(a, b, family, LARGE), family)
            seen[f"{way}_ECN{family}"] = whole(passed(a, b, family, 9000, ACK | CWR), family, True)
    return seen


def check_seen(seen, expected):
    wanted = {f: f in expected for f in FEATURES}
    for way in ("HOST", "GUEST"):
        for family in (4, 6):
            wanted[f"{way}_ECN{family}"] = {f"{way}_ECN", f"{way}_TSO{family}"} <= expected
    wrong = [f"{f} is seen {'on' if on else 'off'}" for f, on in seen.items() if on != wanted[f]]
    if wrong:
        raise Failure(", ".join(wrong) + f"; agreed on are {' '.join(sorted(expected))}")


def through(m, first, card):
    """Frames both ways between the two cards."""
    m.command(f"weir xconnect eth0 eth{card.n}; ethtool -K eth{card.n} gro off")
    try:
        if card.backend == "tap":
            return seen_of_frames(first.far, card.far)
        lengths = [60, 1514, 61] + [60 + 7 * i % 1454 for i in range(60)]
        cross(first.far, card.far, lengths)
        cross(card.far, first.far, lengths)
        return {}
    finally:
        m.command(f"weir xconnect del eth{card.n}")


def look_at(m, first, card):
    dev = f"eth{card.n}"
    m.command(f"ip link set {dev} up")
    try:
        look_at_one_up(m, first, card, dev)
    finally:
        m.recover()
        m.command(f"ip addr flush dev {dev}; ip link set {dev} down")


def look_at_one_up(m, first, card, dev):
    status = m.monitor.do("x-query-virtio-status", path=card.path())
    offered, got, expected = told(status["host-features"]), told(status["guest-features"]), agreed(card.offered())
    for what, is_so, wanted in (("offered", offered, card.offered()), ("agreed on", got, expected)):
        if is_so != wanted - {"PACKED"}:  # of which QEMU does not tell
            raise Failure(f"{what} besides what shall be: {sorted(is_so - wanted)}; lacking: {sorted(wanted - is_so)}")
    check_seen(told_of_it(m, card, expected), expected)
    if card.backend == "user":
        said = m.command(f"ip addr add 10.0.2.15/24 dev {dev}; ping -c 2 -i 0.1 -s 1400 10.0.2.2")
        if " 2 received" not in said:
            raise Failure(said)
    else:
        check_seen(through(m, first, card), expected)


# ---- all of them ----

def rows(backend):
    """On the backends without virtio's header, what hangs on it is no more than a bit that is not there."""
    everything = set(FEATURES)
    few = backend != "tap" and not os.environ.get("TEST_LONG")
    yield "all", everything
    yield "all_and_those_that_are_not_used", everything | set(UNUSED)
    yield "none", set()
    yield "as_firecracker", FIRECRACKER
    for f in FEATURES:
        if not few or f not in OF_A_HEADER:
            yield f"without_{f}", everything - {f}
    for f in () if few else FEATURES:
        yield f"alone_{f}", needs(f)
        if needs(f) != {f}:
            yield f"alone_{f}_without_what_it_hangs_on", {f}


def rows_of_mmio():
    yield "all", set(FEATURES)
    yield "as_firecracker", FIRECRACKER
    yield "none", set()


def looked_at(report, backend, cards, **kind):
    """As many as one machine holds; the first is the other end for the rest."""
    first = Card("first", set(FEATURES) - {"MTU", "RSS", "MQ"}, backend if backend != "user" else "dgram", cards[0].mmio)
    with ExitStack() as stack:
        words, fds, inside = [], [], lambda words: words
        if backend == "tap":
            net = stack.enter_context(netns.Between(queues=2))
            net.hush()
            inside = net.inside
        for n, card in enumerate([first, *cards]):
            if card.backend == "tap":
                own = net.client.add_tap(f"wire{n}")
                fds += own
                card.far = Tap(net.client, f"wire{n}")
                words += card.words(n, f"tap,id=n{n},fds={own[0]}:{own[1]}")
            elif card.backend == "user":
                words += card.words(n, f"user,id=n{n},restrict=on")
            else:
                card.far = Wire(n)
                words += card.words(n, card.far.netdev(card.backend))
        words = arguments(cpus=2, mem=512, append="ip=off loglevel=3", extra=words + kind.pop("more", []), **kind)
        m = stack.enter_context(Machine(words=inside(words), fds=fds, limit=150))
        m.ready(90)
        m.command("ethtool -K eth0 gro off")
        for card in cards:
            report.run(f"{'mmio_' * card.mmio}{backend}_{card.name}", look_at, m, first, card)


def main():
    report = Report()
    why = netns.missing()
    for backend in ("tap", "dgram", "socket", "user"):
        cards = [Card(name, on, backend) for name, on in rows(backend)]
        if backend == "tap" and why:
            report.skip("tap", why)
            continue
        for at in range(0, len(cards), 31):
            looked_at(report, backend, cards[at:at + 31])
    if not why:
        cards = [Card(name, on, mmio=True) for name, on in rows_of_mmio()]
        looked_at(report, "tap", cards, machine="microvm", more=["-global", "virtio-mmio.force-legacy=false"])
    report.end()


if __name__ == "__main__":
    main()
